//! One card for each finding.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::report::model::{Cell, Column, Finding, Prose, Span, Step, StepKind, Table};
use crate::report::number::Number;
use crate::report::shell;

/// A finding with its words and its commands.
#[derive(Serialize)]
pub(super) struct FindingView<'a> {
    finding: &'a Finding,
    /// The fingerprint, at its first use only: anchors are unique.
    anchor: Option<&'a str>,
    state: &'static str,
    evidence: Table,
    points: Table,
    steps: Vec<StepView<'a>>,
}

/// One step with its command as a shell line.
#[derive(Serialize)]
struct StepView<'a> {
    kind: StepKind,
    word: &'static str,
    note: &'a Prose,
    /// Behind `# `, so that pasting a card runs nothing; empty for what is done by hand.
    line: String,
}

pub(super) fn views(findings: &[Finding], n: usize) -> Vec<FindingView<'_>> {
    let mut seen = BTreeSet::new();
    findings
        .iter()
        .take(n)
        .map(|finding| FindingView {
            finding,
            anchor: seen
                .insert(&finding.fingerprint)
                .then_some(finding.fingerprint.as_str()),
            state: finding.state.word(),
            evidence: evidence(finding),
            points: points(finding),
            steps: finding.plan.steps.iter().map(step).collect(),
        })
        .collect()
}

fn step(step: &Step) -> StepView<'_> {
    // Only our own words can be a pipe; a name never is.
    let is_pipe =
        |argument: &Prose| matches!(argument.0.as_slice(), [Span::Text(text)] if text == "|");
    let stages = step.arguments.split(is_pipe).map(|stage| {
        let arguments: Vec<String> = stage.iter().map(Prose::plain).collect();
        shell::line(arguments.iter().map(String::as_str))
    });
    let line = stages.collect::<Vec<_>>().join(" | ");
    StepView {
        kind: step.kind,
        word: step.kind.word(),
        note: &step.note,
        line: if line.is_empty() {
            line
        } else {
            format!("# {line}")
        },
    }
}

fn evidence(finding: &Finding) -> Table {
    let columns = vec![
        Column::words("Fact", 4),
        Column::words("Value", 6),
        Column::words("Read from", 8),
    ];
    let rows = finding.evidence.iter().map(|evidence| {
        let source = &evidence.source;
        let hash: String = source.sha256.chars().take(12).collect();
        let origin = Prose::new()
            .code(&source.file)
            .text(" of ")
            .code(&source.bundle)
            .text(", sha256 ")
            .code(&hash)
            .text("…");
        let origin = if source.row.is_empty() {
            origin
        } else {
            origin.text(", row ").then(source.row.clone())
        };
        vec![
            Cell::words(&evidence.label),
            evidence.value.clone(),
            Cell::Prose(origin),
        ]
    });
    Table::new("Evidence", columns, "no evidence row").rows(rows)
}

fn points(finding: &Finding) -> Table {
    let columns = vec![
        Column::words("Evidence for the grade", 8),
        Column::numbers("Points", 2),
    ];
    let signed = |points: i64| {
        Cell::Number(
            Number::points(points)
                .worded(|text| format!("{}{text}", if points > 0 { "+" } else { "" })),
        )
    };
    let rows = finding
        .points
        .iter()
        .map(|point| vec![Cell::words(&point.evidence), signed(point.points)]);
    let mut table = Table::new(
        "How the grade came about",
        columns,
        "The check compares states; no points are given.",
    )
    .rows(rows)
    .narrow();
    table.total =
        (!finding.points.is_empty()).then(|| vec![Cell::words("Sum"), signed(finding.n_points())]);
    table
}
