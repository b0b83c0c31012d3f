//! What a TrueNAS credential may do, as the appliance says.

use serde::Deserialize;
use serde_json::json;

use crate::source::truenas::ejson::Set;
use crate::source::truenas::{AUTH_ME, Session};

/// What the appliance says about the credential.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Roles, as the appliance lists them.
    pub(crate) roles: Vec<String>,
    /// The first right that goes beyond reading.
    pub(crate) writes: Option<String>,
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
}

#[derive(Deserialize)]
struct Allowed {
    method: String,
    resource: String,
}

fn none<T>() -> Set<T> {
    Set(Vec::new())
}

/// Asks; nothing when the appliance does not say, as with keys of releases that list methods instead of roles.
pub(crate) async fn rights(session: &mut Session) -> Option<Rights> {
    if !session.is_served(&AUTH_ME) {
        return None;
    }
    match session.call::<Me>(&AUTH_ME, &json!([])).await {
        Ok(me) => Some(of(me)),
        Err(error) => {
            tracing::warn!(%error, "appliance does not say what the credential may do");
            None
        }
    }
}

fn of(me: Me) -> Rights {
    let Some(privilege) = me.privilege else {
        return Rights::default();
    };
    let roles = privilege.roles.0;
    let writing_role = roles
        .iter()
        .find(|role| *role == "FULL_ADMIN" || role.ends_with("_WRITE"))
        .cloned();
    let is_all = |allowed: &Allowed| allowed.method == "*" && allowed.resource == "*";
    let has_all = privilege.allowlist.0.iter().any(is_all);
    Rights {
        writes: writing_role.or_else(|| has_all.then(|| "every method".to_owned())),
        roles,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: serde_json::Value, writes: Option<&str>) {
        let me: Me = serde_json::from_value(answer).unwrap();
        assert_eq!(of(me).writes.as_deref(), writes);
    }

    #[test]
    fn administrators_and_writers_are_recognised_in_both_spellings_of_a_set() {
        let me = |roles| json!({"pw_name": "x", "privilege": {"roles": roles, "web_shell": false}});
        check(
            me(json!({"$set": ["POOL_READ", "FULL_ADMIN"]})),
            Some("FULL_ADMIN"),
        );
        check(me(json!(["SNAPSHOT_WRITE"])), Some("SNAPSHOT_WRITE"));
        check(me(json!({"$set": ["READONLY_ADMIN", "POOL_READ"]})), None);
        check(me(json!([])), None);
    }

    #[test]
    fn key_with_every_method_can_write() {
        let allowlist = json!([{"method": "*", "resource": "*"}]);
        check(
            json!({"privilege": {"allowlist": allowlist}}),
            Some("every method"),
        );
        let allowlist = json!([{"method": "CALL", "resource": "pool.query"}]);
        check(json!({"privilege": {"allowlist": allowlist}}), None);
    }

    #[test]
    fn account_without_privilege_says_nothing() {
        check(json!({"pw_name": "x", "privilege": null}), None);
    }
}
