//! Objects of one kind over time: every complete list of a cluster in order, and which of them showed which version.

use std::collections::BTreeMap;

use truenas_common::schema::{Cell, Table};

use super::super::wanted::Wanted;
use super::View;

/// Column that names an object for good.
pub(super) const UID: &str = "uid";

/// Days looked back: what was last seen before is of no window, and a year of it would be most of the work.
const MAX_DAYS: i64 = 90;

/// One complete list: the bundle that holds it was read between these times, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct List {
    pub(super) ended_at: i64,
    pub(super) started_at: i64,
}

/// A version of an object, with the first and the last list that showed it in one run.
#[derive(Clone, Debug)]
pub(super) struct Version<'h> {
    columns: &'static [&'static str],
    cells: Vec<Option<Cell<'h>>>,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// One kind of object of one cluster.
pub(super) struct Course<'h> {
    pub(super) cluster: &'h str,
    /// Of all streams, by their end.
    pub(super) lists: Vec<List>,
    /// By uid of the object, then by their first list.
    versions: Vec<Version<'h>>,
}

impl<'h> Version<'h> {
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        match self.cell(column)? {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn integer(&self, column: &str) -> Option<i64> {
        match self.cell(column)? {
            Cell::Integer(number) => Some(*number),
            _ => None,
        }
    }

    fn cell(&self, column: &str) -> Option<&Cell<'h>> {
        let place = self.columns.iter().position(|name| *name == column)?;
        self.cells.get(place)?.as_ref()
    }
}

impl<'h> Course<'h> {
    /// Versions of each object.
    pub(super) fn objects(&self) -> impl Iterator<Item = &[Version<'h>]> {
        self.versions.chunk_by(|a, b| a.text(UID) == b.text(UID))
    }

    /// The first list that was begun after another had ended.
    pub(super) fn list_after(&self, index: usize) -> Option<List> {
        let seen = self.lists.get(index)?;
        let later = self.lists.get(index + 1..)?.iter();
        later.copied().find(|list| list.started_at >= seen.ended_at)
    }
}

/// The course of a table of clusters, one for each cluster, with the uid and the given columns alone.
pub(super) fn courses<'h>(
    table: &'static Table,
    columns: &'static [&'static str],
    streams: &[View<'h>],
) -> Vec<Course<'h>> {
    let mut clusters: BTreeMap<&str, Vec<(&View<'h>, &'h super::Unit)>> = BTreeMap::new();
    for view in streams {
        for (scope, unit) in view.units(table.name) {
            clusters.entry(scope).or_default().push((view, unit));
        }
    }
    let course = |(cluster, units)| course(table, columns, cluster, units);
    clusters.into_iter().map(course).collect()
}

fn course<'h>(
    table: &'static Table,
    columns: &'static [&'static str],
    cluster: &'h str,
    units: Vec<(&View<'h>, &'h super::Unit)>,
) -> Course<'h> {
    let mut lists: Vec<(List, (usize, i64))> = Vec::new();
    for (stream, (view, unit)) in units.iter().enumerate() {
        for (seq, ended_at) in view.times(unit) {
            let started_at = view
                .stream
                .ledger
                .get(&seq)
                .map_or(ended_at, |entry| entry.started_at);
            let list = List {
                ended_at,
                started_at,
            };
            lists.push((list, (stream, seq)));
        }
    }
    lists.sort_unstable();
    let place: BTreeMap<(usize, i64), usize> = lists
        .iter()
        .enumerate()
        .map(|(index, (_, key))| (*key, index))
        .collect();
    let newest = lists.last().map_or(0, |(list, _)| list.ended_at);
    let horizon = lists.partition_point(|(list, _)| list.ended_at < newest - MAX_DAYS * 86_400);
    let wanted = Wanted::of(table, columns);
    let mut versions = Vec::new();
    for (stream, (_, unit)) in units.iter().enumerate() {
        for (row, runs) in &unit.rows {
            for run in runs {
                let mut shown = place.range((stream, run.first)..=(stream, run.last));
                let Some((_, first)) = shown.next() else {
                    continue;
                };
                let last = shown.next_back().map_or(*first, |(_, last)| *last);
                if last >= horizon {
                    versions.push(Version {
                        columns,
                        cells: wanted.cells(table, row),
                        first: *first,
                        last,
                    });
                }
            }
        }
    }
    versions.sort_by(|a, b| {
        let key = |version: &Version<'h>| (version.first, version.last);
        a.text(UID)
            .cmp(&b.text(UID))
            .then_with(|| key(a).cmp(&key(b)))
    });
    Course {
        cluster,
        lists: lists.into_iter().map(|(list, _)| list).collect(),
        versions,
    }
}
