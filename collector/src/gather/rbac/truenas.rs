//! What the credential of an appliance needs: roles of its user from 25.04 on, before that a list of methods.

use std::collections::BTreeSet;

use serde::Serialize;

use super::reads;
use crate::gather::Read;
use crate::source::truenas::{AUTH_ME, CORE_GET_METHODS, Method, PING, SYSTEM_VERSION, Version};

/// What every session calls beside the lists of the gatherers.
const SESSION: &[&Method] = &[&AUTH_ME, &CORE_GET_METHODS, &PING, &SYSTEM_VERSION];

/// One entry of the list that an API key has up to 24.10.
#[derive(Serialize)]
struct Allowed {
    method: &'static str,
    resource: &'static str,
}

/// What to grant on a release, to be pasted: roles, one a line, or the list of methods as JSON.
pub fn truenas_grant(version: Version) -> String {
    if version >= Version::JSON_RPC {
        let lines = truenas_roles(version)
            .into_iter()
            .map(|role| format!("{role}\n"));
        return lines.collect();
    }
    let entries = truenas_methods(version).into_iter().map(|resource| {
        let method = "CALL";
        // Two constants always serialize.
        serde_json::to_string(&Allowed { method, resource }).unwrap_or_default()
    });
    let entries: Vec<String> = entries.map(|entry| format!("  {entry}")).collect();
    format!("[\n{}\n]\n", entries.join(",\n"))
}

/// The roles that the user of the API key needs, sorted. Empty before 25.04, where the key lists methods instead.
pub fn truenas_roles(version: Version) -> Vec<&'static str> {
    let roles: BTreeSet<&str> = methods(version)
        .flat_map(|method| method.roles(version))
        .copied()
        .collect();
    roles.into_iter().collect()
}

/// The methods that a run calls on a release, those of the session included, sorted.
pub fn truenas_methods(version: Version) -> Vec<&'static str> {
    let session = SESSION
        .iter()
        .copied()
        .filter(|method| method.is_served(version));
    let names: BTreeSet<&str> = methods(version).chain(session).map(Method::name).collect();
    names.into_iter().collect()
}

fn methods(version: Version) -> impl Iterator<Item = &'static Method> {
    reads().filter_map(move |read| match read {
        Read::Truenas(method) if method.is_served(version) => Some(method),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_one_thing_each_and_follow_the_release() {
        let roles = |major, minor| truenas_grant(Version::new(major, minor));
        for (major, minor) in [(25, 4), (25, 10), (26, 0)] {
            let text = roles(major, minor);
            assert!(text.lines().count() > 12 && text.lines().is_sorted());
            assert!(text.lines().all(|role| role.ends_with("_READ")), "{text}");
            for never in [
                "SHARING_READ",
                "SHARING_ISCSI_READ",
                "ACCOUNT_READ",
                "SYSTEM_READ",
            ] {
                assert!(!text.lines().any(|role| role == never), "{text}");
            }
        }
        assert!(!roles(25, 4).contains("SHARING_NVME_TARGET_READ"));
        assert!(roles(25, 10).contains("SHARING_NVME_TARGET_READ\n"));
    }

    #[test]
    fn older_releases_get_the_list_of_a_key_with_calls_and_nothing_else() {
        for (minor, is_old) in [(4, true), (10, true)] {
            let version = Version::new(24, minor);
            let list: serde_json::Value = serde_json::from_str(&truenas_grant(version)).unwrap();
            let list = list.as_array().unwrap();
            assert!(is_old && list.iter().all(|entry| entry["method"] == "CALL"));
            let names: Vec<&str> = list
                .iter()
                .map(|entry| entry["resource"].as_str().unwrap())
                .collect();
            assert_eq!(names, truenas_methods(version));
            for needed in [
                "auth.me",
                "core.get_methods",
                "core.ping",
                "system.version",
                "zfs.snapshot.query",
            ] {
                assert!(names.contains(&needed), "{names:?}");
            }
            let is_wide = |name: &&str| name.contains('*') || name.starts_with("nvmet.");
            assert!(!names.iter().any(is_wide), "{names:?}");
        }
        assert!(truenas_roles(Version::new(24, 10)).is_empty());
    }
}
