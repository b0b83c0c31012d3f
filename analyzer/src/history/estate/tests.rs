//! Objects and lists over bundles that are written here: what began and ended between which of them.

mod bundles;

use bundles::Put::{Number, Text};
use bundles::{Bundles, Columns, HOUR};

use super::listing;

/// A volume with policy, phase, time of the phase and deletion timestamp.
fn volume(
    name: &'static str,
    policy: &'static str,
    released_at: Option<i64>,
    deleting_at: Option<i64>,
) -> Columns {
    let mut values = vec![
        ("name", Text(name)),
        ("uid", Text(name)),
        ("driver", Text("d")),
        ("reclaim_policy", Text(policy)),
    ];
    if let Some(at) = released_at {
        values.extend([
            ("phase", Text("Released")),
            ("phase_changed_at", Number(at)),
        ]);
    } else {
        values.extend([("phase", Text("Bound")), ("phase_changed_at", Number(5))]);
    }
    values.extend(deleting_at.map(|at| ("deleting_at", Number(at))));
    values
}

fn gone(
    name: &str,
    begun_at: Option<i64>,
    seen_hour: i64,
    gone_hour: Option<i64>,
) -> (String, Vec<Option<i64>>) {
    let times = vec![
        begun_at,
        Some(seen_hour * HOUR - 600),
        gone_hour.map(|hour| hour * HOUR),
    ];
    (name.to_owned(), times)
}

#[test]
fn deletion_lies_between_the_last_list_that_shows_it_and_the_next() {
    let mut bundles = Bundles::new();
    let bound = || volume("stays", "Delete", None, None);
    bundles.volumes(
        1,
        vec![
            bound(),
            volume("between", "Delete", None, None),
            volume("slow", "Delete", Some(3_000), None),
            volume("asked", "Delete", None, None),
            volume("kept", "Retain", Some(3_000), None),
        ],
    );
    bundles.volumes(
        2,
        vec![
            bound(),
            volume("slow", "Delete", Some(3_000), Some(7_100)),
            volume("asked", "Delete", None, Some(7_000)),
        ],
    );
    // A list that failed shows nothing, and nothing went in it.
    bundles.place("one", 3, vec![("k8s_pv", "denied", Vec::new())]);
    bundles.volumes(
        4,
        vec![bound(), volume("asked", "Delete", None, Some(7_000))],
    );
    assert_eq!(
        bundles.deletions(),
        [
            gone("asked", Some(7_000), 4, None),
            gone("between", None, 1, Some(2)),
            gone("slow", Some(3_000), 2, Some(4)),
        ]
    );
}

#[test]
fn what_went_before_the_last_ninety_days_is_left_out() {
    for (days, n_rows) in [(90, 1), (91, 0)] {
        let mut bundles = Bundles::new();
        bundles.volumes(1, vec![volume("v", "Delete", None, None)]);
        bundles.volumes(2, Vec::new());
        bundles.volumes(1 + 24 * days, Vec::new());
        assert_eq!(bundles.deletions().len(), n_rows, "{days}");
    }
}

#[test]
fn volume_that_was_kept_when_released_begins_with_its_timestamp() {
    let mut bundles = Bundles::new();
    bundles.volumes(1, vec![volume("v", "Retain", Some(100), None)]);
    bundles.volumes(2, vec![volume("v", "Delete", Some(100), None)]);
    assert!(bundles.deletions().is_empty());
    bundles.volumes(3, vec![volume("v", "Delete", Some(100), Some(9_000))]);
    bundles.volumes(4, Vec::new());
    assert_eq!(bundles.deletions(), [gone("v", Some(9_000), 3, Some(4))]);
}

#[test]
fn list_that_overlaps_the_last_sight_does_not_show_that_it_went() {
    let mut bundles = Bundles::new();
    bundles.volumes(1, vec![volume("v", "Delete", None, None)]);
    // Another collector at the same time, whose list may have been read before.
    bundles.place("two", 1, vec![("k8s_pv", "ok", Vec::new())]);
    assert!(bundles.deletions().is_empty());
    bundles.place("two", 2, vec![("k8s_pv", "ok", Vec::new())]);
    assert_eq!(bundles.deletions(), [gone("v", None, 1, Some(2))]);
}

#[test]
fn expansion_lies_between_the_lists_around_it() {
    let mut bundles = Bundles::new();
    bundles.claims(
        1,
        &[
            ("gap", 10, 10),
            ("slow", 10, 10),
            ("back", 10, 10),
            ("runs", 10, 10),
        ],
    );
    bundles.claims(
        2,
        &[
            ("gap", 20, 20),
            ("slow", 20, 10),
            ("back", 20, 10),
            ("runs", 10, 10),
        ],
    );
    bundles.claims(
        3,
        &[
            ("gap", 20, 20),
            ("slow", 20, 10),
            ("back", 10, 10),
            ("runs", 20, 10),
        ],
    );
    bundles.claims(
        4,
        &[
            ("gap", 20, 20),
            ("slow", 20, 20),
            ("back", 10, 10),
            ("runs", 30, 10),
        ],
    );
    bundles.claims(
        5,
        &[
            ("gap", 20, 20),
            ("slow", 20, 20),
            ("back", 10, 10),
            ("runs", 30, 10),
        ],
    );
    let span = |name: &str, least: i64, most: Option<i64>, hour: i64| {
        (name.to_owned(), vec![Some(least), most, Some(hour * HOUR)])
    };
    assert_eq!(
        bundles.resizes(),
        [
            // Asked for and done within the hour and the ten minutes of the list before.
            span("gap", 0, Some(HOUR + 600), 2),
            // From the third hour to the fifth, less the ten minutes of the newest list.
            span("runs", 2 * HOUR - 600, None, 5),
            span("slow", HOUR - 600, Some(3 * HOUR + 600), 4),
        ]
    );
}

#[test]
fn claim_that_was_never_seen_small_has_no_upper_bound_and_no_row() {
    let mut bundles = Bundles::new();
    bundles.claims(1, &[("first", 20, 10), ("new", 20, 20)]);
    bundles.claims(2, &[("first", 20, 20), ("new", 20, 20)]);
    assert!(bundles.resizes().is_empty());
}

#[test]
fn list_of_several_tables_is_one_and_one_that_failed_is_none() {
    let status = |list: &'static str,
                  table: &'static str,
                  outcome: &'static str,
                  times: (i64, i64),
                  n: i64| {
        vec![
            ("source", Text("truenas")),
            ("appliance", Text("a")),
            ("list", Text(list)),
            ("table", Text(table)),
            ("pass", Number(1)),
            ("outcome", Text(outcome)),
            ("n_items", Number(n)),
            ("n_rows", Number(n)),
            ("started_at", Number(times.0)),
            ("ended_at", Number(times.1)),
        ]
    };
    let mut bundles = Bundles::new();
    let rows = vec![
        status("target", "nas_iscsi_target", "ok", (100, 104), 3),
        status("target", "nas_iscsi_target_group", "ok", (100, 105), 9),
        status("dataset", "zfs_dataset", "failed", (100, 900), 5),
        status("snapshot", "zfs_snapshot", "ok", (105, 165), 4_000),
    ];
    bundles.place("one", 1, vec![("collect_status", "ok", rows)]);
    let figures = ["bundle_ended_at", "started_at", "ended_at", "n_items"];
    let found = bundles.figures(listing::NAME, "table_name", &figures);
    let listed = |table: &str, numbers: [i64; 3]| {
        let numbers = [HOUR].into_iter().chain(numbers).map(Some);
        (table.to_owned(), numbers.collect())
    };
    assert_eq!(
        found,
        [
            listed("zfs_snapshot", [105, 165, 4_000]),
            listed("nas_iscsi_target_group", [100, 105, 9]),
        ]
    );
}
