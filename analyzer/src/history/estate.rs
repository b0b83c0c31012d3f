//! The estate at one time: for each cluster and appliance the newest complete list not later than that time.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use rayon::prelude::*;
use truenas_common::schema::{Scope, Table};
use truenas_common::tables;

use super::frame::table_frame;
use super::ledger::{LedgerEntry, ObservedEntry};
use super::spans::HISTORY;
use super::store::History;
use super::stream::Stream;
use super::unit::Unit;

mod count;
mod course;
pub(crate) mod deletion;
pub(crate) mod listing;
mod outcome;
mod over_time;
pub(crate) mod resize;
#[cfg(test)]
mod tests;

use outcome::{complete_frame, list_frame, outcomes, speakers};

/// One bundle up to the asked time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleRow {
    /// Ledger entry.
    pub entry: LedgerEntry,
    /// Whether it is the newest of its stream.
    pub is_newest: bool,
}

/// Frames of one domain at one time, ready for SQL.
#[derive(Clone, Debug)]
pub struct Estate {
    /// Domain.
    pub domain: String,
    /// End of the newest bundle, Unix seconds.
    pub now: i64,
    /// Clusters collected, by uid.
    pub clusters: Vec<String>,
    /// Appliances that a newest bundle names, read or not.
    pub appliances: Vec<String>,
    /// Tables and derived tables by name.
    pub frames: BTreeMap<String, DataFrame>,
    /// Outcome of the newest read, by table and scope; the scope of bundle tables is empty.
    pub outcomes: BTreeMap<(String, String), String>,
    /// Bundles, oldest first.
    pub bundles: Vec<BundleRow>,
    /// Used space of the pools over time.
    pub pool_readings: Vec<PoolReadings>,
}

/// Used bytes of the root dataset of a pool at the end of each bundle that tells them, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolReadings {
    /// Appliance.
    pub appliance: String,
    /// Pool, which is the path of its root dataset.
    pub pool: String,
    /// Unix seconds and bytes.
    pub points: Vec<(i64, i64)>,
}

impl Estate {
    /// Builds the estate of a domain at a time, or at its newest bundle.
    ///
    /// # Errors
    /// Polars refuses a column; a defect.
    pub fn at(history: &History, domain: &str, time: Option<i64>) -> PolarsResult<Self> {
        let limit = time.unwrap_or(i64::MAX);
        let streams: Vec<View<'_>> = history
            .streams
            .iter()
            .filter(|((of_domain, _), _)| of_domain == domain)
            .filter_map(|(_, stream)| View::new(stream, limit))
            .collect();
        let mut estate = Self {
            domain: domain.to_owned(),
            now: streams
                .iter()
                .map(|view| view.newest.ended_at)
                .max()
                .unwrap_or_default(),
            clusters: sorted(
                streams
                    .iter()
                    .filter_map(|view| view.newest.cluster.clone()),
            ),
            appliances: Vec::new(),
            frames: BTreeMap::new(),
            outcomes: outcomes(&streams),
            bundles: Vec::new(),
            pool_readings: Vec::new(),
        };
        for view in &streams {
            estate
                .bundles
                .extend(view.bundles.iter().map(|entry| BundleRow {
                    entry: (*entry).clone(),
                    is_newest: entry.bundle == view.newest.bundle,
                }));
        }
        estate.bundles.sort_by(|a, b| {
            (a.entry.ended_at, &a.entry.bundle).cmp(&(b.entry.ended_at, &b.entry.bundle))
        });
        let is_appliance =
            |table: &str| tables::table(table).is_some_and(|table| table.scope == Scope::Appliance);
        let scopes = estate.outcomes.keys();
        let scopes = scopes.filter(|(table, _)| is_appliance(table));
        estate.appliances = sorted(scopes.map(|(_, scope)| scope.clone()));
        let speakers = speakers(&streams);
        let frame = |table: &&'static Table| {
            let frame = match table.scope {
                Scope::Bundle | Scope::Run => bundle_table(table, &speakers),
                Scope::Cluster => cluster_table(table, &streams),
                Scope::Appliance => appliance_table(table, &streams, &estate.appliances),
            };
            frame.map(|frame| (table.name.to_owned(), frame))
        };
        // The largest tables are the last by name, and begin first.
        let frames: PolarsResult<_> = tables::ALL
            .par_iter()
            .rev()
            .with_max_len(1)
            .map(frame)
            .collect();
        estate.frames = frames?;
        estate.derive(&streams)?;
        estate.pool_readings = pool_readings(history, &estate)?;
        Ok(estate)
    }

    /// The same estate, had one list of one cluster or appliance failed and never been read before.
    ///
    /// # Errors
    /// Polars refuses a column; a defect.
    pub fn with_failed(&self, table: &str, scope: &str) -> PolarsResult<Self> {
        let mut estate = self.clone();
        let key = (table.to_owned(), scope.to_owned());
        estate.outcomes.insert(key, "failed".to_owned());
        if let Some(frame) = estate.frames.get_mut(table) {
            let owner = if self.clusters.iter().any(|cluster| cluster == scope) {
                "cluster"
            } else {
                "appliance"
            };
            let is_other = frame.column(owner)?.str()?.not_equal(scope);
            *frame = frame.filter(&is_other)?;
        }
        estate.frames.insert(
            "complete_list".to_owned(),
            complete_frame(&estate.outcomes, &estate.clusters)?,
        );
        Ok(estate)
    }

    fn derive(&mut self, streams: &[View<'_>]) -> PolarsResult<()> {
        let bundles = bundle_frame(&self.bundles)?;
        self.frames.insert("bundle".to_owned(), bundles);
        self.frames.insert(
            "complete_list".to_owned(),
            complete_frame(&self.outcomes, &self.clusters)?,
        );
        self.frames
            .insert("bundle_list".to_owned(), list_frame(streams)?);
        // Each walks another part of the history.
        let looks_back: [(&str, LooksBack<'_>); 3] = [
            (deletion::NAME, deletion::frame),
            (listing::NAME, listing::frame),
            (resize::NAME, resize::frame),
        ];
        let spans = HISTORY
            .par_iter()
            .map(|history| (history.name, history.frame(streams)));
        let others = looks_back
            .into_par_iter()
            .map(|(name, frame)| (name, frame(streams)));
        let frames: Vec<_> = spans.chain(others).collect();
        for (name, frame) in frames {
            self.frames.insert(name.to_owned(), frame?);
        }
        Ok(())
    }
}

type LooksBack<'h> = fn(&[View<'h>]) -> PolarsResult<DataFrame>;

fn pool_readings(history: &History, estate: &Estate) -> PolarsResult<Vec<PoolReadings>> {
    let Some(pools) = estate.frames.get("nas_pool") else {
        return Ok(Vec::new());
    };
    let (appliances, names) = (
        pools.column("appliance")?.str()?,
        pools.column("name")?.str()?,
    );
    let named = appliances
        .iter()
        .zip(names.iter())
        .filter_map(|(appliance, pool)| Some((appliance?, pool?)));
    let readings = named.map(|(appliance, pool)| PoolReadings {
        appliance: appliance.to_owned(),
        pool: pool.to_owned(),
        points: history.used_over_time(&estate.domain, appliance, pool, estate.now),
    });
    Ok(readings.collect())
}

/// One stream cut off at a time.
pub(super) struct View<'h> {
    stream: &'h Stream,
    newest: &'h LedgerEntry,
    newest_seq: i64,
    bundles: Vec<&'h LedgerEntry>,
}

impl<'h> View<'h> {
    fn new(stream: &'h Stream, limit: i64) -> Option<Self> {
        let held: Vec<(i64, &LedgerEntry)> = stream
            .ledger
            .iter()
            .filter(|(_, entry)| entry.ended_at <= limit)
            .map(|(seq, entry)| (*seq, entry))
            .collect();
        let (newest_seq, newest) = held.last().copied()?;
        Some(Self {
            stream,
            newest,
            newest_seq,
            bundles: held.into_iter().map(|(_, entry)| entry).collect(),
        })
    }

    /// What became of each list in the newest bundle.
    fn newest_lists(&self) -> impl Iterator<Item = &'h ObservedEntry> {
        let from = (self.newest_seq, String::new(), String::new());
        let lists = self.stream.observed.range(from..);
        let lists = lists.take_while(|((seq, _, _), _)| *seq == self.newest_seq);
        lists.map(|(_, entry)| entry)
    }

    /// Bundle whose list stands for a unit at this view's time.
    pub(super) fn seq_of(&self, unit: &Unit) -> Option<i64> {
        unit.at_or_before(self.newest_seq)
    }

    fn ended_at(&self, seq: i64) -> i64 {
        self.stream
            .ledger
            .get(&seq)
            .map_or(0, |entry| entry.ended_at)
    }

    /// Units of a table by cluster or appliance.
    pub(super) fn units(&self, table: &str) -> impl Iterator<Item = (&'h str, &'h Unit)> {
        self.stream
            .units
            .iter()
            .filter(move |((name, _), _)| name == table)
            .map(|((_, scope), unit)| (scope.as_str(), unit))
    }

    /// Bundles up to this view's time in which a unit was complete, with the end of each.
    pub(super) fn times(&self, unit: &Unit) -> Vec<(i64, i64)> {
        unit.observed
            .range(..=self.newest_seq)
            .map(|seq| (*seq, self.ended_at(*seq)))
            .collect()
    }

    fn unit(&self, table: &str, scope: &str) -> Option<(&'h Unit, i64)> {
        let unit = self
            .stream
            .units
            .get(&(table.to_owned(), scope.to_owned()))?;
        Some((unit, self.seq_of(unit)?))
    }
}

fn sorted(values: impl Iterator<Item = String>) -> Vec<String> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What the newest bundle of every collector says of its own run.
fn bundle_table(table: &'static Table, speakers: &[&View<'_>]) -> PolarsResult<DataFrame> {
    let rows = speakers.iter().filter_map(|view| {
        let (unit, seq) = view.unit(table.name, "")?;
        Some(unit.at(seq))
    });
    table_frame(table, &rows.flatten().collect::<Vec<_>>(), None)
}

/// The newest stream of each cluster speaks for it.
fn cluster_table(table: &'static Table, streams: &[View<'_>]) -> PolarsResult<DataFrame> {
    let mut best: BTreeMap<&str, (i64, &Unit, i64)> = BTreeMap::new();
    for view in streams {
        let Some(cluster) = view.newest.cluster.as_deref() else {
            continue;
        };
        let Some((unit, seq)) = view.unit(table.name, cluster) else {
            continue;
        };
        let time = view.ended_at(seq);
        if best.get(cluster).is_none_or(|(other, _, _)| *other < time) {
            best.insert(cluster, (time, unit, seq));
        }
    }
    let mut clusters = Vec::new();
    let mut rows: Vec<&[u8]> = Vec::new();
    for (cluster, (_, unit, seq)) in best {
        let before = rows.len();
        rows.extend(unit.at(seq));
        clusters.extend(std::iter::repeat_n(cluster, rows.len() - before));
    }
    table_frame(table, &rows, Some(cluster_column(clusters.into_iter())))
}

/// Which cluster each row is of; bundles leave that to their own name.
fn cluster_column<'c>(clusters: impl Iterator<Item = &'c str>) -> Column {
    Column::new("cluster".into(), clusters.collect::<Vec<_>>())
}

/// The freshest complete list of each appliance, whoever carried it.
fn appliance_table(
    table: &'static Table,
    streams: &[View<'_>],
    appliances: &[String],
) -> PolarsResult<DataFrame> {
    let mut rows: Vec<&[u8]> = Vec::new();
    for appliance in appliances {
        let lists = streams.iter().filter_map(|view| {
            let (unit, seq) = view.unit(table.name, appliance)?;
            Some((view.ended_at(seq), unit, seq))
        });
        if let Some((_, unit, seq)) = lists.max_by_key(|(time, _, _)| *time) {
            rows.extend(unit.at(seq));
        }
    }
    table_frame(table, &rows, None)
}

fn bundle_frame(bundles: &[BundleRow]) -> PolarsResult<DataFrame> {
    let entries = || bundles.iter().map(|row| &row.entry);
    DataFrame::new(
        bundles.len(),
        vec![
            Column::new(
                "stream".into(),
                entries()
                    .map(|entry| entry.link.stream.clone())
                    .collect::<Vec<_>>(),
            ),
            Column::new(
                "seq".into(),
                entries()
                    .map(|entry| entry.link.seq as i64)
                    .collect::<Vec<_>>(),
            ),
            Column::new(
                "cluster".into(),
                entries()
                    .map(|entry| entry.cluster.clone())
                    .collect::<Vec<_>>(),
            ),
            Column::new(
                "started_at".into(),
                entries().map(|entry| entry.started_at).collect::<Vec<_>>(),
            ),
            Column::new(
                "ended_at".into(),
                entries().map(|entry| entry.ended_at).collect::<Vec<_>>(),
            ),
        ],
    )
}

impl History {
    /// Bundle whose list stands for a table of a scope at a time.
    pub fn source_of(
        &self,
        domain: &str,
        table: &str,
        scope: &str,
        until: i64,
    ) -> Option<&LedgerEntry> {
        let sources = self.views(domain, until).filter_map(|view| {
            let (_, seq) = view.unit(table, scope)?;
            view.stream.ledger.get(&seq)
        });
        sources.max_by_key(|entry| entry.ended_at)
    }

    /// What became of a table of a scope in one bundle.
    pub fn observed(
        &self,
        domain: &str,
        entry: &LedgerEntry,
        table: &str,
        scope: &str,
    ) -> Option<&ObservedEntry> {
        let key = (domain.to_owned(), entry.link.stream.clone());
        let seq = i64::try_from(entry.link.seq).unwrap_or(i64::MAX);
        let stream = self.streams.get(&key)?;
        stream
            .observed
            .get(&(seq, table.to_owned(), scope.to_owned()))
    }

    pub(super) fn views<'h>(&'h self, domain: &str, until: i64) -> impl Iterator<Item = View<'h>> {
        let streams = self
            .streams
            .iter()
            .filter(move |((of_domain, _), _)| of_domain == domain);
        streams.filter_map(move |(_, stream)| View::new(stream, until))
    }
}
