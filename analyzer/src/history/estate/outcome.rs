//! What became of every list: of the newest bundles for what an estate may say, of all bundles for what an absence means.

use std::collections::BTreeMap;

use polars::prelude::*;
use truenas_common::schema::Scope;
use truenas_common::tables;

use super::super::ledger::ObservedEntry;
use super::View;

/// Seconds for which a complete list speaks where the collector's bundle names no schedule.
const DAY_SECS: i64 = 86_400;

/// The newest stream of every collector, which is one of a cluster, or of a site where no cluster is read. A stream that
/// was followed by another, after its state was lost or by a run on demand, says nothing about today.
pub(super) fn speakers<'v, 'h>(views: &'v [View<'h>]) -> Vec<&'v View<'h>> {
    let mut newest: BTreeMap<(Option<&str>, Option<&str>), &View<'h>> = BTreeMap::new();
    for view in views {
        let cluster = view.newest.cluster.as_deref();
        let site = cluster.is_none().then_some(view.newest.site.as_str());
        let held = newest.entry((cluster, site)).or_insert(view);
        if held.newest.ended_at < view.newest.ended_at {
            *held = view;
        }
    }
    newest.into_values().collect()
}

/// Outcome of the newest read of every list, by table and scope. Of two collectors that read one appliance the one with
/// a complete list speaks, as long as its next bundle is not overdue.
pub(super) fn outcomes(speakers: &[&View<'_>]) -> BTreeMap<(String, String), String> {
    let mut newest: BTreeMap<(&str, &str), Vec<(&View<'_>, &ObservedEntry)>> = BTreeMap::new();
    for view in speakers {
        for ((seq, table, scope), entry) in &view.stream.observed {
            if *seq == view.newest_seq {
                let reads = newest.entry((table, scope)).or_default();
                reads.push((view, entry));
            }
        }
    }
    let spoken = newest.into_iter().filter_map(|((table, scope), reads)| {
        let now = reads.iter().map(|(view, _)| view.newest.ended_at).max()?;
        let is_in_time = |view: &View<'_>| {
            let every = view.newest.expected_every_secs.unwrap_or(DAY_SECS);
            now - view.newest.ended_at <= every
        };
        let rank = |(view, entry): &(&View<'_>, &ObservedEntry)| {
            let speaks = entry.is_complete() && is_in_time(view);
            (speaks, view.newest.ended_at)
        };
        let (_, entry) = reads.into_iter().max_by_key(rank)?;
        let key = (table.to_owned(), scope.to_owned());
        Some((key, entry.outcome.clone()))
    });
    spoken.collect()
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
    use std::collections::BTreeSet;

    use truenas_common::bundle::{Link, PrevReason};

    use super::*;
    use crate::history::{Estate, History, LedgerEntry, ObservedTable};

    const DAY: i64 = DAY_SECS;

    /// A bundle of a stream: its cluster, the day it ended, and how the lists of PVs and datasets came out.
    fn place(history: &mut History, stream: &str, cluster: &str, day: i64, lists: [&str; 2]) {
        let entry = LedgerEntry {
            bundle: format!("{stream}-{day}"),
            site: "s".to_owned(),
            link: Link {
                stream: stream.to_owned(),
                seq: day.cast_unsigned(),
                prev: String::new(),
                sha256: format!("{stream}-{day}"),
            },
            prev_reason: PrevReason::First,
            cluster: Some(cluster.to_owned()),
            started_at: day * DAY - 60,
            ended_at: day * DAY,
            expected_every_secs: Some(DAY),
            key_check: String::new(),
            epoch: 1,
            profile: String::new(),
            collector: String::new(),
            site_key: String::new(),
            marks: String::new(),
        };
        let keys = [("k8s_pv", cluster), ("zfs_dataset", "nas")];
        let tables = keys
            .into_iter()
            .zip(lists)
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
    fn a_collector_that_reads_the_whole_list_speaks_while_it_is_not_overdue() {
        for (last, expected) in [(20, "ok"), (19, "ok"), (18, "failed")] {
            let mut history = History::in_memory();
            place(&mut history, "one", "c", last, ["ok", "ok"]);
            place(&mut history, "two", "e", 20, ["ok", "failed"]);
            assert_eq!(outcome(&history, "zfs_dataset", "nas"), expected, "{last}");
        }
    }
}
