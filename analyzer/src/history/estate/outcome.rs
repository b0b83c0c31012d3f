//! What became of every list: of the newest bundles for what an estate may say, of all bundles for what an absence means.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use truenas_common::schema::Scope;
use truenas_common::tables;

use super::super::ledger::ObservedEntry;
use super::View;

/// Seconds for which a complete list speaks where the collector's bundle names no schedule.
const DAY_SECS: i64 = 86_400;

/// The newest stream of every collector, which is one of a site and of the cluster that it reads. A stream that was
/// followed by another, after its state was lost or by a run on demand, says nothing of the run any more.
pub(super) fn speakers<'v, 'h>(views: &'v [View<'h>]) -> Vec<&'v View<'h>> {
    let is_followed = |view: &&View<'h>| views.iter().any(|other| follows(other, view));
    views.iter().filter(|view| !is_followed(view)).collect()
}

/// Outcome of the newest read of every list, by table and scope. What a followed stream read stands until its follower
/// names the same cluster or appliance, or until its own next bundle is overdue. Of two collectors that read one
/// appliance the one with a complete list speaks, as long as its next bundle is not overdue.
pub(super) fn outcomes(views: &[View<'_>]) -> BTreeMap<(String, String), String> {
    let mut newest: BTreeMap<(&str, &str), Vec<(&View<'_>, &ObservedEntry)>> = BTreeMap::new();
    let named: Vec<BTreeSet<&str>> = views.iter().map(scopes).collect();
    for view in views {
        let followers = || {
            let others = views.iter().zip(&named);
            others.filter(|(other, _)| follows(other, view))
        };
        let is_over = followers().any(|(other, _)| is_overdue(view, other.newest.ended_at));
        for entry in view.newest_lists().filter(|_| !is_over) {
            if !followers().any(|(_, named)| named.contains(entry.scope.as_str())) {
                let reads = newest.entry((&entry.table, &entry.scope)).or_default();
                reads.push((view, entry));
            }
        }
    }
    let spoken = newest.into_iter().filter_map(|((table, scope), reads)| {
        let now = reads.iter().map(|(view, _)| view.newest.ended_at).max()?;
        let rank = |(view, entry): &(&View<'_>, &ObservedEntry)| {
            let speaks = entry.is_complete() && !is_overdue(view, now);
            (speaks, view.newest.ended_at)
        };
        let (_, entry) = reads.into_iter().max_by_key(rank)?;
        let key = (table.to_owned(), scope.to_owned());
        Some((key, entry.outcome.clone()))
    });
    spoken.collect()
}

/// Whether a view is of the same collector and later.
fn follows(other: &View<'_>, view: &View<'_>) -> bool {
    let writer = |view: &View<'_>| (view.newest.site.clone(), view.newest.cluster.clone());
    let moment = |view: &View<'_>| (view.newest.ended_at, view.newest.bundle.clone());
    writer(other) == writer(view) && moment(other) > moment(view)
}

/// Whether the next bundle of a stream should have come before a time.
fn is_overdue(view: &View<'_>, now: i64) -> bool {
    let every = view.newest.expected_every_secs.unwrap_or(DAY_SECS);
    now - view.newest.ended_at > every
}

/// Clusters and appliances that the newest bundle names; empty for tables of the run.
fn scopes<'v>(view: &'v View<'_>) -> BTreeSet<&'v str> {
    let lists = view.newest_lists();
    lists.map(|entry| entry.scope.as_str()).collect()
}

/// Every list that a bundle holds to its end, with the times of the bundle: an absence counts only where a list could
/// have shown the object.
pub(super) fn list_frame(streams: &[View<'_>]) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for view in streams {
        for ((seq, table, scope), entry) in &view.stream.observed {
            let (Some(bundle), true) = (view.stream.ledger.get(seq), entry.is_complete()) else {
                continue;
            };
            if *seq > view.newest_seq {
                continue;
            }
            let owner = |wanted: Scope| {
                let is_of = tables::table(table).is_some_and(|table| table.scope == wanted);
                is_of.then_some(scope.as_str())
            };
            rows.push((
                owner(Scope::Cluster),
                owner(Scope::Appliance),
                table.as_str(),
                bundle.started_at,
                bundle.ended_at,
            ));
        }
    }
    DataFrame::new(
        rows.len(),
        vec![
            Column::new(
                "cluster".into(),
                rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            ),
            Column::new(
                "appliance".into(),
                rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            ),
            Column::new(
                "table_name".into(),
                rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            ),
            Column::new(
                "started_at".into(),
                rows.iter().map(|row| row.3).collect::<Vec<_>>(),
            ),
            Column::new(
                "ended_at".into(),
                rows.iter().map(|row| row.4).collect::<Vec<_>>(),
            ),
        ],
    )
}

pub(super) fn complete_frame(
    outcomes: &BTreeMap<(String, String), String>,
    clusters: &[String],
) -> PolarsResult<DataFrame> {
    let is_cluster = |scope: &String| clusters.contains(scope);
    let keys = || outcomes.keys();
    let scope_if = |wanted: bool| {
        keys()
            .map(|(_, scope)| {
                (is_cluster(scope) == wanted && !scope.is_empty()).then(|| scope.clone())
            })
            .collect::<Vec<Option<String>>>()
    };
    DataFrame::new(
        outcomes.len(),
        vec![
            Column::new(
                "table_name".into(),
                keys().map(|(table, _)| table.clone()).collect::<Vec<_>>(),
            ),
            Column::new("cluster".into(), scope_if(true)),
            Column::new("appliance".into(), scope_if(false)),
            Column::new(
                "is_complete".into(),
                outcomes
                    .values()
                    .map(|outcome| matches!(outcome.as_str(), "ok" | "empty"))
                    .collect::<Vec<_>>(),
            ),
            Column::new(
                "outcome".into(),
                outcomes.values().cloned().collect::<Vec<_>>(),
            ),
        ],
    )
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::history::{Estate, History, LedgerEntry, ObservedTable};

    const DAY: i64 = DAY_SECS;

    /// A bundle of a stream: its cluster, the day it ended, and how the lists of PVs and datasets came out, empty when
    /// it is not in the plan.
    fn place(history: &mut History, stream: &str, cluster: &str, day: i64, lists: [&str; 2]) {
        let entry = LedgerEntry {
            cluster: Some(cluster.to_owned()),
            started_at: day * DAY - 60,
            ended_at: day * DAY,
            expected_every_secs: Some(DAY),
            ..LedgerEntry::sample(stream, day)
        };
        let keys = [("k8s_pv", cluster), ("zfs_dataset", "nas")];
        let tables = keys
            .into_iter()
            .zip(lists)
            .filter(|(_, outcome)| !outcome.is_empty())
            .map(|((table, scope), outcome)| {
                let observed = ObservedTable {
                    outcome: outcome.to_owned(),
                    rows: BTreeSet::new(),
                    has_conflict: false,
                    files: String::new(),
                };
                ((table.to_owned(), scope.to_owned()), observed)
            });
        history.place_bundle("d", entry, tables.collect());
    }

    fn outcome(history: &History, table: &str, scope: &str) -> String {
        let estate = Estate::at(history, "d", None).unwrap();
        estate.outcomes[&(table.to_owned(), scope.to_owned())].clone()
    }

    #[test]
    fn a_stream_that_was_followed_by_another_is_silent() {
        let mut history = History::in_memory();
        place(&mut history, "old", "c", 10, ["ok", "ok"]);
        place(&mut history, "new", "c", 11, ["denied", "failed"]);
        assert_eq!(outcome(&history, "k8s_pv", "c"), "denied");
        assert_eq!(outcome(&history, "zfs_dataset", "nas"), "failed");
        // As the estate was before.
        let estate = Estate::at(&history, "d", Some(10 * DAY)).unwrap();
        let key = ("k8s_pv".to_owned(), "c".to_owned());
        assert_eq!(estate.outcomes[&key], "ok");
    }

    #[test]
    fn an_appliance_that_nobody_names_any_more_is_not_of_the_estate() {
        let appliances = |history: &History| Estate::at(history, "d", None).unwrap().appliances;
        let mut history = History::in_memory();
        place(&mut history, "old", "c", 10, ["ok", "ok"]);
        place(&mut history, "old", "c", 11, ["ok", ""]);
        assert!(appliances(&history).is_empty());

        // A run on demand that leaves it out; a day later the stream that read it is overdue.
        let mut history = History::in_memory();
        place(&mut history, "old", "c", 10, ["ok", "ok"]);
        place(&mut history, "new", "c", 11, ["denied", ""]);
        assert_eq!(appliances(&history), ["nas"]);
        assert_eq!(outcome(&history, "zfs_dataset", "nas"), "ok");
        assert_eq!(outcome(&history, "k8s_pv", "c"), "denied");
        place(&mut history, "new", "c", 12, ["ok", ""]);
        assert!(appliances(&history).is_empty());
    }

    #[test]
    fn a_collector_that_reads_the_whole_list_speaks_while_it_is_not_overdue() {
        for (last, expected) in [(20, "ok"), (19, "ok"), (18, "failed")] {
            let mut history = History::in_memory();
            place(&mut history, "one", "c", last, ["ok", "ok"]);
            place(&mut history, "two", "e", 20, ["ok", "failed"]);
            assert_eq!(outcome(&history, "zfs_dataset", "nas"), expected, "{last}");
        }
    }
}
