//! The walks over datasets and snapshots, against appliances that have very many or cut what takes long.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use testkit::simulate::{Options, Request, Simulation, start};
use tokio::time::{Duration, Instant};
use truenas_common::redact::Profile;

use super::{access, collect_from, redactor};
use crate::gather::sink::Kept;
use crate::source::Budget;

/// What no answer may expect to hold.
const MAX_EXPECTED: usize = 8 << 20;

const HOUR: Duration = Duration::from_secs(3_600);

/// An appliance with datasets and the number of snapshots that each of them has.
fn appliance(version: &str, snapshots: &[(&str, usize)], faults: &str) -> tempfile::TempDir {
    appliance_since(1_000, version, snapshots, faults)
}

/// The same with the transaction group of the first snapshot of each dataset.
fn appliance_since(
    first_txg: usize,
    version: &str,
    snapshots: &[(&str, usize)],
    faults: &str,
) -> tempfile::TempDir {
    let world = tempfile::tempdir().unwrap();
    let folder = world.path().join("truenas");
    std::fs::create_dir(&folder).unwrap();
    let put = |method: &str, rows: Vec<String>| {
        let text = format!("[{}]", rows.join(",\n"));
        std::fs::write(folder.join(format!("{method}.json")), text).unwrap();
    };
    put(
        "pool.query",
        vec![r#"{"id": 1, "name": "tank", "guid": "11", "status": "ONLINE", "healthy": true, "size": 200}"#.to_owned()],
    );
    let datasets = snapshots.iter().map(|(name, _)| {
        format!(r#"{{"id": "{name}", "name": "{name}", "pool": "tank", "type": "FILESYSTEM", "children": []}}"#)
    });
    put("pool.dataset.query", datasets.collect());
    // What a CSI volume hands down to its snapshots makes them this large.
    let inherited = "x".repeat(1_000);
    let rows = snapshots.iter().flat_map(|(dataset, count)| {
        let inherited = &inherited;
        (0..*count).map(move |number| {
            let txg = first_txg + number * 12;
            format!(
                r#"{{"createtxg": {txg}, "guid": {txg}, "name": "{dataset}@s{number}", "pool": "tank", "dataset": "{dataset}",
                "snapshot_name": "s{number}", "type": "SNAPSHOT", "holds": null, "user_properties": {{"a:b": "{inherited}"}},
                "properties": {{"used": {{"raw": "0", "value": 0, "source": null}}}}}}"#
            )
        })
    });
    put("zfs.resource.snapshot.query", rows.collect());
    describe(world.path(), version, faults);
    world
}

fn describe(world: &Path, version: &str, faults: &str) {
    let mut text = "now: 2026-03-03T00:00:00Z\nappliances:\n".to_owned();
    let _ = writeln!(
        text,
        "- {{name: nas01, version: \"{version}\", user: svc-collector}}"
    );
    if !faults.is_empty() {
        let _ = writeln!(text, "faults: [{faults}]");
    }
    std::fs::write(world.join("world.yaml"), text).unwrap();
}

/// What was gathered with a budget, and what was asked for.
fn collected(world: &Path, budget: Budget) -> (Kept, Vec<Request>) {
    let simulation: Simulation = start(world, &Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut kept = Kept::default();
    let mut access = access(&simulation);
    access.budget = Arc::new(budget);
    let redactor = redactor(Profile::Standard);
    runtime.block_on(collect_from(&access, &redactor, &mut kept));
    (kept, simulation.requests())
}

/// Outcome, reason, objects and count of the list that fills a table.
#[track_caller]
fn check_list(kept: &Kept, table: &str, expected: (&str, Option<&str>, u64, Option<u64>)) {
    let status = kept.of("collect_status");
    // Tasks come first, and fill the table of snapshots with nothing.
    let row = status.iter().rfind(|row| row["table"] == table).unwrap();
    let found = (
        row["outcome"].as_str().unwrap(),
        row.get("reason").and_then(|reason| reason.as_str()),
        row["n_items"].as_u64().unwrap(),
        row.get("n_expected").and_then(|count| count.as_u64()),
    );
    assert_eq!(found, expected, "{table}");
    assert_eq!(kept.of(table).len() as u64, expected.2, "{table}");
}

fn n_logins(requests: &[Request]) -> usize {
    let logins = requests.iter();
    logins
        .filter(|request| request.method.starts_with("auth.login"))
        .count()
}

#[test]
fn dataset_with_very_many_snapshots_is_read_in_small_answers() {
    let snapshots = [("tank/a", 3), ("tank/many", 20_000), ("tank/z", 2)];
    let world = appliance("26", &snapshots, "");
    let (kept, requests) = collected(world.path(), Budget::default());
    check_list(&kept, "zfs_snapshot", ("ok", None, 20_005, Some(20_005)));
    check_list(&kept, "zfs_dataset", ("ok", None, 3, Some(3)));
    let largest = requests.iter().map(|request| request.n_bytes).max();
    assert!(largest.unwrap() <= MAX_EXPECTED, "{largest:?}");
    assert!(requests.len() < 100, "{}", requests.len());
}

#[test]
fn snapshot_that_is_counted_and_never_given_truncates_the_list() {
    // A file system begins with transaction group 1: what is older is in the count and in no window.
    for (version, count) in [("24.10", 900), ("25.10", 900), ("26", 2_100)] {
        let world = appliance_since(0, version, &[("tank/a", count)], "");
        let (kept, _) = collected(world.path(), Budget::default());
        let count = count as u64;
        check_list(
            &kept,
            "zfs_snapshot",
            ("truncated", Some("short"), count - 1, Some(count)),
        );
    }
}

#[test]
fn call_that_is_cut_twice_is_asked_for_in_smaller_parts() {
    for (version, method) in [
        ("24.10", "zfs.snapshot.query"),
        ("25.10", "pool.snapshot.query"),
        ("26", "zfs.resource.snapshot.query"),
    ] {
        // Up to 25.10 the first call only counts.
        let nth = if version == "26" { 1 } else { 2 };
        let faults = format!("{{at: \"truenas:{method}\", kind: cut, nth: {nth}, times: 2}}");
        let world = appliance(version, &[("tank/a", 500), ("tank/b", 400)], &faults);
        let (kept, requests) = collected(world.path(), Budget::default());
        check_list(&kept, "zfs_snapshot", ("ok", None, 900, Some(900)));
        assert_eq!(n_logins(&requests), logins_of(version) * 3, "{version}");
    }
    let faults = "{at: \"truenas:pool.dataset.query\", kind: cut, nth: 3, times: 2}";
    let datasets: Vec<String> = (0..60).map(|number| format!("tank/{number:02}")).collect();
    let datasets: Vec<(&str, usize)> = datasets.iter().map(|name| (name.as_str(), 0)).collect();
    let world = appliance("25.10", &datasets, faults);
    let (kept, _) = collected(world.path(), Budget::default());
    check_list(&kept, "zfs_dataset", ("ok", None, 60, Some(60)));
}

#[test]
fn one_of_several_calls_that_wait_may_fail_and_nothing_is_lost_or_seen_twice() {
    for (version, method) in [
        ("24.10", "zfs.snapshot.query"),
        ("25.10", "pool.snapshot.query"),
        ("26", "zfs.resource.snapshot.query"),
    ] {
        for kind in ["429", "cut"] {
            for nth in 2..7 {
                let faults =
                    format!("{{at: \"truenas:{method}\", kind: {kind}, nth: {nth}, times: 1}}");
                let datasets: Vec<String> = (0..9).map(|number| format!("tank/{number}")).collect();
                let snapshots: Vec<(&str, usize)> =
                    datasets.iter().map(|name| (name.as_str(), 900)).collect();
                let world = appliance(version, &snapshots, &faults);
                let (kept, _) = collected(world.path(), Budget::default());
                check_list(&kept, "zfs_snapshot", ("ok", None, 8_100, Some(8_100)));
                let rows = kept.of("zfs_snapshot").into_iter();
                let names: BTreeSet<String> = rows
                    .map(|row| format!("{} {}", row["dataset"], row["name"]))
                    .collect();
                assert_eq!(names.len(), 8_100, "{version} {kind} {nth}");
            }
        }
    }
}

/// SCRAM takes two messages.
fn logins_of(version: &str) -> usize {
    if version == "26" { 2 } else { 1 }
}

#[test]
fn connection_that_breaks_again_and_again_is_given_up() {
    let faults = "{at: \"truenas:iscsi.*\", kind: cut}";
    let world = appliance("25.10", &[("tank/a", 3)], faults);
    let (kept, requests) = collected(world.path(), Budget::default());
    assert_eq!(n_logins(&requests), 6);
    for table in ["nas_iscsi_target", "zfs_dataset", "zfs_snapshot"] {
        let status = kept.of("collect_status");
        let row = status.iter().rfind(|row| row["table"] == table).unwrap();
        assert_eq!(
            (&row["outcome"], &row["reason"]),
            (&"failed".into(), &"network".into())
        );
    }
    check_list(&kept, "nas_pool", ("ok", None, 1, None));
}

#[test]
fn method_that_the_release_has_is_not_unsupported_and_an_optional_one_is() {
    let faults = "{at: \"truenas:pool.query\", kind: 404}, {at: \"truenas:zfs.snapshot.query\", kind: 404}, \
        {at: \"truenas:failover.status\", kind: 404}";
    let world = appliance("25.04", &[("tank/a", 3)], faults);
    let (kept, _) = collected(world.path(), Budget::default());
    check_list(&kept, "nas_pool", ("failed", Some("server"), 0, None));
    check_list(&kept, "zfs_snapshot", ("failed", Some("server"), 0, None));
    check_list(
        &kept,
        "nas_failover",
        ("unsupported", Some("not-served"), 0, None),
    );
}

#[test]
fn settings_that_cannot_be_read_are_no_object() {
    for (faults, outcome, n_items) in [
        ("", "ok", 1),
        ("{at: 'truenas:nfs.config', kind: '500'}", "failed", 0),
    ] {
        let world = appliance("25.10", &[("tank", 0)], faults);
        let (kept, _) = collected(world.path(), Budget::default());
        let status = kept.of("collect_status");
        let mut rows = status.iter().filter(|row| row["list"] == "nfs.config");
        let row = rows.next().unwrap();
        assert_eq!(
            (&row["outcome"], &row["n_items"]),
            (&outcome.into(), &n_items.into())
        );
    }
}

#[test]
fn bytes_that_are_used_up_truncate_the_list_and_all_that_follow() {
    let world = appliance("25.10", &[("tank/a", 900)], "");
    let (whole, requests) = collected(world.path(), Budget::default());
    let (kept, _) = collected(world.path(), Budget::new(Instant::now() + HOUR, 200_000));
    check_list(&kept, "nas_pool", ("ok", None, 1, None));
    check_list(&kept, "zfs_dataset", ("ok", None, 1, Some(1)));
    check_list(
        &kept,
        "zfs_snapshot",
        ("truncated", Some("size-budget"), 0, None),
    );

    // Enough for the session and for the pools.
    let pools = requests
        .iter()
        .position(|request| request.method == "pool.query");
    let first = &requests[..=pools.unwrap()];
    let n_bytes: usize = first.iter().map(|request| request.n_bytes).sum();
    let budget = Budget::new(Instant::now() + HOUR, n_bytes as u64 + 20);
    let (kept, requests) = collected(world.path(), budget);
    check_list(&kept, "nas_pool", ("ok", None, 1, None));
    let statuses = kept.of("collect_status");
    let tables = |rows: &[&serde_json::Value]| -> BTreeSet<String> {
        rows.iter().map(|row| row["table"].to_string()).collect()
    };
    assert_eq!(tables(&statuses), tables(&whole.of("collect_status")));
    let is_pool = |row: &&&serde_json::Value| {
        ["nas_system", "nas_pool", "nas_vdev"].contains(&row["table"].as_str().unwrap())
    };
    for row in statuses.iter().filter(|row| !is_pool(row)) {
        let is_served = row["outcome"] != "unsupported";
        assert!(!is_served || row["reason"] == "size-budget", "{row}");
    }
    // What cannot be used is not asked for.
    assert!(requests.len() <= first.len() + 2, "{}", requests.len());
}
