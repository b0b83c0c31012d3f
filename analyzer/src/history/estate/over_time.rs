//! What lists say over time, and the objects that went.

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;
use truenas_common::schema::{Cell, Scope, Table};
use truenas_common::tables;

use super::super::encode;
use super::super::frame::table_frame;
use super::super::readings::{Moments, Readings, ScopeReadings, Source, Sum, merge};
use super::super::store::History;
use super::super::unit::Unit;
use super::{Estate, View, cluster_column};

/// Lists that tell whose a volume was.
const OF_VOLUMES: [&str; 3] = ["k8s_pv", "k8s_pv_portal", "zfs_dataset"];

impl History {
    /// Integer columns of all objects of a table, by cluster or appliance, up to a time. A column that the table does not
    /// have is absent.
    pub fn readings<const N: usize>(
        &self,
        domain: &str,
        table: &str,
        columns: [&str; N],
        until: i64,
    ) -> Readings<N> {
        let Some(table) = tables::table(table) else {
            return Readings::new();
        };
        let columns = places(table, columns);
        let views: Vec<View<'_>> = self.views(domain, until).collect();
        let sources = sources(&views, table);
        let merged = sources
            .into_iter()
            .map(|(scope, sources)| (scope.to_owned(), merge(table, columns, &sources, &[])));
        merged.collect()
    }

    /// The same of one object of one cluster or appliance, by its whole identity: its versions are one range of the rows.
    pub fn readings_of<const N: usize>(
        &self,
        (domain, scope): (&str, &str),
        table: &str,
        columns: [&str; N],
        identity: &[&str],
        until: i64,
    ) -> ScopeReadings<N> {
        let Some(table) = tables::table(table) else {
            return ScopeReadings::default();
        };
        let cells = identity.iter().map(|text| Some(Cell::Text((*text).into())));
        let prefix = encode::encode(&cells.collect::<Vec<_>>());
        let views: Vec<View<'_>> = self.views(domain, until).collect();
        let sources = sources(&views, table).remove(scope).unwrap_or_default();
        merge(table, places(table, columns), &sources, &prefix)
    }

    /// Used bytes of one dataset in every bundle up to a time that has its counters, oldest first.
    pub fn used_over_time(
        &self,
        domain: &str,
        appliance: &str,
        path: &str,
        until: i64,
    ) -> Vec<(i64, i64)> {
        let (table, columns) = ("zfs_dataset_space", ["used_bytes"]);
        let identity = [appliance, path];
        let readings = self.readings_of((domain, appliance), table, columns, &identity, until);
        readings.points(path, |[used]| *used)
    }

    /// Number of objects of a table at each reading, by cluster or appliance and by the pool of the path in a column.
    pub fn counts_by_pool(
        &self,
        domain: &str,
        table: &str,
        column: &str,
        until: i64,
    ) -> BTreeMap<(String, String), Vec<(i64, i64)>> {
        let mut counts = BTreeMap::new();
        let Some((table, (column, _))) =
            tables::table(table).and_then(|table| Some((table, table.column(column)?)))
        else {
            return counts;
        };
        let views: Vec<View<'_>> = self.views(domain, until).collect();
        for (scope, sources) in sources(&views, table) {
            let moments = Moments::of(&sources);
            let mut sums: BTreeMap<String, Sum<'_>> = BTreeMap::new();
            for source in sources.iter().enumerate() {
                moments.count(source, &mut sums, |row| {
                    match encode::cells(table, row).nth(column)?? {
                        Cell::Text(path) => Some(path.split('/').next()?.to_owned()),
                        _ => None,
                    }
                });
            }
            let points = sums.into_iter().map(|(pool, sum)| (pool, sum.points()));
            counts.extend(points.map(|(pool, points)| ((scope.to_owned(), pool), points)));
        }
        counts
    }
}

/// Where columns are in a table; one that it does not have is nowhere.
fn places<const N: usize>(table: &Table, columns: [&str; N]) -> [usize; N] {
    columns.map(|name| table.column(name).map_or(usize::MAX, |(index, _)| index))
}

/// The lists of a table by cluster or appliance, one a stream.
fn sources<'h>(views: &[View<'h>], table: &Table) -> BTreeMap<&'h str, Vec<Source<'h>>> {
    let mut sources: BTreeMap<&str, Vec<Source<'_>>> = BTreeMap::new();
    for view in views {
        for (scope, unit) in view.units(table.name) {
            let bundles = view.times(unit);
            if !bundles.is_empty() {
                sources
                    .entry(scope)
                    .or_default()
                    .push(Source { unit, bundles });
            }
        }
    }
    sources
}

/// Scope and key of a row.
type Object<'u> = (&'u str, &'u [u8]);

/// End of the last bundle that showed a row, and the row.
type Seen<'u> = (i64, &'u [u8]);

impl Estate {
    /// The same estate, its lists of volumes and datasets with those that went after a time, as they were last seen: for
    /// the question whose a dataset was. Nothing else may be asked of it.
    ///
    /// # Errors
    /// Polars refuses a column; a defect.
    pub fn with_past(&self, history: &History, since: i64) -> PolarsResult<Self> {
        let mut estate = self.clone();
        let views: Vec<View<'_>> = history.views(&self.domain, self.now).collect();
        for table in OF_VOLUMES.into_iter().filter_map(tables::table) {
            let mut newest: BTreeMap<Object<'_>, Seen<'_>> = BTreeMap::new();
            for (scope, sources) in sources(&views, table) {
                for source in &sources {
                    for (row, seen_at) in last_seen(source) {
                        let key = (scope, &row[..encode::key_length(table, row)]);
                        let held = newest.entry(key).or_insert((seen_at, row));
                        if held.0 <= seen_at {
                            *held = (seen_at, row);
                        }
                    }
                }
            }
            newest.retain(|_, (seen_at, _)| *seen_at >= since);
            let clusters = || newest.keys().map(|(scope, _)| *scope);
            let lead = (table.scope == Scope::Cluster).then(|| cluster_column(clusters()));
            let rows: Vec<&[u8]> = newest.values().map(|(_, row)| *row).collect();
            let frame = table_frame(table, &rows, lead)?;
            estate.frames.insert(table.name.to_owned(), frame);
        }
        Ok(estate)
    }
}

/// Rows of a list that any of its bundles showed, with the end of the last one that did.
fn last_seen<'u>(source: &Source<'u>) -> impl Iterator<Item = (&'u [u8], i64)> {
    let unit: &'u Unit = source.unit;
    unit.rows.iter().filter_map(|(row, intervals)| {
        let seen = intervals.iter().rev().find_map(|run| {
            let end = source.bundles.partition_point(|(seq, _)| *seq <= run.last);
            let (seq, time) = source.bundles.get(end.checked_sub(1)?)?;
            (*seq >= run.first).then_some(*time)
        });
        Some((row.as_ref(), seen?))
    })
}

#[cfg(test)]
mod tests;
