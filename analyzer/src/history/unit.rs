//! The canonical form of one table of one scope: maximal runs of equal rows over the bundles in which it was complete.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use smallvec::{SmallVec, smallvec};

/// First and last bundle of a run, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Interval {
    pub(super) first: i64,
    pub(super) last: i64,
}

/// When a row was true, oldest first; nearly always once.
pub(super) type Runs = SmallVec<[Interval; 1]>;

/// Versions of all rows, by encoded row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) rows: BTreeMap<Box<[u8]>, Runs>,
    pub(super) observed: BTreeSet<i64>,
}

impl Unit {
    /// Newest bundle in which the table was complete.
    pub(super) fn head(&self) -> Option<i64> {
        self.observed.last().copied()
    }

    /// Newest complete bundle not later than `seq`.
    pub(super) fn at_or_before(&self, seq: i64) -> Option<i64> {
        self.observed.range(..=seq).next_back().copied()
    }

    /// Rows that were true in bundle `seq`.
    pub(super) fn at(&self, seq: i64) -> impl Iterator<Item = &[u8]> {
        let is_true = move |intervals: &[Interval]| {
            intervals
                .iter()
                .any(|run| run.first <= seq && seq <= run.last)
        };
        self.rows
            .iter()
            .filter(move |(_, intervals)| is_true(intervals))
            .map(|(row, _)| row.as_ref())
    }

    /// Places a complete list of bundle `seq`; rows are a set. Does nothing if the bundle is already placed.
    pub(super) fn place(&mut self, seq: i64, rows: &BTreeSet<Box<[u8]>>) {
        if !self.observed.insert(seq) {
            return;
        }
        let before = self.observed.range(..seq).next_back().copied();
        let after = self.observed.range(seq + 1..).next().copied();
        // Without an observation on both sides no run can cover the bundle.
        if let (Some(before), Some(after)) = (before, after) {
            for (row, intervals) in &mut self.rows {
                if !rows.contains(row) {
                    split(intervals, seq, before, after);
                }
            }
        }
        // Both are sorted, so one walk side by side finds what is there already.
        let mut held = self.rows.iter_mut().peekable();
        let mut new = Vec::new();
        for row in rows {
            while held.next_if(|(other, _)| *other < row).is_some() {}
            match held.next_if(|(other, _)| *other == row) {
                Some((_, intervals)) => extend(intervals, seq, before, after),
                None => new.push(row.clone()),
            }
        }
        let run = Interval {
            first: seq,
            last: seq,
        };
        let new = new.into_iter().map(|row| (row, smallvec![run]));
        if self.rows.is_empty() {
            // Sorted rows make the map at once, without a search for each.
            self.rows = new.collect();
        } else {
            self.rows.extend(new);
        }
    }

    /// Adds versions as files hold them, in any order.
    pub(super) fn fill(&mut self, mut versions: Vec<(Box<[u8]>, Interval)>) {
        // Files are in the order of identities, so nearly in this one: a stable sort takes the runs that are there.
        versions.par_sort();
        if !self.rows.is_empty() {
            for (row, run) in versions {
                let intervals = self.rows.entry(row).or_default();
                let place = intervals.partition_point(|other| other.first < run.first);
                intervals.insert(place, run);
            }
            return;
        }
        // Sorted rows make the map at once, without a search for each.
        let mut rows: Vec<(Box<[u8]>, Runs)> = Vec::with_capacity(versions.len());
        for (row, run) in versions {
            match rows.last_mut() {
                Some((last, intervals)) if *last == row => intervals.push(run),
                _ => rows.push((row, smallvec![run])),
            }
        }
        self.rows = rows.into_iter().collect();
    }

    /// Takes a bundle back, as if it had never been placed.
    pub(super) fn remove(&mut self, seq: i64) {
        if !self.observed.remove(&seq) {
            return;
        }
        let before = self.observed.range(..seq).next_back().copied();
        let after = self.observed.range(seq..).next().copied();
        self.rows.retain(|_, intervals| {
            retract(intervals, seq, before, after);
            !intervals.is_empty()
        });
    }
}

fn retract(intervals: &mut Runs, seq: i64, before: Option<i64>, after: Option<i64>) {
    intervals.retain(|run| (run.first, run.last) != (seq, seq));
    for run in intervals.iter_mut() {
        if run.first == seq {
            run.first = after.unwrap_or(run.last);
        }
        if run.last == seq {
            run.last = before.unwrap_or(run.first);
        }
    }
    let left = intervals.iter().position(|run| Some(run.last) == before);
    let right = intervals.iter().position(|run| Some(run.first) == after);
    if let (Some(left), Some(right)) = (left, right)
        && left < right
    {
        intervals[left].last = intervals[right].last;
        intervals.remove(right);
    }
}

fn split(intervals: &mut Runs, seq: i64, before: i64, after: i64) {
    if let Some(index) = intervals
        .iter()
        .position(|run| run.first < seq && seq < run.last)
    {
        let run = intervals[index];
        intervals[index].last = before;
        intervals.insert(
            index + 1,
            Interval {
                first: after,
                last: run.last,
            },
        );
    }
}

fn extend(intervals: &mut Runs, seq: i64, before: Option<i64>, after: Option<i64>) {
    if intervals
        .iter()
        .any(|run| run.first <= seq && seq <= run.last)
    {
        return;
    }
    let left = intervals.iter().position(|run| Some(run.last) == before);
    let right = intervals.iter().position(|run| Some(run.first) == after);
    match (left, right) {
        (Some(left), Some(right)) => {
            intervals[left].last = intervals[right].last;
            intervals.remove(right);
        }
        (Some(left), None) => intervals[left].last = seq,
        (None, Some(right)) => intervals[right].first = seq,
        (None, None) => {
            let index = intervals.partition_point(|run| run.first < seq);
            intervals.insert(
                index,
                Interval {
                    first: seq,
                    last: seq,
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic shuffle without a dependency.
    fn shuffled<T>(mut items: Vec<T>, mut seed: u64) -> Vec<T> {
        for index in (1..items.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            items.swap(index, (seed >> 33) as usize % (index + 1));
        }
        items
    }

    fn rows(seq: i64, seed: u64) -> BTreeSet<Box<[u8]>> {
        let is_there = |row: u64| {
            let run = (seq as u64 / 3)
                .wrapping_mul(row + 1)
                .wrapping_mul(seed | 1);
            row.is_multiple_of(5) || !(run >> 3).is_multiple_of(3)
        };
        (0..40u64)
            .filter(|row| is_there(*row))
            .map(|row| row.to_be_bytes().to_vec().into())
            .collect()
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_versions() {
        for seed in 1..20 {
            let seqs: Vec<i64> = (1..=40).filter(|seq| seq % 7 != 3).collect();
            let mut in_order = Unit::default();
            seqs.iter()
                .for_each(|seq| in_order.place(*seq, &rows(*seq, seed)));
            let mut any_order = Unit::default();
            shuffled(seqs.clone(), seed)
                .iter()
                .for_each(|seq| any_order.place(*seq, &rows(*seq, seed)));
            assert_eq!(in_order, any_order, "seed {seed}");
            for seq in &seqs {
                let expected = rows(*seq, seed);
                assert!(
                    in_order.at(*seq).eq(expected.iter().map(AsRef::as_ref)),
                    "seed {seed}, bundle {seq}"
                );
            }
            let runs = in_order.rows.values().flatten().count();
            let copies: usize = seqs.iter().map(|seq| rows(*seq, seed).len()).sum();
            assert!(runs * 2 < copies, "intervals must be fewer than copies");
        }
    }

    #[test]
    fn versions_make_the_same_unit_at_once_and_in_parts() {
        for seed in 0..20 {
            let mut unit = Unit::default();
            (1..30).for_each(|seq| unit.place(seq, &rows(seq, seed)));
            let versions: Vec<_> = unit
                .rows
                .iter()
                .flat_map(|(row, runs)| runs.iter().map(|run| (row.clone(), *run)))
                .collect();
            let versions = shuffled(versions, seed);
            let filled = |n_parts: usize| {
                let mut filled = Unit {
                    observed: unit.observed.clone(),
                    ..Unit::default()
                };
                let n = versions.len().div_ceil(n_parts);
                let parts = versions.chunks(n);
                parts.for_each(|part| filled.fill(part.to_vec()));
                filled
            };
            assert_eq!(filled(1), unit, "seed {seed}");
            assert_eq!(filled(4), unit, "seed {seed}");
        }
    }

    #[test]
    fn placing_twice_changes_nothing_and_equal_bundles_leave_one_run_a_row() {
        let mut unit = Unit::default();
        (1..=9).for_each(|seq| unit.place(seq, &rows(0, 1)));
        let once = unit.clone();
        unit.place(5, &BTreeSet::new());
        assert_eq!(unit, once);
        assert!(
            unit.rows
                .values()
                .all(|runs| runs[..] == [Interval { first: 1, last: 9 }])
        );
    }

    #[test]
    fn a_run_goes_across_a_gap_but_not_across_an_absence() {
        let row: Box<[u8]> = b"x".to_vec().into();
        let present = BTreeSet::from([row.clone()]);
        let mut unit = Unit::default();
        unit.place(1, &present);
        unit.place(4, &present);
        assert_eq!(unit.rows[&row][..], [Interval { first: 1, last: 4 }]);
        unit.place(2, &BTreeSet::new());
        assert_eq!(
            unit.rows[&row][..],
            [
                Interval { first: 1, last: 1 },
                Interval { first: 4, last: 4 }
            ]
        );
    }

    #[test]
    fn a_bundle_that_is_taken_back_leaves_no_trace() {
        for seed in 0..20 {
            for taken in 0..12 {
                let (mut with, mut without) = (Unit::default(), Unit::default());
                for seq in shuffled((0..12).collect(), seed) {
                    with.place(seq, &rows(seq, seed));
                    if seq != taken {
                        without.place(seq, &rows(seq, seed));
                    }
                }
                with.remove(taken);
                assert_eq!(with, without, "seed {seed}, bundle {taken}");
            }
        }
    }
}
