//! Methods that a TrueNAS key may call and that the collector never calls, whatever the release calls its rights.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::source::SourceError;
use crate::source::truenas::{CORE_GET_METHODS, Method, Session, Version};

/// Last words of methods that change something.
const CHANGING: &[&str] = &[
    "abort",
    "attach",
    "create",
    "delete",
    "destroy",
    "detach",
    "do_create",
    "do_delete",
    "do_update",
    "export",
    "format",
    "import",
    "promote",
    "reboot",
    "replace",
    "reset",
    "restart",
    "rollback",
    "run",
    "set",
    "shutdown",
    "start",
    "stop",
    "update",
    "wipe",
];

/// What a key may do beyond the compiled list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Excess {
    /// Methods that are not on the compiled list.
    pub(super) n_callable: usize,
    /// Methods that change something, sorted.
    pub(super) changing: Vec<String>,
    /// Whether the release says which right each method needs.
    pub(super) is_certain: bool,
}

/// The part of an entry that is looked at.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Entry {
    roles: Option<Vec<String>>,
    #[serde(default)]
    no_auth_required: bool,
}

/// Asks which methods this key may call.
pub(super) async fn ask(session: &mut Session) -> Result<Excess, SourceError> {
    let params = json!([null, "WS"]);
    let methods: BTreeMap<String, Entry> = session.call(&CORE_GET_METHODS, &params).await?;
    Ok(judge(&methods, session.version()))
}

fn judge(methods: &BTreeMap<String, Entry>, version: Version) -> Excess {
    let is_known = |name: &str| Method::ALL.iter().any(|method| method.name() == name);
    let beyond = methods
        .iter()
        .filter(|(name, entry)| !is_known(name) && !entry.no_auth_required);
    let is_certain = version >= Version::JSON_RPC;
    let changing = beyond.clone().filter(|(name, entry)| match is_certain {
        true => needs_more_than_reading(entry),
        false => is_changing(name),
    });
    Excess {
        n_callable: beyond.clone().count(),
        changing: changing.map(|(name, _)| name.clone()).collect(),
        is_certain,
    }
}

/// Every right that opens the method is more than a right to read: so the key holds such a one.
fn needs_more_than_reading(entry: &Entry) -> bool {
    let is_reading = |role: &String| role.ends_with("_READ") || role == "READONLY_ADMIN";
    entry
        .roles
        .as_ref()
        .is_some_and(|roles| !roles.is_empty() && !roles.iter().any(is_reading))
}

fn is_changing(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    CHANGING.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, version: Version, n_callable: usize, changing: &[&str]) {
        let methods: BTreeMap<String, Entry> = serde_json::from_str(text).unwrap();
        let excess = judge(&methods, version);
        assert_eq!(excess.n_callable, n_callable);
        assert_eq!(excess.changing, changing);
    }

    #[test]
    fn right_to_write_shows_in_the_methods_that_only_it_opens() {
        let text = r#"{
            "pool.query": {"roles": ["POOL_READ"]},
            "pool.create": {"roles": ["POOL_WRITE"]},
            "pool.snapshot.delete": {"roles": ["SNAPSHOT_DELETE"]},
            "vm.query": {"roles": ["VM_READ", "READONLY_ADMIN"]},
            "auth.generate_token": {"roles": []},
            "auth.login_ex": {"roles": ["FULL_ADMIN"], "no_auth_required": true}
        }"#;
        check(
            text,
            Version::new(25, 10),
            4,
            &["pool.create", "pool.snapshot.delete"],
        );
    }

    #[test]
    fn releases_without_roles_are_judged_by_name() {
        let text = r#"{"pool.query": {}, "pool.dataset.delete": {}, "vm.query": {}}"#;
        check(text, Version::new(24, 4), 2, &["pool.dataset.delete"]);
        assert!(CHANGING.is_sorted());
    }
}
