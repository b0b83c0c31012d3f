//! The parts of the model that templates read as they are. Its long lists reach them as tables, cut to what a format
//! carries: an estate may have a hundred thousand findings.

use serde::Serialize;

use crate::report::model::{
    KeyNumber, Moment, Name, Prose, Provenance, Quality, ReportModel, Risk, Term, Tile, Title,
    Trust,
};

/// The model without its lists of objects.
#[derive(Serialize)]
pub(super) struct Parts<'a> {
    title: &'a Title,
    verdict: &'a Prose,
    trust: &'a Trust,
    quality: &'a Quality,
    tiles: &'a [Tile],
    key_numbers: &'a [KeyNumber],
    risks: &'a [Risk],
    changes: ChangeParts<'a>,
    orphans: OrphanParts<'a>,
    appendix: AppendixParts<'a>,
}

#[derive(Serialize)]
struct ChangeParts<'a> {
    since: &'a Option<Moment>,
    configuration: &'a [Prose],
}

#[derive(Serialize)]
struct OrphanParts<'a> {
    basis: &'a [Name],
    limits: &'a [Prose],
}

#[derive(Serialize)]
struct AppendixParts<'a> {
    method: &'a [Prose],
    provenance: &'a Provenance,
    glossary: &'a [Term],
}

pub(super) fn parts(model: &ReportModel) -> Parts<'_> {
    Parts {
        title: &model.title,
        verdict: &model.verdict,
        trust: &model.trust,
        quality: &model.quality,
        tiles: &model.tiles,
        key_numbers: &model.key_numbers,
        risks: &model.risks,
        changes: ChangeParts {
            since: &model.changes.since,
            configuration: &model.changes.configuration,
        },
        orphans: OrphanParts {
            basis: &model.orphans.basis,
            limits: &model.orphans.limits,
        },
        appendix: AppendixParts {
            method: &model.appendix.method,
            provenance: &model.appendix.provenance,
            glossary: &model.appendix.glossary,
        },
    }
}
