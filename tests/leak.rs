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

use canary::Form;
use rewrite::Depth;
use stage::{Profile, Stage};
use truenas_collector::source::{K8sList, Method};

/// Releases of the appliance, as the simulator knows them.
const VERSIONS: [&str; 5] = ["24.04", "24.10", "25.04", "25.10", "26"];

/// Ways to fail: with a text that names the key, for want of rights, in the middle, for want of the method.
const FAILURES: [&str; 4] = ["500", "403", "malformed", "404"];

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
    for version in VERSIONS {
        let stage = Stage::new();
        for depth in [Depth::Values, Depth::Keys] {
            let run = stage.rewritten(depth, version, Profile::Standard, "");
            assert!(matches!(run.exit, Some(0 | 3)), "{}", run.stderr);
            let (_, leaks) = run.clean_counts();
            assert_eq!(leaks, Vec::<String>::new(), "{version} {depth:?}");
        }
    }
}

#[test]
fn no_name_leaves_in_whatever_form_it_is_written() {
    for (number, form) in Form::OTHERS.into_iter().enumerate() {
        // Every release has a form to itself: what reads a field is the same in all of them.
        let version = VERSIONS[number % VERSIONS.len()];
        let stage = Stage::new();
        let run = stage.rewritten(Depth::Encoded(form), version, Profile::Standard, "");
        assert!(matches!(run.exit, Some(0 | 3)), "{form:?}: {}", run.stderr);
        let (n_rows, leaks) = run.clean_counts();
        assert_eq!(leaks, Vec::<String>::new(), "{form:?}");
        assert!(n_rows.len() > 40, "{form:?}: {n_rows:?}");
    }
}

#[test]
fn no_message_of_a_server_that_fails_leaves() {
    for (number, version) in VERSIONS.into_iter().enumerate() {
        let stage = Stage::new();
        let run = stage.rewritten(Depth::Names, version, Profile::Standard, &all_fail(number));
        assert_eq!(run.exit, Some(3), "{version}: {}", run.stderr);
        let (_, leaks) = run.clean_counts();
        assert_eq!(leaks, Vec::<String>::new(), "{version}");
    }
}

/// Every list and method fails, one in one way and the next in another; over all releases each in each way.
fn all_fail(first: usize) -> String {
    let lists = K8sList::ALL
        .iter()
        .map(|list| format!("k8s:{}", list.path()));
    let methods = Method::ALL.iter().map(|method| method.name());
    // Without a version there is no session, and without a word about its rights no credential is used.
    let methods = methods.filter(|method| !["system.version", "core.get_methods"].contains(method));
    let targets = lists.chain(methods.map(|method| format!("truenas:{method}")));
    let faults = targets.enumerate().map(|(number, target)| {
        let kind = FAILURES[(first + number) % FAILURES.len()];
        format!("- {{at: '{target}', kind: {kind}}}\n")
    });
    format!("faults:\n{}", faults.collect::<String>())
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
        3,
        "canaries and labels of the configuration in the bundle, labels in the state: {leaks:?}"
    );
    let is_open = |leak: &String| leak.starts_with("bundle") || leak.starts_with("sources.json");
    assert!(leaks.iter().all(is_open), "{leaks:?}");
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
