//! Snapshots that are not made, not made well or not going away, as the checks find them, and how long making one takes.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{self, Facts};
use super::section::{Cell, Column, Section, Total};
use crate::analysis::AnalysisError;
use crate::checks::Finding;
use crate::cli::Show;
use crate::query::Value;

/// Not ready or failed, deleting for too long, and copies that stopped on the way.
const CHECKS: [&str; 3] = ["SNP-005", "ORP-019", "SNP-016"];
const TABLES: [&str; 3] = [
    "k8s_volume_snapshot",
    "k8s_volume_snapshot_content",
    "zfs_dataset",
];

const STATES: &str = "\
SELECT v.cluster AS cluster, COUNT(*) AS n_snapshots,
       SUM(CASE WHEN v.is_ready = TRUE AND v.deleting_at IS NULL THEN 1 ELSE 0 END) AS n_ready,
       SUM(CASE WHEN v.is_ready = FALSE AND v.deleting_at IS NULL THEN 1 ELSE 0 END) AS n_making,
       SUM(CASE WHEN v.deleting_at IS NULL THEN 0 ELSE 1 END) AS n_deleting
FROM k8s_volume_snapshot AS v
GROUP BY v.cluster";

const TAKEN: &str = "\
WITH timed AS (
  SELECT t.cluster AS cluster, t.class AS class, COUNT(*) AS n_taken, MEDIAN(t.lasted_secs) AS median_secs,
         MAX(t.lasted_secs) AS longest_secs
  FROM snapshot_operation AS t
  GROUP BY t.cluster, t.class
)
SELECT t.cluster AS cluster, t.class AS class, t.n_taken AS n_taken, CAST(FLOOR(t.median_secs) AS BIGINT) AS median_secs,
       t.longest_secs AS longest_secs
FROM timed AS t";

const NOTE: &str = "\
What is listed is what SNP-005 (not ready), ORP-019 (deletion that does not end)
and SNP-016 (detached copy not finished) find. `taken` is how long snapshots of
a class took, from the object to the moment on the appliance.";

const COLUMNS: [Column; 14] = [
    Column::title("scope"),
    Column::title("what"),
    Column::title("subject"),
    Column::figure("check", "check", 8),
    Column::figure("severity", "severity", 9),
    Column::figure("grade", "grade", 10),
    Column::figure("age_secs", "age", 13),
    Column::figure("n", "taken", 7),
    Column::figure("median_secs", "median", 13),
    Column::figure("longest_secs", "longest", 13),
    Column::below("error_class", "error"),
    Column::below("remover", "waits for"),
    Column::machine("subject_table"),
    Column::machine("n_warnings"),
];

/// VolumeSnapshots of a cluster by what they are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct States {
    n_snapshots: i64,
    n_ready: i64,
    /// Neither ready nor being deleted, however long.
    n_making: i64,
    n_deleting: i64,
}

pub(super) fn section(facts: &Facts) -> Result<Section, AnalysisError> {
    let mut gaps: Vec<_> = CHECKS.iter().flat_map(|check| facts.gaps(check)).collect();
    gaps.sort();
    gaps.dedup();
    let blind: BTreeSet<String> = facts
        .gaps(CHECKS[0])
        .into_iter()
        .map(|gap| gap.scope)
        .collect();
    let findings: Vec<&Finding> = CHECKS
        .iter()
        .flat_map(|check| facts.findings(check))
        .filter(|finding| TABLES.contains(&finding.subject_table.as_str()))
        .collect();
    let mut rows: Vec<Vec<Cell>> = findings.iter().map(row).collect();
    let taken = facts.ask(TAKEN)?.into_iter();
    let mut taken: Vec<[Value; 5]> = taken.filter(|row| is_seen(&row[0], &blind)).collect();
    taken.sort_by_key(|row| (row[0].to_string(), row[1].to_string()));
    rows.extend(taken.into_iter().map(taken_row));
    let states = facts.ask(STATES)?.into_iter();
    let states = states.filter(|row| is_seen(&row[0], &blind));
    Ok(Section {
        show: Show::Operations,
        totals: totals(sum(states), &findings),
        gaps,
        columns: &COLUMNS,
        rows,
        note: NOTE,
    })
}

fn is_seen(cluster: &Value, blind: &BTreeSet<String>) -> bool {
    cluster
        .as_text()
        .is_some_and(|cluster| !blind.contains(cluster))
}

fn sum(rows: impl Iterator<Item = [Value; 5]>) -> States {
    let n = |value: &Value| value.as_integer().unwrap_or_default();
    rows.fold(States::default(), |sum, row| States {
        n_snapshots: sum.n_snapshots + n(&row[1]),
        n_ready: sum.n_ready + n(&row[2]),
        n_making: sum.n_making + n(&row[3]),
        n_deleting: sum.n_deleting + n(&row[4]),
    })
}

fn row(finding: &&Finding) -> Vec<Cell> {
    let finding = *finding;
    let text = |column| {
        let value = facts::evidence(finding, column).and_then(Value::as_text);
        Cell::of(value, Cell::text)
    };
    let integer = |column, make: fn(i64) -> Cell| {
        Cell::of(
            facts::evidence(finding, column).and_then(Value::as_integer),
            make,
        )
    };
    let subject = match facts::evidence(finding, "namespace").and_then(Value::as_text) {
        Some(namespace) => format!("{namespace}/{}", finding.subject),
        None => finding.subject.clone(),
    };
    vec![
        Cell::text(&finding.scope),
        Cell::text(what(finding)),
        Cell::Text(subject),
        Cell::text(&finding.check_id),
        Cell::text(finding.effective_severity.word()),
        Cell::text(finding.grade.word()),
        integer("age_secs", Cell::Secs),
        Cell::None,
        Cell::None,
        Cell::None,
        text("error_class"),
        text("remover"),
        Cell::text(&finding.subject_table),
        integer("n_warnings", Cell::Count),
    ]
}

fn what(finding: &Finding) -> &'static str {
    let cause = facts::evidence(finding, "cause").and_then(Value::as_text);
    match (finding.check_id.as_str(), cause) {
        ("SNP-005", Some("error")) => "failed",
        ("SNP-005", _) => "not-ready",
        ("ORP-019", _) => "deleting",
        _ => "copy-not-finished",
    }
}

fn taken_row(taken: [Value; 5]) -> Vec<Cell> {
    let [cluster, class, n_taken, median, longest] = &taken;
    let words = |value: &Value| Cell::of(value.as_text(), Cell::text);
    let secs = |value: &Value| Cell::of(value.as_integer(), Cell::Secs);
    let mut row = vec![Cell::None; COLUMNS.len()];
    row[0] = words(cluster);
    row[1] = Cell::text("taken");
    row[2] = words(class);
    row[7] = Cell::of(n_taken.as_integer(), Cell::Count);
    row[8] = secs(median);
    row[9] = secs(longest);
    row[12] = Cell::text("k8s_volume_snapshot_class");
    row
}

fn totals(states: States, findings: &[&Finding]) -> Vec<Total> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for finding in findings {
        *counts.entry(what(finding)).or_default() += 1;
    }
    let of = |what: &str| counts.get(what).copied().unwrap_or_default();
    vec![
        Total::count("n_snapshots", "VolumeSnapshots", states.n_snapshots),
        Total::count("n_ready", "ready", states.n_ready),
        Total::count("n_making", "in the making", states.n_making),
        Total::count("n_deleting", "going", states.n_deleting),
        Total::count("n_failed", "failed", of("failed")),
        Total::count("n_not_ready", "not ready for too long", of("not-ready")),
        Total::count("n_stuck_deleting", "deleting for too long", of("deleting")),
        Total::count(
            "n_copies_not_finished",
            "copies not finished",
            of("copy-not-finished"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{Grade, Severity};

    fn finding(check: &str, cause: Option<&str>) -> Finding {
        let cause = cause.map(|cause| ("cause".to_owned(), Value::Text(cause.to_owned())));
        let evidence = [("age_secs".to_owned(), Value::Integer(7_200))];
        Finding {
            check_id: check.to_owned(),
            scope: "c-1".to_owned(),
            subject_table: "k8s_volume_snapshot".to_owned(),
            subject: "s".to_owned(),
            grade: Grade::Confirmed,
            severity: Severity::High,
            effective_severity: Severity::High,
            bytes: None,
            points: None,
            evidence: evidence.into_iter().chain(cause).collect(),
            fingerprint: String::new(),
        }
    }

    #[test]
    fn a_finding_says_what_is_wrong_and_for_how_long() {
        let what = |check, cause| super::what(&finding(check, cause));
        assert_eq!(what("SNP-005", Some("error")), "failed");
        assert_eq!(what("SNP-005", Some("slow")), "not-ready");
        assert_eq!(what("ORP-019", None), "deleting");
        assert_eq!(what("SNP-016", Some("volume")), "copy-not-finished");
        let row = row(&&finding("ORP-019", None));
        assert_eq!(row.len(), COLUMNS.len());
        assert_eq!(row[6], Cell::Secs(7_200));
    }

    #[test]
    fn states_of_several_clusters_add_up_and_a_blind_one_is_left_out() {
        let row = |cluster: &str, n: [i64; 4]| {
            let [a, b, c, d] = n.map(Value::Integer);
            [Value::Text(cluster.to_owned()), a, b, c, d]
        };
        let rows = [row("c-1", [5, 3, 1, 1]), row("c-2", [2, 2, 0, 0])];
        let states = sum(rows.clone().into_iter());
        assert_eq!((states.n_snapshots, states.n_ready), (7, 5));
        let blind = BTreeSet::from(["c-2".to_owned()]);
        let states = sum(rows.into_iter().filter(|row| is_seen(&row[0], &blind)));
        assert_eq!((states.n_snapshots, states.n_deleting), (5, 1));
        assert_eq!(sum(std::iter::once(row("c-1", [0; 4]))), States::default());
    }
}
