//! The list of methods against the recorded lists of the releases.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

macro_rules! recorded {
    ($tag:literal) => {
        include_str!(concat!(
            "../../../../../tests/recorded/schemas/truenas/methods/",
            $tag,
            ".json"
        ))
    };
}
const RECORDED: [(Version, &str); 5] = [
    (Version::new(24, 4), recorded!("TS-24.04.2.5")),
    (Version::new(24, 10), recorded!("TS-24.10.2.4")),
    (Version::new(25, 4), recorded!("TS-25.04.2.6")),
    (Version::new(25, 10), recorded!("TS-25.10.6")),
    (Version::new(26, 0), recorded!("TS-26.0.0-BETA.3")),
];

fn recorded() -> Vec<(Version, BTreeMap<String, Value>)> {
    RECORDED
        .iter()
        .map(|(version, text)| (*version, serde_json::from_str(text).unwrap()))
        .collect()
}

/// The server calls it private before 25.10, but answers.
const PRIVATE_BUT_ANSWERED: &str = "core.get_methods";

#[test]
fn methods_are_served_by_the_releases_that_we_think() {
    for (version, methods) in recorded() {
        for method in Method::ALL
            .iter()
            .filter(|method| method.name() != PRIVATE_BUT_ANSWERED)
        {
            let is_listed = methods.contains_key(method.name());
            assert_eq!(
                method.is_served(version),
                is_listed,
                "{} on {version}",
                method.name()
            );
        }
    }
}

#[test]
fn roles_are_the_ones_that_the_releases_ask_for() {
    for (version, methods) in recorded()
        .into_iter()
        .filter(|(version, _)| *version >= Version::JSON_RPC)
    {
        for method in Method::ALL
            .iter()
            .filter(|method| method.is_served(version))
        {
            let Some(recorded) = methods.get(method.name()) else {
                continue;
            };
            let roles: Vec<&str> = recorded["roles"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            match method.roles(version) {
                [] => assert!(
                    recorded["flags"].to_string().contains("noauth"),
                    "{}",
                    method.name()
                ),
                [role] => assert!(
                    roles.contains(role),
                    "{} on {version}: {roles:?}",
                    method.name()
                ),
                _ => panic!("one role is enough"),
            }
        }
    }
}

#[test]
fn no_method_needs_a_role_that_writes_or_is_a_job() {
    for (version, methods) in recorded() {
        for method in Method::ALL {
            assert!(
                method
                    .roles(version)
                    .iter()
                    .all(|role| role.ends_with("_READ"))
            );
            let flags = methods
                .get(method.name())
                .map(|recorded| recorded["flags"].to_string())
                .unwrap_or_default();
            assert!(!flags.contains("job"), "{}", method.name());
        }
    }
}

#[test]
fn no_method_changes_anything_by_its_name() {
    let verbs = "create update delete do set start stop restart reload run abort import export attach detach wipe reset \
        reboot shutdown lock unlock promote rename rollback clone hold release destroy replace offline online remove \
        expand upgrade scrub format sync send test dismiss restore commit checkin bulk download upload generate put";
    for method in Method::ALL {
        let last = method.name().rsplit('.').next().unwrap();
        let is_verb = verbs
            .split_whitespace()
            .any(|verb| last == verb || last.starts_with(&format!("{verb}_")));
        assert!(!is_verb, "{}", method.name());
    }
}

#[test]
fn no_method_gives_secrets_away() {
    let never = "iscsi.auth. nvmet.host. keychaincredential. api_key. user. group. certificate. system.general. \
        system.advanced. kmip. cloudsync. cloud_backup. mail. snmp. ups. ldap. activedirectory. kerberos. \
        directoryservices. idmap. ipmi. smb. ftp. ssh. rsynctask. vmware. vm. app. docker. virt. container. tunable. \
        cronjob. initshutdownscript. truecommand. tn_connect. failover.config reporting.exporters. acme. audit. \
        core.get_jobs core.bulk filesystem. config. pool.dataset.export update.status update.available \
        update.check update.get";
    for method in Method::ALL {
        let is_banned = never
            .split_whitespace()
            .any(|prefix| method.name().starts_with(prefix));
        assert!(!is_banned, "{}", method.name());
    }
}

#[test]
fn methods_that_the_recorded_allowlist_refuses_are_not_here() {
    let text = include_str!("../../../../../tests/recorded/schemas/truenas/allowlist.json");
    let allowlist: BTreeMap<String, Value> = serde_json::from_str(text).unwrap();
    let refused = allowlist.iter().filter(|(_, entry)| entry["need"] == "no");
    let refused: Vec<&str> = refused.map(|(name, _)| name.as_str()).collect();
    assert!(!refused.is_empty());
    for method in Method::ALL {
        assert!(!refused.contains(&method.name()), "{}", method.name());
    }
}

#[test]
fn no_method_is_listed_twice() {
    let mut names: Vec<_> = Method::ALL.iter().map(|method| method.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Method::ALL.len());
}

#[test]
fn only_what_editions_and_early_builds_lack_is_optional() {
    let optional = Method::ALL.iter().filter(|method| method.is_optional());
    let optional: Vec<&str> = optional
        .map(|method| method.name())
        .filter(|name| !name.starts_with("nvmet."))
        .collect();
    assert_eq!(
        optional,
        ["zpool.query", "update.config", "failover.status"]
    );
}
