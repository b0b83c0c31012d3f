//! Lists that come, go and are missing, and what is read out of them.

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

/// Datasets and their `used` in one bundle.
type Rows<'a> = &'a [(&'a str, Option<i64>)];

/// A unit with these datasets and `used` in each bundle.
fn unit(bundles: &[(i64, Rows<'_>)]) -> Unit {
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
    let readings = merge(space(), columns(), &[source(&unit, |seq| seq * DAY)], &[]);
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
    let readings = merge(space(), columns(), &[source(&unit, |seq| seq)], &[]);
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
    let readings = merge(space(), columns(), &sources, &[]);
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
    let readings = merge(space(), columns(), &[source(&unit, |seq| seq)], &[]);
    for (path, name) in (0..).zip(&names) {
        let expected = unit.observed.iter().filter(|seq| there(path, **seq));
        let expected: Vec<_> = expected
            .map(|seq| (*seq, value(path, *seq).unwrap()))
            .collect();
        assert_eq!(used(&readings, name), expected, "{name}");
    }
}
