//! Lists that were read or should have been, and what their state limits.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::Rows;
use super::{Context, chain, n};
use crate::checks::{CheckResult, State};
use crate::history::Estate;
use crate::report::model::{ClockOffset, Moment, Prose, Quality, Source};
use crate::report::number::{Number, Round, Unit};

/// Above this distance ages of two clocks are not compared.
const MAX_OFFSET_SECS: i64 = 300;

/// One list of the newest bundles: all tables that it fills together.
pub(super) struct List {
    scope: String,
    list: String,
    pass: i64,
    outcome: String,
    reason: Option<String>,
    n_items: i64,
    started_at: i64,
    ended_at: i64,
    offset_secs: Option<i64>,
}

impl List {
    fn is_complete(&self) -> bool {
        matches!(self.outcome.as_str(), "ok" | "empty")
    }

    /// A server that has no such list limits nothing.
    fn is_limiting(&self) -> bool {
        rank(&self.outcome) > 1
    }
}

fn rank(outcome: &str) -> u8 {
    match outcome {
        "ok" | "empty" => 0,
        "unsupported" => 1,
        "truncated" => 2,
        _ => 3,
    }
}

pub(super) fn lists(estate: &Estate) -> Vec<List> {
    let rows = Rows::of(estate, "collect_status");
    let mut lists: BTreeMap<(String, String, i64), List> = BTreeMap::new();
    for row in rows.indexes() {
        let text = |column| rows.text(column, row).unwrap_or_default().to_owned();
        let integer = |column| rows.integer(column, row).unwrap_or_default();
        let scope = rows
            .text("appliance", row)
            .map_or_else(|| text("cluster"), str::to_owned);
        let list = List {
            list: text("list"),
            pass: integer("pass"),
            outcome: text("outcome"),
            reason: rows.text("reason", row).map(str::to_owned),
            n_items: integer("n_items"),
            started_at: integer("started_at"),
            ended_at: integer("ended_at"),
            offset_secs: rows
                .integer("server_at", row)
                .map(|server| server - integer("started_at")),
            scope,
        };
        let key = (list.scope.clone(), list.list.clone(), list.pass);
        let is_worse = lists
            .get(&key)
            .is_none_or(|held| rank(&held.outcome) < rank(&list.outcome));
        if is_worse {
            lists.insert(key, list);
        }
    }
    lists.into_values().collect()
}

pub(super) fn sources(context: &Context<'_>) -> Vec<Source> {
    let source = |list: &List| {
        let reason = list.reason.as_deref().unwrap_or(&list.outcome);
        Source {
            scope: context.names.scope(&list.scope),
            list: if list.pass > 1 {
                format!("{} (second read)", list.list)
            } else {
                list.list.clone()
            },
            outcome: list.outcome.clone(),
            is_limiting: list.is_limiting(),
            records: match rank(&list.outcome) {
                0 | 2 => Number::count(list.n_items),
                1 => Number::not_known(Unit::Count, "not served by this version"),
                _ => Number::not_collected(Unit::Count, &reason.replace('-', " ")),
            },
            duration: Number::duration((list.ended_at - list.started_at).max(0), Round::Up),
            read_at: Moment::at(list.started_at),
        }
    };
    context.lists.iter().map(source).collect()
}

pub(super) fn quality(context: &Context<'_>) -> Quality {
    let count = |wanted: &[u8]| {
        n(context
            .lists
            .iter()
            .filter(|list| wanted.contains(&rank(&list.outcome)))
            .count())
    };
    let read = || context.lists.iter().filter(|list| list.is_complete());
    let oldest = read()
        .map(|list| list.started_at)
        .chain(stale_reads(context))
        .min();
    let clocks = clocks(context);
    let mut limits = not_evaluated(context);
    limits.extend(chain::limits(context));
    limits.extend(
        clocks
            .iter()
            .filter(|clock| clock.is_limiting)
            .map(|clock| {
                Prose::words("The clock of ")
                    .name(&clock.source)
                    .text(" is ")
                    .number(clock.offset.clone())
                    .text(" away from the collector's: ages across sources raise no grade.")
            }),
    );
    Quality {
        n_complete: count(&[0]),
        n_partial: count(&[2]),
        n_missing: count(&[3]),
        oldest: oldest.map(Moment::at),
        newest: read().map(|list| list.ended_at).max().map(Moment::at),
        n_not_evaluated: n(context
            .analysis
            .results
            .iter()
            .filter(|result| matches!(result.state, State::NotEvaluated(_)))
            .count()),
        clocks,
        limits,
    }
}

/// Where the newest read failed, an older list stands for it.
fn stale_reads(context: &Context<'_>) -> impl Iterator<Item = i64> {
    let estate = &context.analysis.estate;
    let failed = estate
        .outcomes
        .iter()
        .filter(|(_, outcome)| rank(outcome) > 1);
    failed.filter_map(|((table, scope), _)| {
        let source = context
            .history
            .source_of(&estate.domain, table, scope, estate.now);
        source.map(|entry| entry.started_at)
    })
}

fn clocks(context: &Context<'_>) -> Vec<ClockOffset> {
    let mut worst: BTreeMap<&str, i64> = BTreeMap::new();
    for list in &context.lists {
        let Some(offset) = list.offset_secs else {
            continue;
        };
        let held = worst.entry(&list.scope).or_insert(offset);
        if held.abs() < offset.abs() {
            *held = offset;
        }
    }
    let clock = |(scope, offset): (&str, i64)| ClockOffset {
        source: context.names.scope(scope),
        offset: Number::duration(offset, Round::Up),
        is_limiting: offset.abs() > MAX_OFFSET_SECS,
    };
    worst.into_iter().map(clock).collect()
}

/// One sentence for each cause that kept checks from judging.
fn not_evaluated(context: &Context<'_>) -> Vec<Prose> {
    let mut by_reason: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for result in &context.analysis.results {
        if let State::NotEvaluated(reason) = &result.state {
            let key = if is_broken(reason) {
                "broken"
            } else {
                reason.as_str()
            };
            by_reason.entry(key).or_default().insert(&result.check_id);
        }
    }
    let limit = |(reason, checks): (&str, BTreeSet<&str>)| {
        let ids = checks.into_iter().collect::<Vec<_>>().join(", ");
        let subject = match obstacle(reason) {
            Some((table, scope, outcome)) => Prose::words("The list for ")
                .code(table)
                .text(" of ")
                .name(&context.names.scope(scope))
                .text(&format!(" ended with {outcome}: ")),
            None if is_broken(reason) => Prose::words("Broken checks, a defect of this program: "),
            None => Prose::words(reason).text(": "),
        };
        subject.text(&format!(
            "{ids} could not be judged there. This is not a pass."
        ))
    };
    by_reason.into_iter().map(limit).collect()
}

fn is_broken(reason: &str) -> bool {
    reason.starts_with("broken")
}

/// Takes `<table> of <scope>: <outcome>` apart.
fn obstacle(reason: &str) -> Option<(&str, &str, &str)> {
    if is_broken(reason) {
        return None;
    }
    let (table, rest) = reason.split_once(" of ")?;
    let (scope, outcome) = rest.rsplit_once(": ")?;
    Some((table, scope, outcome))
}

/// Why a result is no verdict, without a name in it: the model keeps names in fields of their own.
pub(super) fn reason(result: &CheckResult) -> Option<String> {
    let (State::NotEvaluated(reason) | State::NotApplicable(reason)) = &result.state else {
        return None;
    };
    Some(match obstacle(reason) {
        Some((table, _, outcome)) => format!("{table}: {outcome}"),
        None => reason.chars().take(200).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_loses_the_name_of_its_scope() {
        assert_eq!(
            obstacle("k8s_pv of cl-a: denied"),
            Some(("k8s_pv", "cl-a", "denied"))
        );
        assert_eq!(obstacle("broken: sum of x: y"), None);
        assert_eq!(obstacle("not collected: k8s_pv"), None);
    }
}
