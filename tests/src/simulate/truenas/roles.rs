//! Which method exists on a release, and which roles may call it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::grant::Grant;
use super::release::Release;

const ALLOWLIST: &str = include_str!("../../../recorded/schemas/truenas/allowlist.json");

/// Methods that exist but are private: only a full administrator reaches them.
const PRIVATE: [&str; 3] = ["zfs.snapshot.query", "zfs.dataset.query", "zfs.pool.query"];

/// Who may call one method.
#[derive(Debug, Clone, Default)]
pub(super) struct Access {
    /// Any of these roles suffices.
    roles: Vec<String>,
    /// Callable before login.
    pub(super) is_open: bool,
    /// Callable by anybody who is logged in.
    is_common: bool,
    /// Starts a job.
    is_job: bool,
}

/// The methods of one release.
#[derive(Debug)]
pub(super) struct MethodTable {
    methods: BTreeMap<String, Access>,
}

impl MethodTable {
    /// Builds the table from the recorded lists.
    pub(super) fn new(release: &Release) -> Self {
        let mut methods = BTreeMap::new();
        let listed: Value = serde_json::from_str(release.methods).unwrap_or_default();
        for (name, entry) in listed
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| !name.starts_with('_'))
        {
            methods.insert(name.clone(), Access::listed(entry));
        }
        let allowlist: Value = serde_json::from_str(ALLOWLIST).unwrap_or_default();
        for (name, entry) in allowlist.as_object().into_iter().flatten() {
            let Some(roles) = entry["roles_by_version"].get(release.name) else {
                continue;
            };
            let access = methods
                .entry(name.clone())
                .or_insert_with(|| Access::named(roles));
            // The 24 releases have no fine roles: an API key lists the methods it may call. The roles of 25.04 stand for that list.
            if !release.has_rpc() {
                access.roles.extend(
                    strings(&entry["roles_by_version"]["25.04"])
                        .filter(|role| !role.starts_with('(')),
                );
                access.is_common |=
                    strings(&entry["roles_by_version"]["25.04"]).any(|role| role == "(any login)");
            }
        }
        for name in PRIVATE {
            methods.entry(name.to_owned()).or_default();
        }
        Self { methods }
    }

    /// Who may call a method; `None` when the release does not have it.
    pub(super) fn access(&self, method: &str) -> Option<&Access> {
        self.methods.get(method)
    }

    /// Names of the methods that roles open, beyond those that are open to everybody.
    pub(super) fn granted(&self, held: &[String]) -> impl Iterator<Item = String> {
        let is_granted = |access: &Access| {
            let is_named = access
                .roles
                .iter()
                .any(|needed| held.iter().any(|held| grants(held, needed)));
            is_named && !access.is_open && !access.is_common
        };
        let granted = self.methods.iter().filter(|(_, access)| is_granted(access));
        let names: Vec<String> = granted.map(|(name, _)| name.clone()).collect();
        names.into_iter()
    }

    /// Answer of `core.get_methods`: what an account may call.
    pub(super) fn describe(&self, grant: &Grant, service: Option<&str>) -> Value {
        let is_wanted = |name: &str| {
            service.is_none_or(|service| name.rsplit_once('.').is_some_and(|(of, _)| of == service))
        };
        let entries = self.methods.iter().filter(|(name, access)| {
            // What any login may call is shown to every key, also to one that may not call it.
            is_wanted(name) && (access.is_common || grant.permits(name, access))
        });
        let describe = |(name, access): (&String, &Access)| {
            let entry = json!({
                "description": null, "cli_description": "", "examples": {"rest": [], "websocket": []}, "roles": access.roles,
                "filterable": name.ends_with(".query"), "job": access.is_job, "private": false, "no_auth_required": access.is_open,
                "pass_application": false, "require_websocket": false, "downloadable": false, "uploadable": false,
            });
            (name.clone(), entry)
        };
        Value::Object(entries.map(describe).collect())
    }
}

impl Access {
    fn listed(entry: &Value) -> Self {
        let has_flag = |flag: &str| strings(&entry["flags"]).any(|known| known == flag);
        Self {
            roles: strings(&entry["roles"]).collect(),
            is_open: has_flag("noauth"),
            is_common: has_flag("noauthz"),
            is_job: has_flag("job"),
        }
    }

    fn named(roles: &Value) -> Self {
        let has = |wanted: &str| strings(roles).any(|role| role == wanted);
        Self {
            roles: strings(roles)
                .filter(|role| !role.starts_with('('))
                .collect(),
            is_open: has("(none)"),
            is_common: has("(any login)"),
            is_job: false,
        }
    }

    /// True when one of the roles held grants the method.
    pub(super) fn permits(&self, held: &[String]) -> bool {
        self.is_open
            || self.is_common
            || held.iter().any(|role| {
                role == "FULL_ADMIN" || self.roles.iter().any(|needed| grants(role, needed))
            })
    }
}

fn strings(list: &Value) -> impl Iterator<Item = String> + '_ {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
}

/// True when holding one role includes another.
fn grants(held: &str, needed: &str) -> bool {
    if held == needed || (held == "READONLY_ADMIN" && needed.ends_with("_READ")) {
        return true;
    }
    if let Some(stem) = held.strip_suffix("_WRITE") {
        return grants(&format!("{stem}_READ"), needed);
    }
    match held {
        "POOL_READ" => needed == "POOL_SCRUB_READ",
        "SHARING_READ" => needed.starts_with("SHARING_") && needed.ends_with("_READ"),
        "SHARING_ISCSI_READ" => needed.starts_with("SHARING_ISCSI_") && needed.ends_with("_READ"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;

    fn permits(version: &str, role: &str, method: &str) -> bool {
        let table = MethodTable::new(Version::parse(version).unwrap().release());
        table.access(method).unwrap().permits(&[role.to_owned()])
    }

    #[test]
    fn a_fine_role_opens_its_method_only() {
        assert!(permits("25.10", "POOL_READ", "pool.query"));
        assert!(!permits("25.10", "POOL_READ", "pool.dataset.query"));
        assert!(permits("24.04", "POOL_READ", "pool.query"));
    }

    #[test]
    fn the_read_only_administrator_cannot_write() {
        assert!(permits("25.10", "READONLY_ADMIN", "iscsi.auth.query"));
        assert!(!permits("25.10", "READONLY_ADMIN", "pool.create"));
    }

    #[test]
    fn a_private_method_needs_a_full_administrator() {
        assert!(!permits("25.10", "READONLY_ADMIN", "zfs.snapshot.query"));
        assert!(permits("25.10", "FULL_ADMIN", "zfs.snapshot.query"));
    }
}
