//! What changed since the analysis before.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::state;
use super::frame::{Rows, holds};
use super::{Context, severity};
use crate::analysis::Analysis;
use crate::checks::{self, State};
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
    for finding in context.analysis.findings() {
        let kind = match state(context, finding) {
            FindingState::New => ChangeKind::New,
            FindingState::Regressed => ChangeKind::Regressed,
            FindingState::Persisting | FindingState::Suppressed => ChangeKind::Persisting,
        };
        let counter = match kind {
            ChangeKind::New => &mut changes.n_new,
            ChangeKind::Regressed => &mut changes.n_regressed,
            ChangeKind::Persisting | ChangeKind::Resolved(_) => &mut changes.n_persisting,
        };
        *counter += 1;
        changes
            .rows
            .push(row(context, finding, kind, context.now()));
    }
    let still: BTreeSet<&str> = context
        .analysis
        .findings()
        .map(|finding| finding.fingerprint.as_str())
        .collect();
    let mut gone: BTreeMap<Resolution, i64> = BTreeMap::new();
    for finding in previous
        .findings()
        .filter(|finding| !still.contains(finding.fingerprint.as_str()))
    {
        let reason = resolution(context.analysis, previous, finding);
        *gone.entry(reason).or_default() += 1;
        changes.rows.push(row(
            context,
            finding,
            ChangeKind::Resolved(reason),
            previous.estate.now,
        ));
    }
    changes.resolved = gone
        .into_iter()
        .map(|(reason, n)| Resolved { reason, n })
        .collect();
    changes.configuration = configuration(context, previous);
    changes
}

fn row(
    context: &Context<'_>,
    finding: &checks::Finding,
    kind: ChangeKind,
    last_seen: i64,
) -> Change {
    let page = |analysis: &Analysis| {
        analysis
            .page(&finding.check_id)
            .map(|page| page.title.clone())
    };
    let title = page(context.analysis).or_else(|| page(context.options.previous?));
    let is_exact = context
        .options
        .first_seen
        .contains_key(&finding.fingerprint);
    let first_seen = context.first_seen(finding).min(last_seen);
    let age = Number::days(last_seen - first_seen, Round::Up);
    Change {
        kind,
        check: finding.check_id.clone(),
        title: title.unwrap_or_default(),
        subject: context
            .names
            .subject(&finding.subject_table, &finding.subject),
        severity: severity(finding.effective_severity),
        age: if is_exact || kind == ChangeKind::New {
            age
        } else {
            age.worded(|text| format!("≥ {text}"))
        },
        finding: finding.fingerprint.clone(),
    }
}

/// Why a finding of the analysis before is not there any more.
fn resolution(now: &Analysis, previous: &Analysis, finding: &checks::Finding) -> Resolution {
    let text_of = |analysis: &Analysis| {
        let check = analysis
            .checks
            .iter()
            .find(|check| check.page.id == finding.check_id);
        check.map(|check| (check.sql.clone(), check.page.thresholds.clone()))
    };
    let same_limits =
        now.thresholds.get(&finding.check_id) == previous.thresholds.get(&finding.check_id);
    let changed = text_of(now) != text_of(previous) || !same_limits;
    let same = |result: &&checks::CheckResult| {
        result.check_id == finding.check_id && result.scope == finding.scope
    };
    let result = now.results.iter().find(same);
    if text_of(now).is_none() {
        return Resolution::CheckChanged;
    }
    match result.map(|result| &result.state) {
        None | Some(State::NotEvaluated(_)) => return Resolution::NotCollected,
        Some(State::NotApplicable(reason)) if reason.starts_with("not ") => {
            return Resolution::NotCollected;
        }
        _ => {}
    }
    if changed {
        return Resolution::CheckChanged;
    }
    if !is_read(now, finding) {
        return Resolution::NotCollected;
    }
    match holds(
        &now.estate,
        &finding.subject_table,
        &finding.scope,
        &finding.subject,
    ) {
        Some(false) => Resolution::ObjectRemoved,
        _ => Resolution::Fixed,
    }
}

/// Whether the list that holds the subject was read to its end, wherever the subject may be.
fn is_read(now: &Analysis, finding: &checks::Finding) -> bool {
    let estate = &now.estate;
    let of_table = |key: &&(String, String)| key.0 == finding.subject_table;
    let has_scope = estate
        .outcomes
        .keys()
        .filter(of_table)
        .any(|key| key.1 == finding.scope);
    let mut lists = estate
        .outcomes
        .iter()
        .filter(|(key, _)| of_table(key) && (!has_scope || key.1 == finding.scope));
    lists.all(|(_, outcome)| matches!(outcome.as_str(), "ok" | "empty" | "unsupported"))
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
