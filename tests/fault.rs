//! Each endpoint with each fault: the run ends with a bundle that says what is missing, or with a clean refusal.
//!
//! What must come of a fault is written down in `fault/expectation.rs` from what the fault is, not from what the program
//! does with it. The endpoints are the program's own declarations, so one that is added is struck too.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

#[path = "fault/case.rs"]
mod case;
#[path = "fault/endpoint.rs"]
mod endpoint;
#[path = "fault/expectation.rs"]
mod expectation;
#[path = "fault/plain.rs"]
mod plain;
#[path = "fault/several.rs"]
mod several;
#[path = "fault/stage.rs"]
mod stage;
#[path = "fault/world.rs"]
mod world;

use std::collections::BTreeMap;

use case::{Case, Often, Sources, run_all};
use endpoint::{Endpoint, Role, of_appliance, of_cluster, of_login, of_metrics};
use expectation::heals_at_once;
use stage::{Auth, Stage};
use testkit::world::Side;

/// Every kind of fault, as worlds name it.
pub(crate) const KINDS: [&str; 14] = [
    "refuse",
    "401",
    "403",
    "404",
    "410",
    "429",
    "500",
    "hang",
    "drip",
    "cut",
    "giant",
    "malformed",
    "wrong-id",
    "endless",
];

/// The release that every pair of endpoint and fault is tried on.
const RELEASE: &str = "25.10";

/// The last release whose keys list methods.
const LISTING: &str = "24.10";

/// The first release whose logins send no key.
const SCRAM: &str = "26";

/// The releases that are sampled.
const OTHERS: [&str; 4] = ["24.04", "24.10", "25.04", "26"];

#[test]
fn each_list_of_a_cluster_fails_alone_in_each_way() {
    let stage = Stage::new(RELEASE);
    let endpoints = of_cluster(&stage.whole);
    let mut cases = each(&endpoints, Role::List);
    let fresh = endpoints.iter().filter(|endpoint| {
        ["storageclasses", "csidrivers", "csinodes"]
            .iter()
            .any(|resource| endpoint.target.ends_with(resource))
    });
    cases.extend(fresh.map(|endpoint| Case::new(endpoint, "endless-fresh", Often::Always)));
    assert!(cases.len() > 400, "{}", cases.len());
    run_all(&stage, &cases);
}

#[test]
fn each_list_of_an_appliance_fails_alone_in_each_way() {
    let stage = Stage::new(RELEASE);
    let endpoints = of_appliance(&stage.whole, RELEASE);
    let cases = each(&endpoints, Role::List);
    assert!(cases.len() > 400, "{}", cases.len());
    run_all(&stage, &cases);
}

#[test]
fn each_query_of_the_metrics_fails_alone_in_each_way() {
    let stage = Stage::new(RELEASE);
    let endpoints = of_metrics(&stage.whole);
    let cases = each(&endpoints, Role::List);
    assert!(cases.len() > 200, "{}", cases.len());
    run_all(&stage, &cases);
}

#[test]
fn a_key_of_which_nobody_knows_what_it_may_do_is_refused_and_a_hiccup_is_a_gap() {
    let stage = Stage::new(LISTING);
    let mut endpoints = of_appliance(&stage.whole, LISTING);
    endpoints.retain(|endpoint| endpoint.target == "core.get_methods");
    let cases = each(&endpoints, Role::Session);
    let only = Sources::Only(Side::Truenas);
    let alone = cases.iter().map(|case| case.with(only));
    let cases: Vec<Case> = cases.iter().copied().chain(alone).collect();
    assert!(cases.len() > 30, "{}", cases.len());
    run_all(&stage, &cases);
}

#[test]
fn a_server_that_gives_no_session_is_missing_alone_or_refused_where_it_is_the_only_one() {
    let stage = Stage::new(RELEASE);
    let mut endpoints = of_cluster(&stage.whole);
    endpoints.extend(of_appliance(&stage.whole, RELEASE));
    let mut cases = Vec::new();
    for endpoint in endpoints.iter().filter(|it| it.role != Role::List) {
        for kind in KINDS {
            let case = Case::new(endpoint, kind, Often::Always);
            cases.push(case.with(Sources::All));
            cases.push(case.with(Sources::Only(endpoint.side)));
        }
    }
    assert!(cases.len() > 200, "{}", cases.len());
    run_all(&stage, &cases);
}

#[test]
fn each_message_of_a_login_that_sends_no_key_fails_in_each_way() {
    let stage = Stage::with(SCRAM, Auth::Scram);
    let endpoints = of_login();
    let cases = |endpoint, kind| {
        let case = Case::new(endpoint, kind, Often::Always);
        [
            case.with(Sources::All),
            case.with(Sources::Only(Side::Truenas)),
        ]
    };
    let mut all = Vec::new();
    for endpoint in &endpoints {
        let kinds = KINDS.into_iter().chain(["wrong-proof"]);
        all.extend(kinds.flat_map(|kind| cases(endpoint, kind)));
    }
    // Only the last message is bound to the certificate.
    all.extend(cases(&endpoints[1], "wrong-binding"));
    assert!(all.len() > 60, "{}", all.len());
    run_all(&stage, &all);
}

#[test]
fn other_releases_fail_no_differently() {
    for release in OTHERS {
        let stage = Stage::new(release);
        let endpoints = of_appliance(&stage.whole, release);
        let kinds =
            |number: usize| (0..3).map(move |step| KINDS[(3 * number + step) % KINDS.len()]);
        let cases: Vec<Case> = endpoints
            .iter()
            .enumerate()
            .flat_map(|(number, endpoint)| {
                kinds(number).map(|kind| Case::new(endpoint, kind, Often::Always))
            })
            .collect();
        assert!(cases.len() > 70, "{release}: {}", cases.len());
        run_all(&stage, &cases);
    }
}

/// Every kind for every endpoint of a role, and once more those that a second try heals.
fn each<'a>(endpoints: &'a [Endpoint], role: Role) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.role == role) {
        for kind in KINDS {
            cases.push(Case::new(endpoint, kind, Often::Always));
            if heals_at_once(kind, endpoint) {
                cases.push(Case::new(endpoint, kind, Often::Once));
            }
        }
    }
    cases
}

/// How many cases there are of each kind and side, for people.
fn counts(cases: &[Case]) -> String {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for case in cases {
        let side = match case.endpoint.side {
            Side::Kubernetes => 0,
            Side::Thanos => 1,
            Side::Truenas => 2,
        };
        counts.entry(case.kind).or_default()[side] += 1;
    }
    let lines = counts.iter().map(|(kind, [cluster, metrics, appliance])| {
        format!(
            "  {kind:<13} cluster {cluster:>4}  metrics {metrics:>4}  appliance {appliance:>4}\n"
        )
    });
    lines.collect()
}
