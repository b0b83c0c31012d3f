//! What `core.get_methods` lets the credential call, beside what the collector calls.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::json;

use super::method_name;
use crate::gather::rbac::truenas_methods;
use crate::source::SourceError;
use crate::source::truenas::{self, CORE_GET_METHODS, Method, Session, Version};

/// What every session may call, whatever its rights. A key up to 24.10 is shown these too, although it may call only those
/// that its list names.
const ANY_LOGIN: &[&str] = &[
    "auth.generate_token",
    "auth.logout",
    "auth.me",
    "auth.set_attribute",
    "core.bulk",
    "core.download",
    "core.get_jobs",
    "core.get_methods",
    "core.get_services",
    "core.job_abort",
    "core.job_download_logs",
    "core.job_wait",
    "core.ping",
    "core.resize_shell",
    "core.subscribe",
    "core.unsubscribe",
    "directoryservices.get_state",
    "directoryservices.status",
    "failover.licensed",
    "interface.lacpdu_rate_choices",
    "interface.xmit_hash_policy_choices",
    "privilege.roles",
    "system.advanced.syslog_certificate_authority_choices",
    "system.hostname",
    "system.is_stable",
    "system.version",
    "system.version_short",
    "tunable.tunable_type_choices",
    "user.renew_2fa_secret",
    "user.set_password",
];

/// What a credential may call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Callable {
    /// Methods that a run calls and this credential may not.
    pub(crate) missing: Vec<&'static str>,
    /// Methods that a run never calls.
    pub(crate) n_beyond: usize,
    /// Those of them that change something, sorted, as the appliance names them.
    pub(crate) changing: Vec<String>,
}

/// The part of an entry that is looked at.
#[derive(Debug, Default, Deserialize)]
struct Entry {
    roles: Option<Vec<String>>,
    #[serde(default)]
    no_auth_required: bool,
    #[serde(default)]
    no_authz_required: bool,
}

/// Asks which methods this credential may call.
pub(super) async fn ask(session: &mut Session) -> Result<Callable, SourceError> {
    let params = json!([null, "WS"]);
    let methods: BTreeMap<String, Entry> =
        truenas::ask(session, &CORE_GET_METHODS, &params).await?;
    Ok(judge(&methods, session.version()))
}

fn judge(methods: &BTreeMap<String, Entry>, version: Version) -> Callable {
    let is_known = |name: &str| Method::ALL.iter().any(|method| method.name() == name);
    let beyond = methods.iter().filter(|(name, entry)| {
        let is_open = entry.no_auth_required || entry.no_authz_required;
        !is_open && !is_known(name) && !ANY_LOGIN.contains(&name.as_str())
    });
    let changing = beyond
        .clone()
        .filter(|(name, entry)| entry.is_changing(name, version));
    let needed = truenas_methods(version).into_iter();
    Callable {
        missing: needed.filter(|name| !methods.contains_key(*name)).collect(),
        n_beyond: beyond.clone().count(),
        changing: changing.map(|(name, _)| name.clone()).collect(),
    }
}

impl Entry {
    /// Every right that opens the method is more than a right to read: so the credential holds such a one. A key up to
    /// 24.10 holds no rights but a list, so what has no rights to go by is judged by name, in doubt as a change.
    fn is_changing(&self, name: &str, version: Version) -> bool {
        let is_reading = |role: &String| role.ends_with("_READ") || role == "READONLY_ADMIN";
        match self.roles.as_deref() {
            Some(roles) if !roles.is_empty() => !roles.iter().any(is_reading),
            _ if version < Version::JSON_RPC => !method_name::is_read(name),
            Some(_) => false,
            None => method_name::verb(name).is_some(),
        }
    }
}

impl Callable {
    /// What the changes do, in words of this program.
    pub(super) fn verbs(&self) -> BTreeSet<&'static str> {
        let names = self.changing.iter();
        names.filter_map(|name| method_name::verb(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, version: Version, n_beyond: usize, changing: &[&str]) -> Callable {
        let methods: BTreeMap<String, Entry> = serde_json::from_str(text).unwrap();
        let callable = judge(&methods, version);
        assert_eq!(callable.n_beyond, n_beyond);
        assert_eq!(callable.changing, changing);
        callable
    }

    #[test]
    fn right_to_write_shows_in_the_methods_that_only_it_opens() {
        let text = r#"{
            "pool.query": {"roles": ["POOL_READ"]},
            "pool.create": {"roles": ["POOL_WRITE"]},
            "pool.snapshot.delete": {"roles": ["SNAPSHOT_DELETE"]},
            "vm.query": {"roles": ["VM_READ", "READONLY_ADMIN"]},
            "auth.generate_token": {"roles": []},
            "auth.new_and_for_everybody": {"roles": []},
            "auth.login_ex": {"roles": ["FULL_ADMIN"], "no_auth_required": true}
        }"#;
        let changing = ["pool.create", "pool.snapshot.delete"];
        let callable = check(text, Version::new(25, 10), 4, &changing);
        assert!(callable.verbs().into_iter().eq(["create", "delete"]));
        assert!(callable.missing.contains(&"pool.dataset.query"));
        assert!(!callable.missing.contains(&"pool.query"));
    }

    #[test]
    fn releases_without_roles_are_judged_by_name_and_doubt_is_a_change() {
        let text = r#"{"pool.query": {}, "pool.dataset.delete": {}, "vm.query": {}, "core.bulk": {},
            "vm.device.passthrough": {"roles": []}, "vm.flags": {"roles": ["VM_DEVICE_READ"]}}"#;
        let changing = ["pool.dataset.delete", "vm.device.passthrough"];
        check(text, Version::new(24, 4), 4, &changing);
        check(text, Version::new(25, 4), 4, &changing[..1]);
        assert!(ANY_LOGIN.is_sorted());
    }

    #[test]
    fn methods_of_any_login_are_known_for_every_release() {
        macro_rules! recorded {
            ($tag:literal) => {
                include_str!(concat!(
                    "../../../../tests/recorded/schemas/truenas/methods/",
                    $tag,
                    ".json"
                ))
            };
        }
        for text in [
            recorded!("TS-24.04.2.5"),
            recorded!("TS-24.10.2.4"),
            recorded!("TS-25.04.2.6"),
            recorded!("TS-25.10.6"),
            recorded!("TS-26.0.0-BETA.3"),
        ] {
            let methods: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).unwrap();
            let is_of_any_login = |entry: &serde_json::Value| {
                let flags = entry["flags"].as_array().into_iter().flatten();
                flags.into_iter().any(|flag| flag == "noauthz")
            };
            for (name, _) in methods.iter().filter(|(_, entry)| is_of_any_login(entry)) {
                assert!(ANY_LOGIN.contains(&name.as_str()), "{name}");
            }
        }
    }
}
