//! Metrics of a generated estate: whole, in parts, refused, and broken in one place.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{fixed_clock, metrics_client, redactor};
use crate::gather::metrics;
use crate::gather::sink::Kept;
use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{Options, Simulation, start};
use truenas_common::redact::Profile;

/// An estate with more in its settings.
fn write_world(folder: &Path, more: &str) {
    let options = EstateOptions {
        days: 1,
        ..EstateOptions::default()
    };
    estate(&options).write_day(0, folder).unwrap();
    let path = folder.join("world.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text + more).unwrap();
}

fn collected(simulation: &Simulation) -> Kept {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut kept = Kept::default();
    let client = metrics_client(simulation);
    let (redactor, clock) = (redactor(Profile::Standard), fixed_clock());
    let cluster = Some(redactor.uid("u"));
    let read = metrics(&client, cluster, &redactor, &clock, &mut kept);
    runtime.block_on(read).unwrap();
    kept
}

/// Rows of a table, in one order.
fn rows(kept: &Kept, table: &str) -> BTreeSet<String> {
    kept.of(table).into_iter().map(Value::to_string).collect()
}

fn outcomes(kept: &Kept) -> Vec<(String, String)> {
    let status = kept.of("collect_status").into_iter();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    status
        .map(|row| (text(row, "list"), text(row, "outcome")))
        .collect()
}

#[test]
fn mounted_claims_have_usage_and_drivers_have_durations() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "");
    let kept = collected(&start(folder.path(), &Options::default()).unwrap());
    let volumes = kept.of("k8s_kubelet_volume");
    assert!(volumes.len() > 50, "{}", volumes.len());
    for row in &volumes {
        let number = |key: &str| row[key].as_i64().unwrap();
        assert_eq!(
            number("capacity_bytes"),
            number("used_bytes") + number("available_bytes")
        );
        assert!(number("n_inodes") > number("n_used_inodes"));
        assert!(row["is_abnormal"].is_null());
    }
    let durations = kept.of("k8s_operation_duration");
    let stats = durations
        .iter()
        .find(|row| row["operation"] == "NodeGetVolumeStats");
    let stats = stats.unwrap();
    assert_eq!(stats["source"], "kubelet");
    assert!(
        stats["n_times"].as_i64().unwrap() >= 1_440 && stats["p99_ms"].as_i64().unwrap() <= 100
    );
    let status = kept.of("collect_status");
    assert_eq!(status.len(), 15);
    for row in status {
        let outcome = row["outcome"].as_str().unwrap();
        assert!(matches!(outcome, "ok" | "empty"), "{row}");
        assert_eq!(
            (&row["source"], &row["server_at"]),
            (&"thanos".into(), &"2026-03-02T03:00:00Z".into())
        );
    }
}

#[test]
fn answer_that_is_too_large_is_read_in_parts_that_lose_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "");
    let whole = collected(&start(folder.path(), &Options::default()).unwrap());
    let faults =
        "faults: [{at: 'thanos:kubelet_volume_stats_used_bytes', kind: giant, times: 3}]\n";
    write_world(folder.path(), faults);
    let simulation = start(folder.path(), &Options::default()).unwrap();
    let parts = collected(&simulation);
    assert_eq!(
        rows(&whole, "k8s_kubelet_volume"),
        rows(&parts, "k8s_kubelet_volume")
    );
    let used = |kept: &Kept| {
        let status = kept.of("collect_status").into_iter();
        let mut status = status.filter(|row| row["list"] == "kubelet_volume_stats_used_bytes");
        let row = status.next().unwrap();
        (row["n_items"].as_i64(), row["is_consistent"].as_bool())
    };
    let (n_items, _) = used(&whole);
    assert_eq!(used(&parts), (n_items, Some(false)));
    let requests = simulation.requests();
    let asked = requests
        .iter()
        .filter(|request| request.detail.contains("used_bytes"));
    assert_eq!(asked.count(), 7, "three that were too large, four parts");
}

#[test]
fn account_without_the_role_is_asked_once_and_every_list_is_denied() {
    let folder = tempfile::tempdir().unwrap();
    write_world(folder.path(), "");
    let path = folder.path().join("world.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("denied: []", "denied: [monitoring.coreos.com/prometheuses]"),
    )
    .unwrap();
    let simulation = start(folder.path(), &Options::default()).unwrap();
    let kept = collected(&simulation);
    assert!(
        outcomes(&kept)
            .iter()
            .all(|(_, outcome)| outcome == "denied")
    );
    assert_eq!(kept.of("collect_status").len(), 15);
    assert_eq!(simulation.requests().len(), 1);
    assert!(kept.of("k8s_kubelet_volume").is_empty());
}

#[test]
fn query_that_fails_leaves_the_others_whole() {
    for (kind, expected) in [
        ("500", "failed"),
        ("404", "failed"),
        ("malformed", "failed"),
        ("410", "failed"),
        ("giant", "truncated"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let faults = format!(
            "faults: [{{at: 'thanos:storage_operation_duration_seconds_sum', kind: {kind}}}]\n"
        );
        write_world(folder.path(), &faults);
        let kept = collected(&start(folder.path(), &Options::default()).unwrap());
        for (list, outcome) in outcomes(&kept) {
            match list.as_str() {
                "storage_operation_duration_seconds_sum" => assert_eq!(outcome, expected),
                _ => assert!(
                    matches!(outcome.as_str(), "ok" | "empty"),
                    "{list}: {outcome}"
                ),
            }
        }
        assert!(!kept.of("k8s_kubelet_volume").is_empty());
    }
}
