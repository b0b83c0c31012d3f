//! `check`: every check and its result, and the gate.

use truenas_common::exit::Exit;

use crate::analysis::Analysis;
use crate::checks::{Finding, Severity, State};
use crate::cli::{Check, Gate, Print};

pub(crate) fn run(args: &Check) -> anyhow::Result<Exit> {
    let (analysis, _, _) = super::analyse(&args.input)?;
    Ok(print(&analysis, args))
}

/// Prints the results, and judges them at the gate.
pub(crate) fn print(analysis: &Analysis, args: &Check) -> Exit {
    match args.format {
        Print::Text => print_text(analysis),
        Print::Json => println!("{:#}", json(analysis)),
        Print::Csv => print!("{}", csv(analysis.findings())),
    }
    exit(analysis, args)
}

fn exit(analysis: &Analysis, args: &Check) -> Exit {
    let gate = args.fail_on.map(severity);
    let is_at_gate =
        |finding: &Finding| gate.is_some_and(|gate| finding.effective_severity <= gate);
    if analysis.findings().any(is_at_gate) {
        return Exit::Findings;
    }
    let is_open = |state: &State| match state {
        State::NotEvaluated(_) => gate.is_some() || args.require_complete,
        State::NotApplicable(reason) => {
            args.require_complete && reason.starts_with("not collected")
        }
        _ => false,
    };
    if analysis.results.iter().any(|result| is_open(&result.state)) {
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

fn print_text(analysis: &Analysis) {
    for result in &analysis.results {
        let (state, reason) = words(&result.state);
        let title = analysis
            .page(&result.check_id)
            .map_or("", |page| page.title.as_str());
        let checked = result
            .n_population
            .map(|n| format!(" ({n} checked)"))
            .unwrap_or_default();
        println!("{:<8} {state:<15} {title}{checked}", result.check_id);
        if !result.scope.is_empty() {
            println!("         in {}", result.scope);
        }
        if !reason.is_empty() {
            println!("         {reason}");
        }
        for finding in &result.findings {
            let (severity, grade) = (finding.effective_severity.word(), finding.grade.word());
            println!("    {severity:<9} {grade:<10} {}", finding.subject);
        }
    }
}

fn json(analysis: &Analysis) -> serde_json::Value {
    let results = analysis.results.iter().map(|result| {
        let (state, reason) = words(&result.state);
        serde_json::json!({
            "check": result.check_id,
            "scope": result.scope,
            "state": state,
            "reason": reason,
            "n_population": result.n_population,
            "findings": result.findings.iter().map(finding_json).collect::<Vec<_>>(),
        })
    });
    serde_json::json!({
        "domain": analysis.estate.domain,
        "now": truenas_common::time::Time::from_unix_secs(analysis.estate.now).to_string(),
        "results": results.collect::<Vec<_>>(),
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
pub(crate) fn csv<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let header = [
        "check",
        "scope",
        "subject_table",
        "subject",
        "grade",
        "effective_severity",
        "bytes",
        "fingerprint",
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
        ]);
    }
    text
}
