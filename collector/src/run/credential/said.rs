//! What `auth.me` says about the account.

use serde::Deserialize;
use serde_json::json;

use super::method_name;
use crate::source::SourceError;
use crate::source::truenas::ejson::Set;
use crate::source::truenas::{self, AUTH_ME, Session};

/// The rights of an account.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Roles, as the appliance lists them.
    pub(crate) roles: Vec<String>,
    /// Whether it may open a shell in the web interface.
    pub(super) has_web_shell: bool,
    /// Single methods and patterns that are allowed beside the roles.
    pub(super) allowlist: Vec<Allowed>,
}

/// One entry of an allowlist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Allowed {
    method: String,
    resource: String,
}

#[derive(Deserialize)]
struct Me {
    privilege: Option<Privilege>,
}

#[derive(Deserialize)]
struct Privilege {
    #[serde(default = "none")]
    roles: Set<String>,
    #[serde(default = "none")]
    allowlist: Set<Allowed>,
    #[serde(default)]
    web_shell: bool,
}

fn none<T>() -> Set<T> {
    Set(Vec::new())
}

/// Asks. Up to 24.10 the appliance refuses, as the key then belongs to no account.
pub(super) async fn ask(session: &mut Session) -> Result<Rights, SourceError> {
    let me: Me = truenas::ask(session, &AUTH_ME, &json!([])).await?;
    let malformed = SourceError::Malformed {
        what: AUTH_ME.name(),
    };
    me.privilege.map(Rights::of).ok_or(malformed)
}

impl Rights {
    fn of(privilege: Privilege) -> Self {
        Self {
            roles: privilege.roles.0,
            has_web_shell: privilege.web_shell,
            allowlist: privilege.allowlist.0,
        }
    }

    /// The first role that is none of reading. A role of a later release is one too, as nobody knows what it opens.
    pub(super) fn writing_role(&self) -> Option<&str> {
        let is_reading = |role: &str| role.ends_with("_READ") || role == "READONLY_ADMIN";
        let mut roles = self.roles.iter().map(String::as_str);
        roles.find(|role| !is_reading(role))
    }
}

impl Allowed {
    #[cfg(test)]
    pub(super) fn new(method: &str, resource: &str) -> Self {
        Self {
            method: method.to_owned(),
            resource: resource.to_owned(),
        }
    }

    /// Whether it stands for more than one method.
    pub(super) fn is_pattern(&self) -> bool {
        self.method != "CALL" || self.resource.contains('*')
    }

    /// Every method, as keys have it that the web interface makes up to 24.10.
    pub(super) fn is_all(&self) -> bool {
        self.resource == "*" && ["*", "CALL"].contains(&self.method.as_str())
    }

    /// Whether something may be changed by it. A pattern that could match a change is one.
    pub(super) fn is_changing(&self) -> bool {
        match self.method.as_str() {
            "GET" | "SUBSCRIBE" => false,
            "CALL" | "*" if self.resource.contains('*') => !method_name::is_read(&self.resource),
            "CALL" => method_name::verb(&self.resource).is_some(),
            "*" => self.resource.starts_with('/') || method_name::verb(&self.resource).is_some(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(answer: serde_json::Value) -> Rights {
        let me: Me = serde_json::from_value(answer).unwrap();
        me.privilege.map(Rights::of).unwrap()
    }

    #[test]
    fn both_spellings_of_a_set_are_read_and_every_role_but_a_reading_one_writes() {
        let me = |roles| json!({"pw_name": "x", "privilege": {"roles": roles, "web_shell": false}});
        let check = |roles, expected: Option<&str>| {
            let rights = rights(me(roles));
            assert_eq!(rights.writing_role(), expected);
        };
        check(
            json!({"$set": ["POOL_READ", "FULL_ADMIN"]}),
            Some("FULL_ADMIN"),
        );
        check(json!(["SNAPSHOT_WRITE"]), Some("SNAPSHOT_WRITE"));
        check(json!(["SNAPSHOT_DELETE"]), Some("SNAPSHOT_DELETE"));
        check(json!(["REPLICATION_ADMIN"]), Some("REPLICATION_ADMIN"));
        check(json!({"$set": ["READONLY_ADMIN", "POOL_READ"]}), None);
        check(json!([]), None);
    }

    #[test]
    fn entry_that_could_match_a_change_changes() {
        for (method, resource, is_changing) in [
            ("*", "*", true),
            ("*", "pool.*", true),
            ("CALL", "pool.dataset.delete", true),
            ("CALL", "pool.dataset.d*", true),
            ("*", "/pool/dataset", true),
            ("POST", "/pool/dataset", true),
            ("DELETE", "/pool/dataset/id/*", true),
            ("CALL", "*.query", false),
            ("CALL", "pool.query", false),
            ("CALL", "pool.dataset.recommended_zvol_blocksize", false),
            ("GET", "/pool", false),
            ("SUBSCRIBE", "pool.query", false),
        ] {
            let allowed = Allowed::new(method, resource);
            assert_eq!(allowed.is_changing(), is_changing, "{allowed:?}");
            assert_eq!(allowed.is_all(), (method, resource) == ("*", "*"));
        }
    }
}
