//! `check`: every check and its result, and the gate.

mod text;

use std::collections::BTreeSet;

use truenas_common::exit::Exit;
use truenas_common::time::Time;

use super::accepted::{self, Judged};
use super::stdout::{out, outln};
use crate::analysis::Analysis;
use crate::checks::{Finding, Severity, State};
use crate::cli::{Check, Gate, Print};
use crate::lifecycle::{Lifecycle, resolution};
use crate::suppress::{Entry, Status};

pub(crate) fn run(args: &Check) -> anyhow::Result<Exit> {
    let looked = super::look_back(&args.input, args.look_back)?;
    let lifecycle = Lifecycle::look_back(
        &looked.history,
        &looked.analysis,
        None,
        &looked.settings,
        args.look_back,
    )?;
    answer(looked.analysis, Some(lifecycle), args)
}

/// Prints the results, and judges them at the gate.
pub(crate) fn answer(
    mut analysis: Analysis,
    lifecycle: Option<Lifecycle>,
    args: &Check,
) -> anyhow::Result<Exit> {
    let suppressions = accepted::apply(&args.accepted, &mut analysis)?;
    let baseline = args
        .baseline
        .as_deref()
        .map(|path| accepted::read_baseline(path, &analysis))
        .transpose()?;
    let known = baseline
        .iter()
        .flatten()
        .filter(|(_, status)| *status == Status::Active)
        .map(|(entry, _)| entry.finding.clone())
        .collect();
    let checked = Checked {
        analysis,
        lifecycle,
        suppressions,
        baseline,
        known,
        is_new_only: args.new_only,
    };
    match args.format {
        Print::Text => out!("{}", text::text(&checked)),
        Print::Json => outln!("{:#}", json(&checked)),
        Print::Csv => {
            let findings = checked.analysis.findings();
            let shown = findings.filter(|finding| checked.is_shown(finding));
            out!("{}", csv(shown, |finding| checked.state(finding)));
        }
    }
    Ok(exit(&checked, args))
}

/// Everything that `check` says.
struct Checked {
    analysis: Analysis,
    lifecycle: Option<Lifecycle>,
    suppressions: Judged,
    baseline: Option<Judged>,
    /// Fingerprints that the baseline has, with the same evidence.
    known: BTreeSet<String>,
    is_new_only: bool,
}

impl Checked {
    /// Whether the gate looks at a finding.
    fn is_counted(&self, finding: &Finding) -> bool {
        self.analysis.is_open(finding)
            && !(self.is_new_only && self.known.contains(&finding.fingerprint))
    }

    /// Whether a finding is printed: accepted ones are, with that word.
    fn is_shown(&self, finding: &Finding) -> bool {
        !self.is_new_only || self.is_counted(finding)
    }

    /// Where a finding stands, in a word.
    fn state(&self, finding: &Finding) -> &'static str {
        if !self.analysis.is_open(finding) {
            return "suppressed";
        }
        let lives = self.lifecycle.as_ref().map(|lifecycle| &lifecycle.lives);
        match lives.and_then(|lives| lives.get(&finding.fingerprint)) {
            None => "open",
            Some(life) => life.standing.word(),
        }
    }
}

fn exit(checked: &Checked, args: &Check) -> Exit {
    let gate = args.fail_on.map(severity);
    let is_at_gate = |finding: &Finding| {
        gate.is_some_and(|gate| finding.effective_severity <= gate) && checked.is_counted(finding)
    };
    if checked.analysis.findings().any(is_at_gate) {
        return Exit::Findings;
    }
    let is_open = |state: &State| match state {
        State::NotEvaluated(_) => gate.is_some() || args.require_complete,
        State::NotApplicable(reason) => {
            args.require_complete && reason.starts_with("not collected")
        }
        _ => false,
    };
    let mut results = checked.analysis.results.iter();
    if results.any(|result| is_open(&result.state)) {
        Exit::NotEvaluated
    } else {
        Exit::Ok
    }
}

fn severity(gate: Gate) -> Severity {
    match gate {
        Gate::Critical => Severity::Critical,
        Gate::High => Severity::High,
        Gate::Medium => Severity::Medium,
        Gate::Low => Severity::Low,
        Gate::Info => Severity::Info,
    }
}

fn words(state: &State) -> (&'static str, &str) {
    match state {
        State::Fail => ("fail", ""),
        State::Pass => ("pass", ""),
        State::NotApplicable(reason) => ("not-applicable", reason),
        State::NotEvaluated(reason) => ("not-evaluated", reason),
    }
}

fn json(checked: &Checked) -> serde_json::Value {
    let analysis = &checked.analysis;
    let time = |at: i64| Time::from_unix_secs(at).to_string();
    let finding = |finding: &Finding| {
        let mut value = finding_json(finding);
        value["state"] = checked.state(finding).into();
        let lives = checked.lifecycle.as_ref().map(|lifecycle| &lifecycle.lives);
        if let Some(life) = lives.and_then(|lives| lives.get(&finding.fingerprint)) {
            value["first_seen"] = time(life.first_seen).into();
            value["since"] = time(life.since).into();
            value["is_age_exact"] = life.is_exact.into();
        }
        value
    };
    let results = analysis.results.iter().map(|result| {
        let (state, reason) = words(&result.state);
        let shown = result
            .findings
            .iter()
            .filter(|finding| checked.is_shown(finding));
        serde_json::json!({
            "check": result.check_id,
            "scope": result.scope,
            "state": state,
            "reason": reason,
            "n_population": result.n_population,
            "findings": shown.map(finding).collect::<Vec<_>>(),
        })
    });
    let entry = |(entry, status): &(Entry, Status)| {
        serde_json::json!({
            "check": entry.check,
            "subject": entry.subject,
            "finding": entry.finding,
            "owner": entry.owner,
            "reason": entry.reason,
            "until": entry.until.map(|until| Time::from_unix_secs(until).day()),
            "status": status.word(),
        })
    };
    let gone = checked
        .lifecycle
        .iter()
        .flat_map(|lifecycle| &lifecycle.gone);
    let gone = gone.map(|gone| {
        serde_json::json!({
            "check": gone.trace.check,
            "scope": gone.trace.scope,
            "subject_table": gone.trace.subject_table,
            "subject": gone.trace.subject,
            "fingerprint": gone.fingerprint,
            "reason": resolution(analysis, None, &gone.trace).word(),
            "first_seen": time(gone.first_seen),
            "last_seen": time(gone.last_seen),
        })
    });
    serde_json::json!({
        "domain": analysis.estate.domain,
        "now": time(analysis.estate.now),
        "n_moments": checked.lifecycle.as_ref().map(|lifecycle| lifecycle.n_moments),
        "results": results.collect::<Vec<_>>(),
        "gone": gone.collect::<Vec<_>>(),
        "suppressions": checked.suppressions.iter().map(entry).collect::<Vec<_>>(),
        "baseline": checked.baseline.as_ref().map(|entries| entries.iter().map(entry).collect::<Vec<_>>()),
    })
}

/// One finding with everything a machine needs.
pub(crate) fn finding_json(finding: &Finding) -> serde_json::Value {
    let evidence: serde_json::Map<String, serde_json::Value> = finding
        .evidence
        .iter()
        .map(|(name, value)| (name.clone(), value.to_json()))
        .collect();
    serde_json::json!({
        "check": finding.check_id,
        "scope": finding.scope,
        "subject_table": finding.subject_table,
        "subject": finding.subject,
        "grade": finding.grade.word(),
        "severity": finding.severity.word(),
        "effective_severity": finding.effective_severity.word(),
        "bytes": finding.bytes,
        "points": finding.points,
        "fingerprint": finding.fingerprint,
        "evidence": evidence,
    })
}

/// Findings as CSV with a header.
pub(crate) fn csv<'f>(
    findings: impl Iterator<Item = &'f Finding>,
    state: impl Fn(&Finding) -> &'static str,
) -> String {
    let header = [
        "check",
        "scope",
        "subject_table",
        "subject",
        "grade",
        "effective_severity",
        "bytes",
        "fingerprint",
        "state",
    ];
    let mut text = super::csv_line(&header.map(str::to_owned));
    for finding in findings {
        text += &super::csv_line(&[
            finding.check_id.clone(),
            finding.scope.clone(),
            finding.subject_table.clone(),
            finding.subject.clone(),
            finding.grade.word().to_owned(),
            finding.effective_severity.word().to_owned(),
            finding
                .bytes
                .map(|bytes| bytes.to_string())
                .unwrap_or_default(),
            finding.fingerprint.clone(),
            state(finding).to_owned(),
        ]);
    }
    text
}
