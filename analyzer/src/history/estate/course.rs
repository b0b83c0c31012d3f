//! Objects of one kind over time: every complete list of a cluster in order, and which of them showed which version.

use std::borrow::Cow;
use std::collections::BTreeMap;

use truenas_common::schema::{Cell, Table};

use super::super::encode;
use super::View;

/// One complete list: the bundle that holds it was read between these times, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct List {
    pub(super) ended_at: i64,
    pub(super) started_at: i64,
}

/// A version of an object, with the first and the last list that showed it in one run.
#[derive(Clone, Debug)]
pub(super) struct Version<'h> {
    table: &'static Table,
    row: &'h [u8],
    pub(super) first: usize,
    pub(super) last: usize,
}

/// One kind of object of one cluster.
pub(super) struct Course<'h> {
    pub(super) cluster: &'h str,
    /// Of all streams, by their end.
    pub(super) lists: Vec<List>,
    /// Versions by uid of the object, by their first list.
    pub(super) objects: BTreeMap<Cow<'h, str>, Vec<Version<'h>>>,
}

impl<'h> Version<'h> {
    pub(super) fn text(&self, column: &str) -> Option<Cow<'h, str>> {
        match self.cell(column)? {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn integer(&self, column: &str) -> Option<i64> {
        match self.cell(column)? {
            Cell::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// Most columns of most versions are never asked for, so that none is kept.
    fn cell(&self, column: &str) -> Option<Cell<'h>> {
        let (index, _) = self.table.column(column)?;
        encode::cells(self.table, self.row).nth(index)?
    }
}

impl Course<'_> {
    /// The first list that was begun after another had ended.
    pub(super) fn list_after(&self, index: usize) -> Option<List> {
        let seen = self.lists.get(index)?;
        let later = self.lists.get(index + 1..)?.iter();
        later.copied().find(|list| list.started_at >= seen.ended_at)
    }
}

/// The course of a table of clusters, one for each cluster.
pub(super) fn courses<'h>(table: &'static Table, streams: &[View<'h>]) -> Vec<Course<'h>> {
    let mut clusters: BTreeMap<&str, Vec<(&View<'h>, &'h super::Unit)>> = BTreeMap::new();
    for view in streams {
        for (scope, unit) in view.units(table.name) {
            clusters.entry(scope).or_default().push((view, unit));
        }
    }
    let course = |(cluster, units)| course(table, cluster, units);
    clusters.into_iter().map(course).collect()
}

fn course<'h>(
    table: &'static Table,
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
    let mut objects: BTreeMap<Cow<'h, str>, Vec<Version<'h>>> = BTreeMap::new();
    for (stream, (_, unit)) in units.iter().enumerate() {
        for (row, runs) in &unit.rows {
            for run in runs {
                let mut shown = place.range((stream, run.first)..=(stream, run.last));
                let Some((_, first)) = shown.next() else {
                    continue;
                };
                let version = Version {
                    table,
                    row,
                    first: *first,
                    last: shown.next_back().map_or(*first, |(_, last)| *last),
                };
                if let Some(uid) = version.text("uid") {
                    objects.entry(uid).or_default().push(version);
                }
            }
        }
    }
    for versions in objects.values_mut() {
        versions.sort_by_key(|version| (version.first, version.last));
    }
    Course {
        cluster,
        lists: lists.into_iter().map(|(list, _)| list).collect(),
        objects,
    }
}
