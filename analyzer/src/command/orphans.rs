//! `orphans`: both directions, graded, with what the conclusion rests on.

use truenas_common::exit::Exit;

use super::stdout::{out, outln};
use crate::analysis::Analysis;
use crate::checks::{Finding, NOT_COLLECTED, State};
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

/// Checks by the side that lacks the partner; those of neither list look at something else.
const SIDES: [(&str, &[&str]); 2] = [
    (
        "On storage, not in Kubernetes",
        &[
            "ORP-001", "ORP-003", "ORP-004", "ORP-005", "ORP-006", "ORP-015", "ORP-017", "ORP-018",
            "ORP-021", "ORP-022", "ORP-023", "ORP-026",
        ],
    ),
    ("In Kubernetes, not on storage", &["ORP-002", "ORP-007"]),
];

fn print_text(analysis: &Analysis, findings: &[&Finding]) {
    let estate = &analysis.estate;
    outln!(
        "Rests on {}, {} and {}.",
        super::counted(estate.clusters.len(), "cluster", "clusters"),
        super::counted(estate.appliances.len(), "appliance", "appliances"),
        super::counted(estate.bundles.len(), "bundle", "bundles")
    );
    let side = |finding: &Finding| {
        let is_ours = |(_, ids): &(&str, &[&str])| ids.contains(&finding.check_id.as_str());
        SIDES.iter().position(is_ours).unwrap_or(SIDES.len())
    };
    let titles = SIDES.iter().map(|(title, _)| *title);
    for (number, title) in titles.chain(["Other objects"]).enumerate() {
        outln!("\n{title}");
        let rows: Vec<_> = findings
            .iter()
            .filter(|finding| side(finding) == number)
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
        let reason = match &result.state {
            State::NotEvaluated(reason) => Some(reason),
            State::NotApplicable(reason) => Some(reason).filter(|it| it.starts_with(NOT_COLLECTED)),
            _ => None,
        };
        if let Some(reason) = reason {
            outln!(
                "\n{} was not evaluated: {}",
                result.check_id,
                visible(reason)
            );
        }
    }
}
