//! Integer columns of all objects of a table over time: one pass over the row versions, no frame in between.
//!
//! Pure: versions with intervals in, runs of equal readings out. A list that was not complete is no reading.

use std::collections::BTreeMap;
use std::ops::Bound;

use truenas_common::schema::{Cell, Table};

use super::encode;
use super::unit::{Interval, Unit};

/// What one object was over consecutive readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<const N: usize> {
    /// First reading, as an index into [`ScopeReadings::times`].
    pub from: usize,
    /// The reading after the last.
    pub to: usize,
    /// Values; absent where the version of the appliance does not tell.
    pub values: [Option<i64>; N],
}

/// All objects of one cluster or appliance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeReadings<const N: usize> {
    /// Ends of the bundles with a complete list, Unix seconds, oldest first.
    pub times: Vec<i64>,
    /// Runs of each object, oldest first, by what its identity has beside the appliance, joined by slashes.
    pub objects: BTreeMap<String, Vec<Run<N>>>,
}

/// All objects of a table, by cluster or appliance.
pub type Readings<const N: usize> = BTreeMap<String, ScopeReadings<N>>;

/// A list of one cluster or appliance, as one stream carries it.
pub(super) struct Source<'u> {
    pub(super) unit: &'u Unit,
    /// Numbers of the bundles in which it was complete with the end of each, in the order of the numbers.
    pub(super) bundles: Vec<(i64, i64)>,
}

/// A sum over objects, at each reading of one cluster or appliance.
#[derive(Clone, Debug)]
pub struct Sum<'r> {
    times: &'r [i64],
    /// What the sum changes by at each reading.
    steps: Vec<i128>,
    /// How the number of objects without a value changes.
    unknown: Vec<i64>,
}

impl<const N: usize> ScopeReadings<N> {
    /// Values of an object at a reading; nothing when it was not there.
    pub fn at(&self, object: &str, reading: usize) -> Option<&[Option<i64>; N]> {
        at(self.objects.get(object)?, reading)
    }

    /// One value of an object at each reading that tells it, oldest first.
    pub fn points(
        &self,
        object: &str,
        value: impl Fn(&[Option<i64>; N]) -> Option<i64>,
    ) -> Vec<(i64, i64)> {
        let runs = self.objects.get(object).map_or(&[][..], Vec::as_slice);
        let known = runs
            .iter()
            .filter_map(|run| Some((run, value(&run.values)?)));
        let points = known.flat_map(|(run, value)| {
            let times = self.times.get(run.from..run.to).unwrap_or_default();
            times.iter().map(move |time| (*time, value))
        });
        points.collect()
    }

    /// An empty sum.
    pub fn sum(&self) -> Sum<'_> {
        Sum::new(&self.times)
    }
}

/// Values of runs at a reading.
pub fn at<const N: usize>(runs: &[Run<N>], reading: usize) -> Option<&[Option<i64>; N]> {
    let next = runs.partition_point(|run| run.from <= reading);
    let run = runs.get(next.checked_sub(1)?)?;
    (reading < run.to).then_some(&run.values)
}

impl<'r> Sum<'r> {
    pub(super) fn new(times: &'r [i64]) -> Self {
        Self {
            times,
            steps: vec![0; times.len() + 1],
            unknown: vec![0; times.len() + 1],
        }
    }

    /// Adds a value at the readings `from..to`; an absent one makes the sum of these unknown.
    pub fn add(&mut self, (from, to): (usize, usize), value: Option<i64>) {
        let to = to.min(self.times.len());
        if from >= to {
            return;
        }
        match value {
            Some(value) => {
                self.steps[from] += i128::from(value);
                self.steps[to] -= i128::from(value);
            }
            None => {
                self.unknown[from] += 1;
                self.unknown[to] -= 1;
            }
        }
    }

    /// The sum at each reading at which all values are known; an object that was not there counts zero.
    pub fn points(&self) -> Vec<(i64, i64)> {
        let (mut sum, mut n_unknown) = (0_i128, 0_i64);
        let mut points = Vec::with_capacity(self.times.len());
        for (at, time) in self.times.iter().enumerate() {
            sum += self.steps[at];
            n_unknown += self.unknown[at];
            if n_unknown == 0 {
                let most = if sum < 0 { i64::MIN } else { i64::MAX };
                points.push((*time, i64::try_from(sum).unwrap_or(most)));
            }
        }
        points
    }
}

/// Merges the lists of one cluster or appliance, of rows that begin with some bytes; of two lists with one time the later
/// source stands.
pub(super) fn merge<const N: usize>(
    table: &'static Table,
    columns: [usize; N],
    sources: &[Source<'_>],
    prefix: &[u8],
) -> ScopeReadings<N> {
    let Moments { times, places } = Moments::of(sources);
    let slots = slots(table, columns);
    let mut objects: BTreeMap<String, Vec<Run<N>>> = BTreeMap::new();
    for (source, places) in sources.iter().zip(&places) {
        // The identity leads a row, so the versions of one object follow each other.
        let mut key: &[u8] = &[];
        let mut runs: Vec<Run<N>> = Vec::new();
        let mut keep = |key: &[u8], runs: &mut Vec<Run<N>>| {
            if !runs.is_empty() {
                objects
                    .entry(identity(table, key))
                    .or_default()
                    .append(runs);
            }
        };
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let rows = source.unit.rows.range::<[u8], _>(from);
        for (row, intervals) in rows.take_while(|(row, _)| row.starts_with(prefix)) {
            if key.is_empty() || !row.starts_with(key) {
                keep(key, &mut runs);
                key = &row[..encode::key_length(table, row)];
            }
            let values = read(table, &slots, &row[key.len()..]);
            for interval in intervals {
                spread(source, places, *interval, |(from, to)| {
                    runs.push(Run { from, to, values });
                });
            }
        }
        keep(key, &mut runs);
    }
    for runs in objects.values_mut() {
        runs.sort_by_key(|run| run.from);
        runs.shrink_to_fit();
    }
    ScopeReadings { times, objects }
}

/// Readings of all sources together.
pub(super) struct Moments {
    /// Ends of the bundles, oldest first.
    pub(super) times: Vec<i64>,
    /// Which reading each bundle of each source is; nothing for one that another takes the place of.
    places: Vec<Vec<Option<usize>>>,
}

impl Moments {
    pub(super) fn of(sources: &[Source<'_>]) -> Self {
        let mut owners: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
        for (index, source) in sources.iter().enumerate() {
            let bundles = source.bundles.iter().enumerate();
            owners.extend(bundles.map(|(bundle, (_, time))| (*time, (index, bundle))));
        }
        let mut places: Vec<Vec<Option<usize>>> = sources
            .iter()
            .map(|source| vec![None; source.bundles.len()])
            .collect();
        for (reading, (source, bundle)) in owners.values().enumerate() {
            places[*source][*bundle] = Some(reading);
        }
        Self {
            times: owners.into_keys().collect(),
            places,
        }
    }

    /// Counts the objects of one source into sums, each into the one that its row names.
    pub(super) fn count<'r>(
        &'r self,
        (index, source): (usize, &Source<'_>),
        sums: &mut BTreeMap<String, Sum<'r>>,
        name: impl Fn(&[u8]) -> Option<String>,
    ) {
        for (row, intervals) in &source.unit.rows {
            let Some(name) = name(row) else {
                continue;
            };
            let sum = sums.entry(name).or_insert_with(|| Sum::new(&self.times));
            for interval in intervals {
                spread(source, &self.places[index], *interval, |run| {
                    sum.add(run, Some(1));
                });
            }
        }
    }
}

/// The readings that an interval covers, as ranges without a hole.
fn spread(
    source: &Source<'_>,
    places: &[Option<usize>],
    interval: Interval,
    mut take: impl FnMut((usize, usize)),
) {
    let place = |seq: i64| source.bundles.partition_point(|(other, _)| *other < seq);
    let (first, end) = (
        place(interval.first),
        place(interval.last.saturating_add(1)),
    );
    let mut range: Option<(usize, usize)> = None;
    for reading in places[first..end].iter().copied().flatten() {
        range = match range {
            Some((from, to)) if to == reading => Some((from, to + 1)),
            other => {
                other.into_iter().for_each(&mut take);
                Some((reading, reading + 1))
            }
        };
    }
    range.into_iter().for_each(take);
}

/// For each column behind the identity, where its value goes.
fn slots<const N: usize>(table: &Table, columns: [usize; N]) -> Vec<Option<usize>> {
    let behind = table.n_keys()..table.columns.len();
    let slot = |index| columns.iter().position(|wanted| *wanted == index);
    behind.map(slot).collect()
}

/// The wanted columns of what a row has behind its identity.
fn read<const N: usize>(
    table: &'static Table,
    slots: &[Option<usize>],
    row: &[u8],
) -> [Option<i64>; N] {
    let mut values = [None; N];
    for (cell, slot) in encode::cells_behind(table, table.n_keys(), row).zip(slots) {
        if let (Some(Cell::Integer(number)), Some(slot)) = (cell, slot) {
            values[*slot] = Some(number);
        }
    }
    values
}

/// What an identity has beside the appliance, joined by slashes.
fn identity(table: &'static Table, key: &[u8]) -> String {
    let cells = table.columns.iter().zip(encode::cells(table, key));
    let own = cells.filter(|(column, _)| column.name != "appliance");
    let texts = own.map(|(_, cell)| match cell {
        Some(Cell::Text(text)) => text.into_owned(),
        Some(Cell::Integer(number)) => number.to_string(),
        _ => String::new(),
    });
    texts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
