//! What the checks found against what was planted.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use testkit::estate::{Corollary, Estate, Truth};
use testkit::subject::pseudonym;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::{Finding, Grade, Overrides, Severity, State};
use truenas_analyzer::history::History;
use truenas_common::redact::Redactor;

/// What became of one planted fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Found at the grade that the scope and the bundles allow.
    Found,
    /// Found at another grade, or not at all.
    Missed,
}

/// The comparison of one estate.
#[derive(Default)]
pub(crate) struct Verdict {
    /// Mode, fate and a line to print, for each planted fault.
    pub(crate) planted: Vec<(String, Fate, String)>,
    /// The same for what follows from them, by check.
    pub(crate) corollaries: Vec<(String, Fate, String)>,
    /// Findings at grade `confirmed` that nothing explains.
    pub(crate) false_confirmed: Vec<String>,
    /// Other findings of severity `high` or above that nothing explains.
    pub(crate) false_high: Vec<String>,
    /// Findings that are hints only.
    pub(crate) n_weak: usize,
    /// Checks that were not evaluated on the last day, with the reason.
    pub(crate) not_evaluated: Vec<String>,
}

impl Verdict {
    /// Compares the findings over a history with an estate's faults. `days` is the number of its bundles.
    pub(crate) fn new(
        history: &History,
        domain: &str,
        estate: &Estate,
        redactor: &Redactor,
        days: usize,
    ) -> anyhow::Result<Self> {
        let mut verdict = Self::default();
        let newest = Analysis::run(history, domain, None, &Overrides::new())?;
        let mut explained = BTreeSet::new();
        let mut earlier: BTreeMap<usize, Analysis> = BTreeMap::new();
        for truth in estate.truth() {
            let (check, subject) = (check_of(&truth.mode), token(truth, redactor));
            let analysis = if truth.holds_on(days - 1) {
                explained.insert((check.to_owned(), subject.clone()));
                &newest
            } else {
                match earlier.entry(truth.first_day) {
                    Entry::Occupied(day) => day.into_mut(),
                    Entry::Vacant(day) => day.insert(at_day(history, domain, truth.first_day)?),
                }
            };
            let line = format!(
                "{:<8} {check:<8} {:<28} {}",
                truth.mode, truth.table, truth.subject
            );
            let fate = fate(analysis, check, &subject, &truth.grade, line);
            verdict.planted.push((truth.mode.clone(), fate.0, fate.1));
        }
        for corollary in estate.corollaries() {
            let Corollary {
                check,
                table,
                subject,
                ..
            } = corollary;
            let found = pseudonym(redactor, table, subject).unwrap_or_else(|| subject.clone());
            let line = format!("{check:<8} {table:<28} {subject}");
            let fate = fate(&newest, check, &found, "confirmed", line);
            verdict
                .corollaries
                .push(((*check).to_owned(), fate.0, fate.1));
            explained.insert(((*check).to_owned(), found));
        }
        for finding in newest.findings() {
            let key = (finding.check_id.clone(), finding.subject.clone());
            if !explained.contains(&key) {
                verdict.unexplained(finding);
            }
        }
        for result in &newest.results {
            if let State::NotEvaluated(reason) = &result.state {
                let line = format!("{} was not evaluated: {reason}", result.check_id);
                verdict.not_evaluated.push(line);
            }
        }
        Ok(verdict)
    }

    fn unexplained(&mut self, finding: &Finding) {
        let line = format!(
            "{} {} {} {:?}",
            finding.check_id,
            finding.grade.word(),
            finding.subject,
            finding.evidence
        );
        if finding.grade == Grade::Confirmed {
            self.false_confirmed.push(line);
        } else if finding.effective_severity <= Severity::High {
            self.false_high.push(line);
        } else {
            self.n_weak += 1;
        }
    }

    /// Lines of one fate.
    pub(crate) fn lines(facts: &[(String, Fate, String)], fate: Fate) -> Vec<&str> {
        facts
            .iter()
            .filter(|fact| fact.1 == fate)
            .map(|fact| fact.2.as_str())
            .collect()
    }
}

fn fate(
    analysis: &Analysis,
    check: &str,
    subject: &str,
    grade: &str,
    line: String,
) -> (Fate, String) {
    let found = analysis
        .findings()
        .find(|finding| finding.check_id == check && finding.subject == subject);
    match found {
        Some(finding) if finding.grade.word() == grade => (Fate::Found, line),
        Some(finding) => {
            let points = finding.points.clone().unwrap_or_default();
            let found = finding.grade.word();
            (
                Fate::Missed,
                format!("{line}: graded {found} instead of {grade} ({points})"),
            )
        }
        None => (Fate::Missed, format!("{line}: not found")),
    }
}

/// The check that finds a mode.
fn check_of(mode: &str) -> &str {
    match mode {
        "F01" | "F03" => "ORP-010",
        "F02" | "F04" | "F05" => "ORP-001",
        "F09" => "ORP-003",
        "F21" => "ORP-002",
        "F22" | "F23" => "ORP-007",
        "F24" => "SNP-001",
        mode => mode,
    }
}

/// The pseudonym under which a planted subject must be found.
fn token(truth: &Truth, redactor: &Redactor) -> String {
    let subject = truth.subject.as_str();
    if truth.table == "collect_status" {
        return list_path(subject);
    }
    pseudonym(redactor, &truth.table, subject).unwrap_or_else(|| subject.to_owned())
}

/// `group/resource` as the path the collector reads.
fn list_path(list: &str) -> String {
    let (group, resource) = list.split_once('/').unwrap_or(("", list));
    let mut paths = truenas_collector::source::k8s::K8sList::ALL
        .iter()
        .map(|list| list.path());
    let is_it = |path: &&str| {
        path.ends_with(&format!("/{resource}")) && path.contains(&format!("/{group}/"))
    };
    paths.find(is_it).unwrap_or(list).to_owned()
}

fn at_day(history: &History, domain: &str, day: usize) -> anyhow::Result<Analysis> {
    let end = history
        .streams()
        .flat_map(|(_, stream)| stream.bundles().map(|entry| entry.ended_at))
        .nth(day)
        .with_context(|| format!("no bundle of day {day}"))?;
    Ok(Analysis::run(
        history,
        domain,
        Some(end),
        &Overrides::new(),
    )?)
}
