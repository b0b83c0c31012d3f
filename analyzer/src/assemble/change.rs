//! What changed since the analysis before.

use std::collections::BTreeMap;

use super::finding::state;
use super::frame::Rows;
use super::{Context, severity};
use crate::analysis::Analysis;
use crate::checks;
use crate::history::Trace;
use crate::lifecycle::resolution;
use crate::report::model::{
    Change, ChangeKind, Changes, FindingState, Moment, Name, Prose, Resolution, Resolved,
};
use crate::report::number::{Number, Round};

pub(super) fn changes(context: &Context<'_>) -> Changes {
    let Some(previous) = context.options.previous else {
        return Changes::default();
    };
    let mut changes = Changes {
        since: Some(Moment::at(previous.estate.now)),
        ..Changes::default()
    };
    let mut gone: BTreeMap<Resolution, i64> = BTreeMap::new();
    for finding in context.analysis.findings() {
        let kind = match state(context, finding) {
            FindingState::New => ChangeKind::New,
            FindingState::Regressed => ChangeKind::Regressed,
            FindingState::Persisting => ChangeKind::Persisting,
            FindingState::Suppressed if is_accepted_since(context, finding, previous) => {
                ChangeKind::Resolved(Resolution::Suppressed)
            }
            FindingState::Suppressed => continue,
        };
        match kind {
            ChangeKind::New => changes.n_new += 1,
            ChangeKind::Regressed => changes.n_regressed += 1,
            ChangeKind::Persisting => changes.n_persisting += 1,
            ChangeKind::Resolved(reason) => *gone.entry(reason).or_default() += 1,
        }
        let life = context.life(finding);
        let age = age(
            life.since,
            context.now(),
            life.is_exact || kind == ChangeKind::New,
        );
        changes.rows.push(row(
            context,
            &Trace::of(finding),
            kind,
            age,
            &finding.fingerprint,
        ));
    }
    for found in &context.options.lifecycle.gone {
        let reason = resolution(context.analysis, Some(previous), &found.trace);
        *gone.entry(reason).or_default() += 1;
        let kind = ChangeKind::Resolved(reason);
        let age = age(found.first_seen, found.last_seen, false);
        changes
            .rows
            .push(row(context, &found.trace, kind, age, &found.fingerprint));
    }
    changes.resolved = gone
        .into_iter()
        .map(|(reason, n)| Resolved { reason, n })
        .collect();
    changes.configuration = configuration(context, previous);
    changes
}

/// Whether a finding was accepted after the report before; an entry that does not say when is old.
fn is_accepted_since(
    context: &Context<'_>,
    finding: &checks::Finding,
    previous: &Analysis,
) -> bool {
    let mut entries = context.options.suppressions.iter().map(|(entry, _)| entry);
    entries.any(|entry| {
        entry.finding == finding.fingerprint
            && entry.since.is_some_and(|since| since > previous.estate.now)
    })
}

/// Rounded up; what was there at the start of the look-back may be older.
fn age(from: i64, to: i64, is_exact: bool) -> Number {
    let age = Number::days(to - from, Round::Up);
    if is_exact {
        age
    } else {
        age.worded(|text| format!("≥\u{a0}{text}"))
    }
}

fn row(
    context: &Context<'_>,
    trace: &Trace,
    kind: ChangeKind,
    age: Number,
    fingerprint: &str,
) -> Change {
    let page = context.analysis.page(&trace.check);
    let worst = checks::Severity::parse(&trace.severity);
    Change {
        kind,
        check: trace.check.clone(),
        title: page.map(|page| page.title.clone()).unwrap_or_default(),
        subject: context.names.subject(&trace.subject_table, &trace.subject),
        severity: severity(worst.unwrap_or(checks::Severity::Info)),
        age,
        finding: fingerprint.to_owned(),
    }
}

/// Versions and reclaim policies that changed, and storage classes that came or went.
fn configuration(context: &Context<'_>, previous: &Analysis) -> Vec<Prose> {
    let mut changes = Vec::new();
    for (table, key, kind) in [
        ("nas_system", "appliance", "Appliance"),
        ("k8s_cluster", "uid", "Cluster"),
    ] {
        let named = |scope: &str| context.names.scope(scope);
        changes.extend(moved(
            context, previous, table, key, "version", &named, kind,
        ));
    }
    let class = |name: &str| Name::new("storage-class", name);
    changes.extend(moved(
        context,
        previous,
        "k8s_storage_class",
        "name",
        "reclaim_policy",
        &class,
        "Storage class",
    ));
    changes
}

fn moved(
    context: &Context<'_>,
    previous: &Analysis,
    table: &str,
    key: &str,
    column: &str,
    named: &dyn Fn(&str) -> Name,
    word: &str,
) -> Vec<Prose> {
    let read = |analysis: &Analysis| {
        let rows = Rows::of(&analysis.estate, table);
        let cell = |column: &str, row: usize| rows.text(column, row).unwrap_or_default().to_owned();
        let entries = rows
            .indexes()
            .map(|row| ((cell("cluster", row), cell(key, row)), cell(column, row)));
        entries.collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (read(previous), read(context.analysis));
    let differing = after.iter().filter_map(|(key, value)| {
        let old = before
            .get(key)
            .filter(|old| *old != value && !old.is_empty() && !value.is_empty())?;
        Some((key, old, value))
    });
    differing
        .map(|((_, key), old, value)| {
            let start = Prose::words(&format!("{word} ")).name(&named(key));
            start
                .text(&format!(": {} from ", column.replace('_', " ")))
                .code(old)
                .text(" to ")
                .code(value)
                .text(".")
        })
        .collect()
}
