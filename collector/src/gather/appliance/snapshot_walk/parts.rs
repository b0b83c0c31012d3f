//! Transaction groups of snapshots, cut into parts that one answer can hold. Pure.

use std::collections::VecDeque;

use crate::source::truenas::MAX_AHEAD;

/// What is still to be read: transaction groups in order, one entry for each snapshot.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    left: VecDeque<&'a [i32]>,
    /// Snapshots of one part.
    rows: usize,
}

/// Some snapshots, by their transaction groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    txgs: &'a [i32],
    /// What is newer than the list of transaction groups comes with the last part.
    pub(super) is_last: bool,
}

impl Part<'_> {
    /// The oldest transaction group.
    pub(super) fn lower(self) -> i32 {
        self.txgs.first().copied().unwrap_or(1)
    }

    /// The newest one; 0, which is no limit, in the last part.
    pub(super) fn upper(self) -> i32 {
        match self.is_last {
            true => 0,
            false => self.txgs.last().copied().unwrap_or(0),
        }
    }

    /// Snapshots in it.
    pub(super) fn len(self) -> usize {
        self.txgs.len()
    }

    /// True when all were made at once, so that it cannot be cut.
    pub(super) fn is_one_group(self) -> bool {
        self.txgs.first() == self.txgs.last()
    }
}

impl<'a> Parts<'a> {
    /// Cuts a list that is in order.
    pub(super) fn new(txgs: &'a [i32], rows: usize) -> Self {
        let left = if txgs.is_empty() {
            VecDeque::new()
        } else {
            VecDeque::from([txgs])
        };
        Self { left, rows }
    }

    /// The next part and those after it.
    pub(super) fn next(&mut self) -> Option<(Part<'a>, Vec<Part<'a>>)> {
        let mut known = 0;
        while known <= MAX_AHEAD
            && let Some(whole) = self.left.get(known)
        {
            match cut(whole, self.rows) {
                Some((part, rest)) => {
                    self.left[known] = rest;
                    self.left.insert(known, part);
                }
                None => known += 1,
            }
        }
        let n_left = self.left.len();
        let first = self.left.iter().take(known).enumerate();
        let mut parts = first.map(|(index, txgs)| Part {
            txgs,
            is_last: index + 1 == n_left,
        });
        let next = parts.next()?;
        let after = parts.collect();
        self.left.pop_front();
        Some((next, after))
    }

    /// Puts a part back in two; false when it cannot be cut.
    pub(super) fn halve(&mut self, part: Part<'a>) -> bool {
        let Some((part, rest)) = cut(part.txgs, part.len() / 2) else {
            return false;
        };
        self.left.push_front(rest);
        self.left.push_front(part);
        true
    }

    /// Fewer snapshots from now on.
    pub(super) fn limit(&mut self, rows: usize) {
        self.rows = rows;
    }

    /// Snapshots of one part.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }
}

/// Cuts after at most `rows`, between two transaction groups; nothing to cut when all is one group, or few enough.
fn cut(txgs: &[i32], rows: usize) -> Option<(&[i32], &[i32])> {
    let next = txgs.get(rows.max(1))?;
    let before = txgs.partition_point(|txg| txg < next);
    let at = match before {
        0 => txgs.partition_point(|txg| txg <= next),
        before => before,
    };
    (at < txgs.len()).then(|| txgs.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_between_two_transaction_groups() {
        let txgs = [1, 2, 2, 2, 3, 4];
        assert_eq!(cut(&txgs, 2), Some((&[1][..], &[2, 2, 2, 3, 4][..])));
        assert_eq!(cut(&txgs, 4), Some((&[1, 2, 2, 2][..], &[3, 4][..])));
        assert_eq!(cut(&txgs[1..], 2), Some((&[2, 2, 2][..], &[3, 4][..])));
        assert_eq!(cut(&txgs, 6), None, "few enough");
        assert_eq!(cut(&txgs[1..4], 1), None, "one group");
        assert_eq!(cut(&txgs[1..4], 0), None);
        assert_eq!(cut(&[], 0), None);
    }

    #[test]
    fn every_snapshot_is_in_one_part_and_the_last_part_has_no_end() {
        let txgs: Vec<i32> = (0..365)
            .flat_map(|day| vec![day * 17_280 + 4; 300])
            .collect();
        let mut parts = Parts::new(&txgs, 2_000);
        let (mut n_rows, mut n_parts, mut last) = (0, 0, 0);
        while let Some((part, _)) = parts.next() {
            assert!(part.lower() > last && part.len() <= 2_000);
            assert_eq!(part.upper() == 0, part.is_last);
            last = part.txgs.last().copied().unwrap();
            n_rows += part.len();
            n_parts += 1;
            assert_eq!(part.is_last, n_rows == txgs.len());
        }
        assert_eq!((n_rows, n_parts), (txgs.len(), 61), "six days in each");
    }

    #[test]
    fn parts_that_are_sent_ahead_are_those_that_come() {
        let txgs: Vec<i32> = (1..=95).collect();
        let mut parts = Parts::new(&txgs, 10);
        let mut ahead: Vec<Part<'_>> = Vec::new();
        while let Some((part, after)) = parts.next() {
            if !ahead.is_empty() {
                assert_eq!(part, ahead[0]);
            }
            assert!(after.len() <= MAX_AHEAD);
            ahead = after;
        }
        assert!(ahead.is_empty());
    }

    #[test]
    fn part_that_is_too_much_comes_again_in_halves_and_one_group_does_not() {
        let txgs = [1, 2, 3, 4, 9, 9, 9];
        let mut parts = Parts::new(&txgs, 4);
        let (first, _) = parts.next().unwrap();
        assert!(parts.halve(first));
        let halves = parts.next().unwrap();
        assert_eq!((halves.0.lower(), halves.0.upper()), (1, 2));
        assert_eq!((halves.1[0].lower(), halves.1[0].upper()), (3, 4));
        parts.next().unwrap();
        let (burst, after) = parts.next().unwrap();
        assert!(burst.is_last && burst.is_one_group() && after.is_empty());
        assert!(!parts.halve(burst));
        assert_eq!(parts.next(), None);
    }
}
