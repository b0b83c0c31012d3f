//! Which lists a bundle holds, by what its rows and its status say.

use super::*;
use truenas_common::bundle::EntryPath;

/// Rows of `nas_iscsi_target_extent` of appliance `a` and `k8s_csi_node_driver`, each in one part.
fn observe(n_links: i64, drivers: &[&str], status: &[(&str, &str, i64)]) -> Observation {
    let mut observation = Observation::default();
    let link =
        |id| format!(r#"{{"appliance":"a","id":{id},"target_id":1,"extent_id":1,"lun":null}}"#);
    let driver = |driver: &&str| {
        format!(
            r#"{{"node":"n","driver":"{driver}","n_allocatable_volumes":null,"n_topology_keys":0}}"#
        )
    };
    let told = |(table, outcome, n_rows): &(&str, &str, i64)| {
        let (source, cluster, appliance) = if table.starts_with("k8s_") {
            ("kubernetes", r#""c""#, "null")
        } else {
            ("truenas", "null", r#""a""#)
        };
        format!(
            r#"{{"source":"{source}","cluster":{cluster},"appliance":{appliance},"list":"x","table":"{table}","pass":1,"outcome":"{outcome}","reason":null,"n_items":{n_rows},"n_rows":{n_rows},"is_consistent":true,"started_at":"2025-01-01T00:00:00Z","ended_at":"2025-01-01T00:00:00Z","server_at":null,"resource_version":null}}"#
        )
    };
    let parts: [(&str, Vec<String>); 3] = [
        ("nas_iscsi_target_extent", (1..=n_links).map(link).collect()),
        ("k8s_csi_node_driver", drivers.iter().map(driver).collect()),
        ("collect_status", status.iter().map(told).collect()),
    ];
    for (table, lines) in parts {
        let path = EntryPath::parse(&format!("data/{table}/000001.jsonl")).unwrap();
        observation.take(&Part {
            path: &path,
            table: Some(table),
            bytes: lines.join("\n").as_bytes(),
        });
    }
    assert_eq!(observation.rejected, []);
    observation
}

fn plan() -> Vec<PlannedList> {
    let list = |source: &str, table: &str| PlannedList {
        source: source.to_owned(),
        list: "x".to_owned(),
        tables: vec![table.to_owned()],
    };
    vec![
        list("truenas", "nas_iscsi_target_extent"),
        list("truenas", "nas_iscsi_target"),
        list("kubernetes", "k8s_csi_node_driver"),
        list("kubernetes", "k8s_node"),
        list("kubernetes", "k8s_of_a_later_version"),
    ]
}

/// `table scope outcome rows` of the tables that a server was asked for.
#[track_caller]
fn check(mut observation: Observation, plan: &[PlannedList], expected: &[&str]) {
    let sorted = observation.sort_tables(plan, Some("c"));
    let lines = sorted
        .iter()
        .filter(|((table, _), _)| table != "collect_status")
        .map(|((table, scope), observed)| {
            format!(
                "{table} {scope} {} {}",
                observed.outcome,
                observed.rows.len()
            )
        });
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

#[test]
fn a_list_is_what_its_status_says_when_all_rows_are_there() {
    let status = [
        ("nas_iscsi_target_extent", "ok", 2),
        // Two equal lines are two rows written, and one row.
        ("k8s_csi_node_driver", "ok", 2),
    ];
    check(
        observe(2, &["d", "d"], &status),
        &[],
        &[
            "k8s_csi_node_driver c ok 1",
            "nas_iscsi_target_extent a ok 2",
        ],
    );
}

#[test]
fn a_file_without_a_line_of_which_nothing_is_told_is_no_list() {
    check(observe(0, &[], &[]), &[], &[]);
}

#[test]
fn a_list_with_fewer_rows_than_were_written_has_failed() {
    let status = [
        ("nas_iscsi_target_extent", "ok", 3),
        ("k8s_csi_node_driver", "ok", 1),
    ];
    check(
        observe(2, &[], &status),
        &[],
        &[
            "k8s_csi_node_driver c failed 0",
            "nas_iscsi_target_extent a failed 2",
        ],
    );
}

#[test]
fn a_planned_list_of_which_nothing_is_told_has_failed() {
    let status = [
        ("nas_iscsi_target_extent", "empty", 0),
        ("k8s_csi_node_driver", "unsupported", 0),
    ];
    check(
        observe(0, &[], &status),
        &plan(),
        &[
            "k8s_csi_node_driver c unsupported 0",
            "k8s_node c failed 0",
            "nas_iscsi_target a failed 0",
            "nas_iscsi_target_extent a empty 0",
        ],
    );
}
