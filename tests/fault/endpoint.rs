//! Everything that the program asks for, by its own declarations.

use std::collections::BTreeSet;

use testkit::world::Side;
use truenas_collector::gather::{ALL, Read};
use truenas_collector::source::truenas::Version;

use crate::stage::{Ended, Row};

/// Lists of which a cluster serves another version.
const SUPERSEDED: [&str; 2] = [
    "/apis/groupsnapshot.storage.k8s.io/v1beta2/",
    "/apis/groupsnapshot.storage.k8s.io/v1beta1/",
];

/// What a list needs beside itself: asked for by another name than it is recorded under.
const ASKED_FOR: [(&str, &str); 1] =
    [("zfs.resource.snapshot.count", "zfs.resource.snapshot.query")];

/// One path or method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) side: Side,
    /// As it is asked for.
    pub(crate) target: &'static str,
    /// As it is recorded.
    pub(crate) list: &'static str,
    pub(crate) role: Role,
}

/// What depends on an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// One list of the bundle.
    List,
    /// Every list of its server.
    Session,
    /// No list.
    Aside,
}

/// Paths of a cluster, those that the baseline shows to be served.
pub(crate) fn of_cluster(whole: &Ended) -> Vec<Endpoint> {
    let session = ["/version", "/api", "/apis"];
    let mut endpoints: Vec<Endpoint> = session
        .into_iter()
        .map(|target| beside(Side::Kubernetes, target, Role::Session))
        .collect();
    endpoints.extend(lists(Side::Kubernetes, |read| match read {
        Read::K8s(list) => Some(list.path()),
        Read::K8sObject(object) => Some(object.path()),
        _ => None,
    }));
    let is_superseded = |endpoint: &Endpoint| {
        SUPERSEDED
            .iter()
            .any(|path| endpoint.target.starts_with(path))
    };
    endpoints.retain(|endpoint| !is_superseded(endpoint));
    check_served(&endpoints, whole);
    endpoints
}

/// Paths and methods of an appliance that a release has.
pub(crate) fn of_appliance(whole: &Ended, release: &str) -> Vec<Endpoint> {
    let version = Version::parse(&format!("{release}.0")).unwrap();
    let session: &[&str] = match version < Version::JSON_RPC {
        true => &["/api/versions", "/websocket", "auth.login_with_api_key"],
        false => &["/api/versions", "/api/current", "auth.login_ex"],
    };
    let session = session.iter().chain(&["system.version"]);
    let mut endpoints: Vec<Endpoint> = session
        .map(|target| beside(Side::Truenas, target, Role::Session))
        .collect();
    endpoints.push(beside(Side::Truenas, "auth.me", Role::Aside));
    // Up to 24.10 nothing else tells what a key may do.
    let role = match version < Version::JSON_RPC {
        true => Role::Session,
        false => Role::Aside,
    };
    endpoints.push(beside(Side::Truenas, "core.get_methods", role));
    endpoints.extend(lists(Side::Truenas, |read| match read {
        Read::Truenas(method) if method.is_served(version) => Some(method.name()),
        _ => None,
    }));
    // From 26 on snapshots are read by another method, which is there beside the old one.
    let is_superseded =
        |endpoint: &Endpoint| release == "26" && endpoint.target == "pool.snapshot.query";
    endpoints.retain(|endpoint| !is_superseded(endpoint));
    check_served(&endpoints, whole);
    endpoints
}

/// Messages of a login that sends no key, in their order.
pub(crate) fn of_login() -> [Endpoint; 2] {
    [
        "auth.login_ex/CLIENT_FIRST_MESSAGE",
        "auth.login_ex/CLIENT_FINAL_MESSAGE",
    ]
    .map(|target| beside(Side::Truenas, target, Role::Session))
}

/// Queries of the metrics of a cluster.
pub(crate) fn of_metrics(whole: &Ended) -> Vec<Endpoint> {
    let endpoints = lists(Side::Thanos, |read| match read {
        Read::Thanos(query) => Some(query.name()),
        _ => None,
    });
    check_served(&endpoints, whole);
    endpoints
}

fn beside(side: Side, target: &'static str, role: Role) -> Endpoint {
    Endpoint {
        side,
        target,
        list: target,
        role,
    }
}

fn lists(side: Side, target: impl Fn(Read) -> Option<&'static str>) -> Vec<Endpoint> {
    let reads = ALL.iter().flat_map(|gatherer| gatherer.reads);
    let targets: BTreeSet<&str> = reads.filter_map(|read| target(*read)).collect();
    let targets = targets
        .into_iter()
        .filter(|target| *target != "system.version");
    targets
        .map(|target| {
            let other = ASKED_FOR.iter().find(|(asked, _)| *asked == target);
            Endpoint {
                side,
                target,
                list: other.map_or(target, |(_, list)| list),
                role: Role::List,
            }
        })
        .collect()
}

/// A fault in a list that is absent could not show, nor rows without end where there are no rows; a page without rows
/// can still lead to the next one.
#[track_caller]
fn check_served(endpoints: &[Endpoint], whole: &Ended) {
    for endpoint in endpoints
        .iter()
        .filter(|endpoint| endpoint.role == Role::List)
    {
        let rows = whole.rows_of(endpoint.list);
        let is_read = |row: &&Row| match endpoint.side {
            Side::Kubernetes | Side::Thanos => row.is_complete(),
            Side::Truenas => row.outcome == "ok",
        };
        let is_whole = !rows.is_empty() && rows.iter().all(is_read);
        assert!(is_whole, "{}: {rows:?}", endpoint.target);
    }
}
