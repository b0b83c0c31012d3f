//! What an auditor needs.

use std::collections::BTreeMap;

use super::{Context, lists, scorecard, threshold};
use crate::checks::{digest, ruleset_sha256};
use crate::history::ObservedEntry;
use crate::report::model::{Appendix, Bundle, File, Moment, Prose, Provenance, Term};
use crate::report::number::{Number, Unit};

pub(super) fn provenance(context: &Context<'_>) -> Provenance {
    let version = env!("CARGO_PKG_VERSION");
    let bundle = |row: &crate::history::BundleRow| Bundle {
        id: row.entry.bundle.clone(),
        to: Moment::at(row.entry.ended_at),
        sha256: row.entry.link.sha256.clone(),
        key: row.entry.site_key.clone(),
        verification: "verified".to_owned(),
    };
    let mut parameters = threshold::parameters(context);
    parameters.sort_by(|a, b| (&a.name, &a.scope).cmp(&(&b.name, &b.scope)));
    Provenance {
        tool: format!("truenas-analyzer {version}"),
        ruleset: version.to_owned(),
        ruleset_sha256: ruleset_sha256(&context.analysis.checks),
        parameters_sha256: digest(parameters.iter().map(|parameter| {
            let scope = parameter.scope.as_ref().map_or("", |scope| &scope.token);
            format!("{}@{scope}={}", parameter.name, parameter.value)
        })),
        bundles: context.analysis.estate.bundles.iter().map(bundle).collect(),
        files: files(context),
        reproduce: context.options.reproduce.clone(),
    }
}

/// The files that the present tables were read from.
fn files(context: &Context<'_>) -> Vec<File> {
    let (estate, history) = (&context.analysis.estate, context.history);
    let mut files = BTreeMap::new();
    for (table, scope) in estate.outcomes.keys() {
        let Some(entry) = history.source_of(&estate.domain, table, scope, estate.now) else {
            continue;
        };
        let observed = history.observed(&estate.domain, entry, table, scope);
        for (path, sha256) in observed.into_iter().flat_map(ObservedEntry::parts) {
            let file = File {
                bundle: entry.bundle.clone(),
                file: path.to_owned(),
                sha256: sha256.to_owned(),
                size: Number::not_known(Unit::Bytes, "not kept"),
            };
            files.insert((entry.bundle.clone(), path.to_owned()), file);
        }
    }
    files.into_values().collect()
}

pub(super) fn appendix(context: &Context<'_>, provenance: Provenance) -> Appendix {
    Appendix {
        method: method(),
        parameters: threshold::parameters(context),
        sources: lists::sources(context),
        coverage: scorecard::coverage(context),
        provenance,
        glossary: glossary(),
    }
}

fn method() -> Vec<Prose> {
    vec![
        Prose::words("For each cluster and appliance the newest list that was read to its end is used. A list that was cut short or refused is never read as an absence: the checks that need it say not evaluated."),
        Prose::words("Used is what the pool's root dataset reports as used; free is what it reports as available; the size is their sum. Pool capacity as ")
            .code("zpool list")
            .text(" prints it differs by parity and slop space."),
        Prose::words("Snapshot space of a pool is the sum of ")
            .code("usedbysnapshots")
            .text(" over its datasets, reservations that of ")
            .code("usedbyrefreservation")
            .text("; what is left of used is live data."),
        Prose::words("Growth is the difference between the first and the last reading of a pool over the days between them. It is no forecast."),
        Prose::words("The score of a category is 100 less the worst effective severity of each failed check in each scope: critical 40, high 20, medium 8, low 2, info 0; never below 0."),
        Prose::words("The hash of an evidence row is that of the file inside the bundle that holds it, as the bag's manifest names it; where a table fills several files it is that of the sealed bundle, which covers them all."),
        Prose::words("Used space and ages are rounded up, free and reclaimable space down. Totals are computed from exact values; rounded parts may not add up."),
    ]
}

fn glossary() -> Vec<Term> {
    let term = |word: &str, meaning: &str| Term {
        word: word.to_owned(),
        meaning: Prose::words(meaning),
    };
    vec![
        term(
            "candidate",
            "No reference found in what was collected; more evidence is needed before anybody acts.",
        ),
        term(
            "confirmed",
            "Independent keys agree, and every list that could say otherwise was read to its end.",
        ),
        term(
            "effective severity",
            "Severity capped by the grade: a candidate is at most low, a probable finding at most medium.",
        ),
        term(
            "not applicable",
            "The check has nothing to judge here, or its lists are not in the plan of the collection.",
        ),
        term(
            "not evaluated",
            "A planned list failed or was cut short, so the check says nothing. It is not a pass.",
        ),
        term(
            "orphan",
            "An object that one side knows and the other does not.",
        ),
        term(
            "probable",
            "One key, or one list of two; somebody should look.",
        ),
        term(
            "scope",
            "One cluster, one appliance, or the whole estate: what one result of a check is about.",
        ),
    ]
}
