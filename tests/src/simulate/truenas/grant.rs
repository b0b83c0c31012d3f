//! What an API key may do: the roles of its user from 25.04 on, before that a list of its own.

use serde_json::{Value, json};

use super::roles::{Access, MethodTable};
use crate::world::{self, Allowed};

/// What every session of a collector calls beside the lists.
const SESSION: [&str; 4] = ["auth.me", "core.get_methods", "core.ping", "system.version"];

/// What an API key may do.
#[derive(Debug)]
pub(super) enum Grant {
    /// What the roles of its user open.
    Roles(Vec<String>),
    /// What its list allows; it belongs to no user.
    List(Vec<Allowed>),
}

impl Grant {
    /// The grant of an appliance. A world that names roles and not a list gets, up to 24.10, the list that the roles of
    /// later releases stand for: all of it for a full administrator, as the web interface makes keys there.
    pub(super) fn new(appliance: &world::Appliance, methods: &MethodTable) -> Self {
        if appliance.version.release().has_rpc() {
            return Self::Roles(appliance.roles.clone());
        }
        if let Some(list) = &appliance.allowlist {
            return Self::List(list.clone());
        }
        if appliance.roles.iter().any(|role| role == "FULL_ADMIN") {
            return Self::List(vec![Allowed {
                method: "*".to_owned(),
                resource: "*".to_owned(),
            }]);
        }
        let session = SESSION.iter().map(|name| (*name).to_owned());
        let names = methods.granted(&appliance.roles).chain(session);
        let call = |resource| Allowed {
            method: "CALL".to_owned(),
            resource,
        };
        Self::List(names.map(call).collect())
    }

    /// Whether a method may be called after the login.
    pub(super) fn permits(&self, method: &str, access: &Access) -> bool {
        match self {
            Self::Roles(roles) => access.permits(roles),
            Self::List(list) => {
                access.is_open || list.iter().any(|allowed| allowed.covers("CALL", method))
            }
        }
    }

    /// Whether secrets come in clear.
    pub(super) fn sees_secrets(&self) -> bool {
        match self {
            Self::Roles(roles) => roles
                .iter()
                .any(|role| role == "FULL_ADMIN" || role.ends_with("_WRITE")),
            Self::List(list) => list.iter().any(|allowed| allowed.resource == "*"),
        }
    }

    /// Whether it opens nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Roles(roles) => roles.is_empty(),
            Self::List(list) => list.is_empty(),
        }
    }

    /// The privilege as `auth.me` shows it: roles, and the methods that they open; nothing for a key without a user.
    pub(super) fn privilege(&self, methods: &MethodTable, has_web_shell: bool) -> Option<Value> {
        let Self::Roles(roles) = self else {
            return None;
        };
        let allowlist: Vec<Value> = match roles.iter().any(|role| role == "FULL_ADMIN") {
            true => vec![json!({"method": "*", "resource": "*"})],
            false => methods
                .granted(roles)
                .map(|name| json!({"method": "CALL", "resource": name}))
                .collect(),
        };
        Some(json!({
            "roles": {"$set": roles}, "allowlist": allowlist, "web_shell": has_web_shell, "webui_access": has_web_shell,
        }))
    }
}

impl Allowed {
    /// Whether the entry covers a call; `*` stands for any text.
    fn covers(&self, method: &str, resource: &str) -> bool {
        let is_method = self.method == "*" || self.method == method;
        is_method && matches(self.resource.as_bytes(), resource.as_bytes())
    }
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|start| matches(rest, &text[start..])),
        Some((first, rest)) => text
            .split_first()
            .is_some_and(|(head, tail)| head == first && matches(rest, tail)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;

    fn grant(version: &str, roles: &[&str]) -> (Grant, MethodTable) {
        let version = Version::parse(version).unwrap();
        let methods = MethodTable::new(version.release());
        let appliance = world::Appliance {
            name: "a".to_owned(),
            version,
            user: "u".to_owned(),
            api_key: None,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            allowlist: None,
            has_web_shell: false,
            folder: std::path::PathBuf::new(),
        };
        (Grant::new(&appliance, &methods), methods)
    }

    #[track_caller]
    fn check(version: &str, role: &str, method: &str, expected: bool) {
        let (grant, methods) = grant(version, &[role]);
        let access = methods.access(method).unwrap();
        assert_eq!(
            grant.permits(method, access),
            expected,
            "{version} {method}"
        );
    }

    #[test]
    fn older_key_calls_what_its_list_names_and_not_what_any_user_may() {
        check("24.10", "POOL_READ", "pool.query", true);
        check("24.10", "POOL_READ", "core.get_methods", true);
        check("24.10", "POOL_READ", "pool.dataset.query", false);
        check("24.10", "POOL_READ", "core.bulk", false);
        check("25.10", "POOL_READ", "core.bulk", true);
        check("24.04", "FULL_ADMIN", "pool.create", true);
        check("24.04", "DATASET_DELETE", "pool.dataset.delete", true);
        check("24.04", "POOL_READ", "pool.create", false);
    }

    #[test]
    fn star_stands_for_any_text() {
        let covers = |pattern: &str, text: &str| {
            let (method, resource) = ("*".to_owned(), pattern.to_owned());
            Allowed { method, resource }.covers("CALL", text)
        };
        assert!(covers("pool.*", "pool.dataset.delete") && covers("*", "x"));
        assert!(covers("*.query", "pool.query") && !covers("*.query", "pool.create"));
        assert!(!covers("pool.query", "pool.query_more"));
    }

    #[test]
    fn only_a_user_has_a_privilege_to_show() {
        let shown = |version, roles: &[&str]| {
            let (grant, methods) = grant(version, roles);
            grant.privilege(&methods, false)
        };
        assert_eq!(shown("24.10", &["POOL_READ"]), None);
        let privilege = shown("25.10", &["POOL_READ"]).unwrap();
        let entry = json!({"method": "CALL", "resource": "pool.query"});
        assert!(privilege["allowlist"].as_array().unwrap().contains(&entry));
        let all = json!([{"method": "*", "resource": "*"}]);
        assert_eq!(shown("25.10", &["FULL_ADMIN"]).unwrap()["allowlist"], all);
    }
}
