//! Integer columns of all objects of a table over time: one pass over the row versions, no frame in between.
//!
//! Pure: versions with intervals in, runs of equal readings out. A list that was not complete is no reading.

use std::collections::BTreeMap;

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

/// Merges the lists of one cluster or appliance; of two with one time the later source stands.
pub(super) fn merge<const N: usize>(
    table: &'static Table,
    columns: [usize; N],
    sources: &[Source<'_>],
) -> ScopeReadings<N> {
    let Moments { times, places } = Moments::of(sources);
    let mut objects: BTreeMap<String, Vec<Run<N>>> = BTreeMap::new();
    for (source, places) in sources.iter().zip(&places) {
        // Versions of one object follow each other.
        let mut key = String::new();
        let mut runs: Vec<Run<N>> = Vec::new();
        let mut text = String::new();
        let mut keep = |key: &str, runs: &mut Vec<Run<N>>| match objects.get_mut(key) {
            _ if runs.is_empty() => {}
            Some(held) => held.append(runs),
            None => {
                objects.insert(key.to_owned(), std::mem::take(runs));
            }
        };
        for (row, intervals) in &source.unit.rows {
            let values = read(table, &columns, row, &mut text);
            if text != key {
                keep(&key, &mut runs);
                std::mem::swap(&mut text, &mut key);
            }
            for interval in intervals {
                spread(source, places, *interval, |(from, to)| {
                    runs.push(Run { from, to, values });
                });
            }
        }
        keep(&key, &mut runs);
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

/// The wanted columns of a row; writes its identity, without the appliance, over `key`.
fn read<const N: usize>(
    table: &'static Table,
    columns: &[usize; N],
    row: &[u8],
    key: &mut String,
) -> [Option<i64>; N] {
    let mut values = [None; N];
    key.clear();
    for (index, cell) in encode::cells(table, row).enumerate() {
        let column = &table.columns[index];
        if column.key && column.name != "appliance" {
            if !key.is_empty() {
                key.push('/');
            }
            match &cell {
                Some(Cell::Text(text)) => key.push_str(text),
                Some(Cell::Integer(number)) => key.push_str(&number.to_string()),
                _ => {}
            }
        }
        if let Some(Cell::Integer(number)) = cell {
            for (value, wanted) in values.iter_mut().zip(columns) {
                if *wanted == index {
                    *value = Some(number);
                }
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use truenas_common::tables;

    const DAY: i64 = 86_400;

    fn space() -> &'static Table {
        tables::table("zfs_dataset_space").unwrap()
    }

    fn columns() -> [usize; 2] {
        ["used_bytes", "referenced_bytes"].map(|name| space().column(name).unwrap().0)
    }

    fn row(path: &str, used: Option<i64>) -> Box<[u8]> {
        let mut cells = vec![
            Some(Cell::Text("nas".into())),
            Some(Cell::Text(path.to_owned().into())),
        ];
        cells.push(used.map(Cell::Integer));
        cells.extend(vec![None; space().columns.len() - cells.len()]);
        encode::encode(&cells)
    }

    /// A unit with these datasets and `used` in each bundle.
    fn unit(bundles: &[(i64, &[(&str, Option<i64>)])]) -> Unit {
        let mut unit = Unit::default();
        for (seq, rows) in bundles {
            let rows: BTreeSet<_> = rows.iter().map(|(path, used)| row(path, *used)).collect();
            unit.place(*seq, &rows);
        }
        unit
    }

    fn source<'u>(unit: &'u Unit, time: impl Fn(i64) -> i64) -> Source<'u> {
        let bundles = unit.observed.iter().map(|seq| (*seq, time(*seq)));
        Source {
            unit,
            bundles: bundles.collect(),
        }
    }

    fn used(readings: &ScopeReadings<2>, path: &str) -> Vec<(i64, i64)> {
        readings.points(path, |[used, _]| *used)
    }

    #[test]
    fn datasets_come_go_and_come_back_and_a_bundle_without_the_list_is_no_reading() {
        let unit = unit(&[
            (1, &[("p", Some(10)), ("p/a", Some(4))]),
            (2, &[("p", Some(10))]),
            // Bundle 3 had no complete list.
            (4, &[("p", Some(12)), ("p/a", Some(4)), ("p/new", None)]),
            (5, &[("p", Some(10)), ("p/a", Some(5)), ("p/new", Some(1))]),
        ]);
        let readings = merge(space(), columns(), &[source(&unit, |seq| seq * DAY)]);
        assert_eq!(readings.times, [DAY, 2 * DAY, 4 * DAY, 5 * DAY]);
        assert_eq!(
            used(&readings, "p/a"),
            [(DAY, 4), (4 * DAY, 4), (5 * DAY, 5)]
        );
        assert_eq!(
            used(&readings, "p"),
            [(DAY, 10), (2 * DAY, 10), (4 * DAY, 12), (5 * DAY, 10)]
        );
        assert_eq!(used(&readings, "p/new"), [(5 * DAY, 1)]);
        assert_eq!(used(&readings, "p/other"), []);
        assert_eq!(readings.at("p/a", 1), None);
        assert_eq!(readings.at("p/a", 2), Some(&[Some(4), None]));
        assert_eq!(readings.at("p/new", 2), Some(&[None, None]));
    }

    #[test]
    fn a_sum_counts_what_is_not_there_as_zero_and_what_is_not_told_not_at_all() {
        let unit = unit(&[
            (1, &[("p/a", Some(4))]),
            (2, &[("p/a", Some(4)), ("p/b", Some(i64::MAX))]),
            (3, &[("p/a", None), ("p/b", Some(7))]),
            (4, &[("p/b", Some(8))]),
        ]);
        let readings = merge(space(), columns(), &[source(&unit, |seq| seq)]);
        let mut sum = readings.sum();
        for run in readings.objects.values().flatten() {
            sum.add((run.from, run.to), run.values[0]);
        }
        assert_eq!(sum.points(), [(1, 4), (2, i64::MAX), (4, 8)]);
        assert_eq!(readings.sum().points().len(), 4, "nothing is zero");
    }

    #[test]
    fn two_collectors_of_one_appliance_are_one_row_of_readings() {
        let first = unit(&[(1, &[("p", Some(1))]), (2, &[("p", Some(1))])]);
        let second = unit(&[(7, &[("p", Some(2))]), (8, &[("p", Some(3))])]);
        let sources = [
            source(&first, |seq| seq * 100),
            // The second one of it ends with the second one of the first.
            source(&second, |seq| if seq == 7 { 150 } else { 200 }),
        ];
        let readings = merge(space(), columns(), &sources);
        assert_eq!(readings.times, [100, 150, 200]);
        assert_eq!(used(&readings, "p"), [(100, 1), (150, 2), (200, 3)]);
        let moments = Moments::of(&sources);
        let mut sums = BTreeMap::new();
        for source in sources.iter().enumerate() {
            moments.count(source, &mut sums, |_| Some("p".to_owned()));
        }
        assert_eq!(sums["p"].points(), [(100, 1), (150, 1), (200, 1)]);
    }

    #[test]
    fn one_pass_tells_the_same_as_a_look_at_each_bundle() {
        let there = |path: i64, seq: i64| (path * 7 + seq / 3) % 5 != 0;
        let value = |path: i64, seq: i64| Some((path + 1) * (seq / (1 + path % 4)));
        let names: Vec<String> = (0..30).map(|path| format!("p/{path:02}")).collect();
        let mut unit = Unit::default();
        for seq in (1..90).filter(|seq| seq % 11 != 4) {
            let rows = (0..30).filter(|path| there(*path, seq));
            let rows: BTreeSet<_> = rows
                .map(|path| row(&names[path as usize], value(path, seq)))
                .collect();
            unit.place(seq, &rows);
        }
        let readings = merge(space(), columns(), &[source(&unit, |seq| seq)]);
        for (path, name) in (0..).zip(&names) {
            let expected = unit.observed.iter().filter(|seq| there(path, **seq));
            let expected: Vec<_> = expected
                .map(|seq| (*seq, value(path, *seq).unwrap()))
                .collect();
            assert_eq!(used(&readings, name), expected, "{name}");
        }
    }
}
