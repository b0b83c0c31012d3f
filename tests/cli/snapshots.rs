//! The sections of `snapshots` over the sample bundles, beside what the checks and queries say of the same estate.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Sample;

const SECTIONS: [&str; 6] = [
    "creators",
    "growth",
    "coverage",
    "retention",
    "operations",
    "restore_points",
];

fn rows<'v>(answer: &'v Value, section: &str) -> &'v [Value] {
    answer[section]["rows"].as_array().expect(section)
}

/// One number that a query finds.
fn count(sample: &Sample, sql: &str) -> u64 {
    let answer = sample.json(&["query", sql, "--format", "json"]);
    let n = answer[0]["n"].as_u64();
    n.unwrap_or_else(|| panic!("{sql}: {answer}"))
}

fn sum(rows: &[Value], column: &str) -> u64 {
    rows.iter().filter_map(|row| row[column].as_u64()).sum()
}

#[test]
fn the_sections_say_what_the_checks_and_the_tables_say() {
    let sample = Sample::new();
    let answer = sample.json(&["snapshots", "--format", "json"]);
    for section in SECTIONS {
        let gaps = answer[section]["not_evaluated"].as_array().unwrap();
        assert!(
            gaps.iter().all(|gap| gap["is_planned"] == false),
            "{gaps:?}"
        );
        assert!(answer[section]["totals"].is_object(), "{section}");
        assert!(!rows(&answer, section).is_empty(), "{section}");
    }

    let makers = rows(&answer, "creators");
    let snapshots: Vec<Value> = makers
        .iter()
        .filter(|row| row["maker"] != "detached-copy")
        .cloned()
        .collect();
    let n_snapshots = count(&sample, "SELECT COUNT(*) AS n FROM zfs_snapshot AS s");
    assert_eq!(sum(&snapshots, "n_snapshots"), n_snapshots);
    // Makers share blocks: together they hold no more than what all snapshots hold, pool by pool.
    let growth = rows(&answer, "growth");
    for pool in growth.iter().filter(|row| row["kind"] == "pool") {
        let ours: Vec<Value> = snapshots
            .iter()
            .filter(|row| row["pool"] == pool["pool"])
            .cloned()
            .collect();
        assert_eq!(
            sum(&ours, "n_snapshots"),
            pool["n_snapshots"].as_u64().unwrap()
        );
        assert!(sum(&ours, "least_bytes") <= pool["held_bytes"].as_u64().unwrap());
        // Two of the three bundles, or all of them, list the snapshots; the newest is the one of today.
        let counts = pool["counts"].as_array().unwrap();
        assert!(counts.len() > 1, "{pool}");
        assert_eq!(counts.last().unwrap()["n"], pool["n_snapshots"]);
    }

    let claims = rows(&answer, "coverage");
    let bound =
        "SELECT COUNT(*) AS n FROM k8s_pvc AS c WHERE c.phase = 'Bound' AND c.deleting_at IS NULL";
    assert_eq!(claims.len() as u64, count(&sample, bound));
    let buckets = answer["coverage"]["totals"].as_object().unwrap();
    let in_buckets: u64 = buckets
        .iter()
        .filter(|(name, _)| *name != "n_claims")
        .filter_map(|(_, n)| n.as_u64())
        .sum();
    assert_eq!(in_buckets, claims.len() as u64);

    let tasks = rows(&answer, "retention").iter();
    let n_tasks = tasks.filter(|row| row["kind"] == "task").count() as u64;
    let all = "SELECT COUNT(*) AS n FROM nas_snapshot_task AS t";
    assert_eq!(n_tasks, count(&sample, all));
    let points = rows(&answer, "restore_points");
    let all = "SELECT COUNT(*) AS n FROM restore_point AS r";
    assert_eq!(points.len() as u64, count(&sample, all));

    let checked = sample.json(&["check", "--format", "json"]);
    let results = checked["results"].as_array().unwrap();
    let subjects = |check: &str| -> BTreeSet<String> {
        let ours = results.iter().filter(|result| result["check"] == check);
        let findings = ours.flat_map(|result| result["findings"].as_array().unwrap());
        let subject = |finding: &Value| finding["subject"].as_str().unwrap().to_owned();
        findings.map(subject).collect()
    };
    let named = |row: &Value, name: &str| {
        let part = |column: &str| row[column].as_str().unwrap().to_owned();
        format!("{}/{}", part("namespace"), part(name))
    };
    let unusable: BTreeSet<String> = points
        .iter()
        .filter(|row| row["state"] == "unusable")
        .map(|row| named(row, "snapshot"))
        .collect();
    assert_eq!(unusable, subjects("RST-001"));
    let unprotected: BTreeSet<String> = claims
        .iter()
        .filter(|row| row["finding"].to_string().contains("SNP-011"))
        .map(|row| named(row, "claim"))
        .collect();
    assert_eq!(unprotected, subjects("SNP-011"));
}

#[test]
fn a_section_is_a_text_a_table_or_a_part_of_the_whole() {
    let sample = Sample::new();
    let (code, text, errors) = sample.run(&["snapshots"]);
    assert_eq!(code, Some(0), "{errors}");
    for title in [
        "Creators:",
        "Growth:",
        "Coverage:",
        "Retention:",
        "Restore points:",
    ] {
        assert!(text.contains(title), "{text}");
    }
    assert!(text.contains("sum of pool"), "{text}");
    let show = ["snapshots", "--show", "coverage"];
    let (code, text, _) = sample.run(&show);
    assert_eq!(code, Some(0));
    assert!(
        text.starts_with("Coverage:") && !text.contains("sum of pool"),
        "{text}"
    );
    let (_, table, _) = sample.run(&[&show[..], &["--format", "csv"]].concat());
    let part = sample.json(&[&show[..], &["--format", "json"]].concat());
    assert_eq!(table.lines().count(), 1 + rows(&part, "coverage").len());
    assert!(part["creators"].is_null() && part["datasets"].is_null());
    let two = [&show[..], &["--show", "growth", "--format", "csv"]].concat();
    let (code, text, errors) = sample.run(&two);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(errors.contains("one --show"), "{errors}");
}

#[test]
fn a_list_that_was_denied_gives_its_sections_no_number_and_the_others_theirs() {
    let sample = Sample::new();
    // The list of VolumeSnapshots was denied in the second bundle.
    let at = ["--at", "2", "--format", "json"];
    let (code, text, errors) = sample.run(&[&["snapshots"][..], &at].concat());
    assert_eq!(code, Some(5), "{errors}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    for section in ["coverage", "operations", "restore_points"] {
        let gaps = answer[section]["not_evaluated"].to_string();
        assert!(gaps.contains("k8s_volume_snapshot"), "{section}: {gaps}");
        assert!(gaps.contains("denied"), "{section}: {gaps}");
    }
    for section in ["coverage", "restore_points"] {
        assert!(rows(&answer, section).is_empty(), "{section}");
        assert!(answer[section]["totals"].is_null(), "{section}");
    }
    assert!(!rows(&answer, "growth").is_empty());
    let (code, _, _) = sample.run(&["snapshots", "--at", "2", "--show", "growth"]);
    assert_eq!(code, Some(0));
    let (code, _, _) = sample.run(&["snapshots", "--at", "2", "--format", "csv"]);
    assert_eq!(code, Some(0));
}
