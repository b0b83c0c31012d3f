//! Whether each restore point can be restored: usable, every reason why not, or why nobody can tell.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{self, Facts};
use super::section::{Cell, Column, Section, Total};
use crate::analysis::AnalysisError;
use crate::checks::{Finding, Severity, Subject};
use crate::cli::Show;
use crate::query::{ParamValue, Value};

/// The check that judges restore points.
const CHECK: &str = "RST-001";
const MIN_AGE: &str = "min_age_secs";

const POINTS: &str = "\
SELECT p.cluster AS cluster, p.namespace AS namespace, p.name AS name, p.taken_at AS taken_at,
       :now + COALESCE(o.offset_secs, 0) - p.created_at AS age_secs, p.size_bytes AS size_bytes, p.driver AS driver,
       p.backing AS backing
FROM point_backing AS p
LEFT JOIN clock_offset AS o ON o.cluster = p.cluster";

const NOTE: &str = "\
Restore points are VolumeSnapshots that say they are ready. Usable is one
against which RST-001 has nothing and whose snapshot or dataset on the appliance
was seen. Not judged: it is younger than the check waits, or what it stands on
is where an absence would prove nothing (another storage, a pool that is not
online).";

const COLUMNS: [Column; 11] = [
    Column::title("cluster"),
    Column::title("namespace"),
    Column::title("snapshot"),
    Column::figure("state", "state", 12),
    Column::figure("severity", "severity", 9),
    Column::figure("age_secs", "age", 13),
    Column::figure("size_bytes", "size", 12),
    Column::below("reasons", "because"),
    Column::machine("taken_at"),
    Column::machine("driver"),
    Column::machine("backing"),
];

/// What is known of a restore point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Unusable,
    NotJudged,
    Usable,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Unusable => "unusable",
            Self::NotJudged => "not-judged",
            Self::Usable => "usable",
        }
    }
}

/// Cluster and the snapshot with its namespace.
type Key = (String, String);

/// Findings against one restore point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Against {
    severity: Option<Severity>,
    reasons: Vec<String>,
}

/// A restore point with the judgement.
struct Judged {
    state: State,
    row: Vec<Cell>,
}

pub(super) fn section(facts: &Facts) -> Result<Section, AnalysisError> {
    let gaps = facts.gaps(CHECK);
    let blind: BTreeSet<&str> = gaps.iter().map(|gap| gap.scope.as_str()).collect();
    let against = against(facts.findings(CHECK));
    let points: Vec<[Value; 8]> = facts.ask(POINTS)?;
    let seen = points
        .iter()
        .filter(|point| !blind.contains(point[0].as_text().unwrap_or_default()));
    let judged = seen.map(|point| {
        let least = min_age_secs(facts, point)?;
        Ok::<Judged, AnalysisError>(judged(point, &against, least))
    });
    let mut judged: Vec<Judged> = judged.collect::<Result<_, _>>()?;
    judged.sort_by_cached_key(|judged| {
        let name = |cell: &Cell| format!("{cell:?}");
        let [cluster, namespace, snapshot] = [0, 1, 2].map(|index| name(&judged.row[index]));
        (judged.state, cluster, namespace, snapshot)
    });
    let n = |state: State| {
        let n = judged.iter().filter(|judged| judged.state == state).count();
        i64::try_from(n).unwrap_or(i64::MAX)
    };
    let [unusable, not_judged, usable] = [State::Unusable, State::NotJudged, State::Usable].map(n);
    Ok(Section {
        show: Show::RestorePoints,
        totals: vec![
            Total::count(
                "n_points",
                "ready VolumeSnapshots",
                unusable + not_judged + usable,
            ),
            Total::count("n_usable", "usable", usable),
            Total::count("n_unusable", "unusable", unusable),
            Total::count("n_not_judged", "not judged", not_judged),
        ],
        gaps,
        columns: &COLUMNS,
        rows: judged.into_iter().map(|judged| judged.row).collect(),
        note: NOTE,
    })
}

/// How old a restore point must be for the check to judge it, where it is.
fn min_age_secs(facts: &Facts, point: &[Value; 8]) -> Result<i64, AnalysisError> {
    let [cluster, namespace, name, ..] = point;
    let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
    let subject = Subject {
        table: "k8s_volume_snapshot",
        scope: &text(cluster),
        key: &format!("{}/{}", text(namespace), text(name)),
    };
    Ok(match facts.threshold(CHECK, MIN_AGE, subject)? {
        ParamValue::Integer(secs) => secs,
        _ => 0,
    })
}

/// Findings by restore point, each cause once, with the worst severity.
fn against<'f>(findings: impl Iterator<Item = &'f Finding>) -> BTreeMap<Key, Against> {
    let mut found: BTreeMap<Key, Against> = BTreeMap::new();
    for finding in findings {
        let key = (finding.scope.clone(), finding.subject.clone());
        let against = found.entry(key).or_default();
        let severity = finding.effective_severity;
        // Worse ones come first in the order of severities.
        against.severity = Some(
            against
                .severity
                .map_or(severity, |worst| worst.min(severity)),
        );
        let cause = facts::evidence(finding, "cause").and_then(Value::as_text);
        let grade = finding.grade.word();
        let reason = format!("{} ({grade})", cause.unwrap_or("not told"));
        if !against.reasons.contains(&reason) {
            against.reasons.push(reason);
        }
    }
    found
}

fn judged(point: &[Value; 8], against: &BTreeMap<Key, Against>, min_age_secs: i64) -> Judged {
    let [
        cluster,
        namespace,
        name,
        taken_at,
        age,
        size,
        driver,
        backing,
    ] = point;
    let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
    let subject = format!("{}/{}", text(namespace), text(name));
    let against = against.get(&(text(cluster), subject));
    let is_young = age.as_integer().is_some_and(|age| age < min_age_secs);
    let (state, reasons) = match (against, backing.as_text()) {
        (Some(against), _) => (State::Unusable, against.reasons.clone()),
        (None, _) if is_young => (State::NotJudged, vec!["too young".to_owned()]),
        (None, Some("seen")) => (State::Usable, Vec::new()),
        (None, _) => (
            State::NotJudged,
            vec!["what it stands on was not seen".to_owned()],
        ),
    };
    let severity = against.and_then(|against| against.severity);
    let words = |value: &Value| Cell::of(value.as_text(), Cell::text);
    Judged {
        state,
        row: vec![
            words(cluster),
            words(namespace),
            words(name),
            Cell::text(state.word()),
            Cell::of(severity, |severity| Cell::text(severity.word())),
            Cell::of(age.as_integer(), |age| Cell::Secs(age.max(0))),
            Cell::of(size.as_integer(), Cell::Bytes),
            Cell::of(
                Some(reasons).filter(|reasons| !reasons.is_empty()),
                Cell::Words,
            ),
            Cell::of(taken_at.as_integer(), Cell::At),
            words(driver),
            words(backing),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Grade;

    fn finding(cluster: &str, cause: &str, severity: Severity) -> Finding {
        Finding {
            check_id: CHECK.to_owned(),
            scope: cluster.to_owned(),
            subject_table: "k8s_volume_snapshot".to_owned(),
            subject: "shop/s".to_owned(),
            grade: Grade::Confirmed,
            severity,
            effective_severity: severity,
            bytes: None,
            points: None,
            evidence: vec![("cause".to_owned(), Value::Text(cause.to_owned()))],
            fingerprint: String::new(),
        }
    }

    fn point(cluster: &str, age: i64, backing: &str) -> [Value; 8] {
        let text = |text: &str| Value::Text(text.to_owned());
        [
            text(cluster),
            text("shop"),
            text("s"),
            Value::Null,
            Value::Integer(age),
            Value::Null,
            Value::Null,
            text(backing),
        ]
    }

    #[test]
    fn a_point_has_every_reason_against_it_once_and_the_worst_severity() {
        let findings = [
            finding("c-1", "class-gone", Severity::Low),
            finding("c-1", "backing-missing", Severity::High),
            finding("c-1", "class-gone", Severity::Low),
        ];
        let against = against(findings.iter());
        let judged = judged(&point("c-1", 900, "gone"), &against, 600);
        assert_eq!(judged.state, State::Unusable);
        let reasons = ["class-gone (confirmed)", "backing-missing (confirmed)"];
        assert_eq!(
            judged.row[7],
            Cell::Words(reasons.map(str::to_owned).to_vec())
        );
        assert_eq!(judged.row[4], Cell::text("high"));
        assert_eq!(judged.row.len(), COLUMNS.len());
    }

    #[test]
    fn the_same_name_in_another_cluster_is_another_point() {
        let findings = [finding("c-1", "driver-gone", Severity::High)];
        let against = against(findings.iter());
        let state =
            |cluster, age, backing| judged(&point(cluster, age, backing), &against, 600).state;
        assert_eq!(state("c-1", 900, "seen"), State::Unusable);
        assert_eq!(state("c-2", 900, "seen"), State::Usable);
    }

    #[test]
    fn nothing_is_usable_that_was_not_seen_or_is_too_young() {
        let none = BTreeMap::new();
        let state = |age, backing| judged(&point("c-1", age, backing), &none, 600).state;
        assert_eq!(state(600, "seen"), State::Usable);
        assert_eq!(state(599, "seen"), State::NotJudged);
        assert_eq!(state(900, "not-judged"), State::NotJudged);
        assert_eq!(state(900, "gone"), State::NotJudged);
    }
}
