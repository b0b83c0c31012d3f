//! `orphans`: both directions, graded, with what the conclusion rests on.

use truenas_common::exit::Exit;

use super::stdout::{out, outln};
use crate::analysis::Analysis;
use crate::checks::{Finding, State};
use crate::cli::{Orphans, Print};
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

pub(crate) fn run(args: &Orphans) -> anyhow::Result<Exit> {
    let mut analysis = super::look(&args.input)?.analysis;
    super::accepted::apply(&args.accepted, &mut analysis)?;
    let findings: Vec<&Finding> = analysis
        .open_findings()
        .filter(|finding| finding.check_id.starts_with("ORP-"))
        .collect();
    match args.format {
        Print::Text => print_text(&analysis, &findings),
        Print::Csv => out!("{}", super::check::csv(findings.into_iter(), |_| "open")),
        Print::Json => {
            let rows: Vec<_> = findings
                .into_iter()
                .map(super::check::finding_json)
                .collect();
            outln!("{:#}", serde_json::Value::Array(rows));
        }
    }
    let is_blind = |state: &State| matches!(state, State::NotEvaluated(_));
    let is_any_blind = analysis
        .results
        .iter()
        .any(|result| result.check_id.starts_with("ORP-") && is_blind(&result.state));
    Ok(if is_any_blind {
        Exit::NotEvaluated
    } else {
        Exit::Ok
    })
}

fn print_text(analysis: &Analysis, findings: &[&Finding]) {
    let (clusters, appliances) = (
        analysis.estate.clusters.len(),
        analysis.estate.appliances.len(),
    );
    outln!(
        "Rests on {clusters} clusters and {appliances} appliances in {} bundles.",
        analysis.estate.bundles.len()
    );
    for (title, is_storage) in [
        ("On storage, not in Kubernetes", true),
        ("In Kubernetes, not on storage", false),
    ] {
        outln!("\n{title}");
        let rows: Vec<_> = findings
            .iter()
            .filter(|finding| finding.subject_table.starts_with("k8s_") != is_storage)
            .collect();
        if rows.is_empty() {
            outln!("  none found");
        }
        for finding in rows {
            let bytes = finding
                .bytes
                .map(|bytes| Number::bytes(bytes, Round::Down).text)
                .unwrap_or_default();
            outln!(
                "  {:<10} {:<8} {bytes:>10}  {}",
                finding.grade.word(),
                finding.check_id,
                visible(&finding.subject)
            );
        }
    }
    for result in analysis
        .results
        .iter()
        .filter(|result| result.check_id.starts_with("ORP-"))
    {
        if let State::NotEvaluated(reason) = &result.state {
            outln!(
                "\n{} was not evaluated: {}",
                result.check_id,
                visible(reason)
            );
        }
    }
}
