//! What HTML and PDF templates see: the model, its parts as tables, and words for what templates must not compute.

mod appendix;
mod finding;
mod front;
mod orphan;
mod part;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::error::RenderError;
use super::model::{Block, Cell, HistoryState, PoolCapacity, ReportModel, Section, Table};

/// How much of the long parts one format carries; the JSON report carries all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) n_rows: usize,
    pub(super) n_findings: usize,
}

/// The context of the templates.
#[derive(Serialize)]
pub(super) struct View<'a> {
    model: part::Parts<'a>,
    digest: String,
    band: Option<String>,
    quality: front::QualityView,
    changes: front::ChangesView,
    scorecard: Table,
    severities: Table,
    pools: Vec<PoolView<'a>>,
    on_storage: Table,
    in_kubernetes: Table,
    orphan_totals: Vec<orphan::GradeTotal<'a>>,
    snapshots: Table,
    more: Vec<Section>,
    findings: Vec<finding::FindingView<'a>>,
    findings_note: Option<String>,
    parameters: Table,
    sources: Table,
    coverage: Vec<Table>,
    bundles: Table,
    files: Table,
    reproduce: Vec<String>,
}

/// One pool with the twins of its charts.
#[derive(Serialize)]
struct PoolView<'a> {
    id: String,
    pool: &'a PoolCapacity,
    slices: Table,
    points: Option<Table>,
}

/// The context for a format with these limits, as JSON.
pub(super) fn context(model: &ReportModel, limits: Limits) -> Result<Value, RenderError> {
    let anchors = model
        .findings
        .iter()
        .take(limits.n_findings)
        .map(|finding| finding.fingerprint.as_str())
        .collect();
    let fitted = |table: Table| linked(table.capped(limits.n_rows), &anchors);
    let n_findings = model.findings.len();
    let view = View {
        model: part::parts(model),
        digest: model
            .digest()
            .map_err(|source| RenderError::Json { source })?,
        band: model.trust.band(),
        quality: front::quality(&model.quality),
        changes: front::changes(&model.changes, fitted),
        scorecard: front::scorecard(&model.scorecard),
        severities: front::severities(&model.scorecard),
        pools: model
            .pools
            .iter()
            .enumerate()
            .map(|(at, pool)| pool_view(at, pool, limits))
            .collect(),
        on_storage: fitted(orphan::on_storage(&model.orphans)),
        in_kubernetes: fitted(orphan::in_kubernetes(&model.orphans)),
        orphan_totals: orphan::totals(&model.orphans),
        snapshots: fitted(orphan::snapshots(&model.snapshots_without_backing)),
        more: model
            .more
            .iter()
            .map(|section| fitted_section(section, fitted))
            .collect(),
        findings: finding::views(&model.findings, limits.n_findings),
        findings_note: (n_findings > limits.n_findings).then(|| {
            format!(
                "First {} of {n_findings} findings; all are in the JSON report.",
                limits.n_findings
            )
        }),
        parameters: fitted(appendix::parameters(&model.appendix.parameters)),
        sources: fitted(appendix::sources(&model.appendix.sources)),
        coverage: appendix::coverage(&model.appendix.coverage)
            .into_iter()
            .map(fitted)
            .collect(),
        bundles: fitted(appendix::bundles(&model.appendix.provenance.bundles)),
        files: fitted(appendix::files(&model.appendix.provenance.files)),
        reproduce: appendix::reproduce(&model.appendix.provenance),
    };
    serde_json::to_value(&view).map_err(|source| RenderError::Json { source })
}

fn fitted_section(section: &Section, fitted: impl Fn(Table) -> Table) -> Section {
    let blocks = section.blocks.iter().map(|block| match block {
        Block::Table(table) => Block::Table(fitted(table.clone())),
        other => other.clone(),
    });
    Section {
        blocks: blocks.collect(),
        ..section.clone()
    }
}

fn pool_view(at: usize, pool: &PoolCapacity, limits: Limits) -> PoolView<'_> {
    let points = match &pool.history {
        HistoryState::TooShort(_) => None,
        HistoryState::Enough(history) => Some(front::points(history).capped(limits.n_rows)),
    };
    PoolView {
        id: format!("pool-{}", at + 1),
        pool,
        slices: front::slices(pool),
        points,
    }
}

/// A link to a finding that this format does not carry would lead nowhere: those lose it.
fn linked(mut table: Table, anchors: &BTreeSet<&str>) -> Table {
    for cell in table.rows.iter_mut().flatten() {
        if let Cell::Finding { fingerprint, .. } = cell
            && !anchors.contains(fingerprint.as_str())
        {
            fingerprint.clear();
        }
    }
    table
}
