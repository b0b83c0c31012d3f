//! Nothing that a server says leaves: every name of a world is a canary, and none is found in anything a run writes.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

#[path = "leak/canary.rs"]
mod canary;
#[path = "leak/rewrite.rs"]
mod rewrite;
#[path = "leak/stage.rs"]
mod stage;
#[path = "leak/world.rs"]
mod world;

use std::collections::BTreeMap;

use rewrite::Depth;
use stage::{Profile, Stage};

/// Releases of the appliance, as the simulator knows them.
const VERSIONS: [&str; 5] = ["24.04", "24.10", "25.04", "25.10", "26"];

/// Every request fails, with a text that names the key.
const ALL_FAIL: &str = "faults: [{at: 'k8s:/api/v1/*', kind: 500}, {at: 'k8s:/apis/*', kind: 403}, \
    {at: 'truenas:pool*', kind: 500}, {at: 'truenas:iscsi*', kind: 403}, {at: 'truenas:sharing*', kind: malformed}, \
    {at: 'truenas:nvmet*', kind: 404}, {at: 'thanos:kubelet*', kind: 500}, {at: 'thanos:csi*', kind: malformed}]\n";

#[test]
fn no_component_of_a_name_leaves_and_every_row_still_comes_out() {
    for version in VERSIONS {
        let stage = Stage::new();
        let plain = stage.plain(version);
        let (n_rows, _) = plain.clean_counts();
        assert!(n_rows.len() > 40, "{version}: {n_rows:?}");
        let canaries = stage.rewritten(Depth::Names, version, Profile::Standard, "");
        assert_eq!(canaries.exit, Some(0), "{version}: {}", canaries.stderr);
        let (n_canary_rows, leaks) = canaries.clean_counts();
        assert_eq!(leaks, Vec::<String>::new(), "{version}");
        assert_eq!(difference(&n_rows, &n_canary_rows), [], "{version}");
    }
}

#[test]
fn nothing_leaves_when_every_text_is_replaced_and_lists_fail() {
    for depth in [Depth::Values, Depth::Keys] {
        let stage = Stage::new();
        let run = stage.rewritten(depth, "25.10", Profile::Standard, "");
        assert!(matches!(run.exit, Some(0 | 3)), "{}", run.stderr);
        let (_, leaks) = run.clean_counts();
        assert_eq!(leaks, Vec::<String>::new(), "{depth:?}");
    }
}

#[test]
fn no_message_of_a_server_that_fails_leaves() {
    for version in VERSIONS {
        let stage = Stage::new();
        let run = stage.rewritten(Depth::Names, version, Profile::Standard, ALL_FAIL);
        assert_eq!(run.exit, Some(3), "{version}: {}", run.stderr);
        let (_, leaks) = run.clean_counts();
        assert_eq!(leaks, Vec::<String>::new(), "{version}");
    }
}

#[test]
fn no_message_of_a_login_that_fails_leaves() {
    for version in VERSIONS {
        let stage = Stage::new();
        let faults = "faults: [{at: 'truenas:auth*', kind: 500}, {at: 'k8s:*', kind: 401}]\n";
        let run = stage.rewritten(Depth::Names, version, Profile::Standard, faults);
        assert!(
            matches!(run.exit, Some(10 | 12)),
            "{version}: {}",
            run.stderr
        );
        assert!(run.bundle.is_none());
        let (_, leaks) = run.clean_counts();
        assert_eq!(leaks, Vec::<String>::new(), "{version}");
    }
}

#[test]
fn the_suite_finds_names_where_they_leave_on_purpose() {
    let stage = Stage::new();
    let run = stage.rewritten(Depth::Names, "25.10", Profile::Open, "");
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let (_, leaks) = run.clean_counts();
    assert_eq!(
        leaks.len(),
        2,
        "canaries and labels of the configuration in the bundle: {leaks:?}"
    );
    assert!(
        leaks.iter().all(|leak| leak.starts_with("bundle")),
        "{leaks:?}"
    );
}

/// Tables with another number of rows. The planted keys are fields too, so there are more of those.
fn difference(
    one: &BTreeMap<String, usize>,
    other: &BTreeMap<String, usize>,
) -> Vec<(String, usize, usize)> {
    let tables = one.keys().chain(other.keys());
    let tables = tables.filter(|table| *table != "collect_field");
    let count = |counts: &BTreeMap<String, usize>, table: &String| {
        counts.get(table).copied().unwrap_or_default()
    };
    let mut different: Vec<_> = tables
        .map(|table| (table.clone(), count(one, table), count(other, table)))
        .filter(|(_, one, other)| one != other)
        .collect();
    different.dedup();
    different
}
