//! Which transaction groups to ask for next: pure, so that every distribution can be tried without a server.

use super::{ROWS, fewer};

/// First width of a window: a week of transaction groups.
const WIDTH: i64 = 1 << 17;

/// Width after a single transaction group that was full.
const WIDTH_AFTER_ONE: i64 = 1 << 10;

/// The interface takes 32-bit numbers.
const MAX_TXG: i64 = i32::MAX as i64;

/// The next window, by what the last one gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Lower end.
    pub(super) lower: i64,
    /// Transaction groups in it.
    pub(super) width: i64,
    /// Rows that an answer may have.
    pub(super) rows: usize,
    /// Snapshots that are known to remain; unknown when the server does not count.
    remaining: Option<i64>,
}

impl Window {
    /// Starts below all snapshots.
    pub(super) fn new(total: Option<i64>) -> Self {
        Self {
            lower: 1,
            width: WIDTH,
            rows: ROWS,
            remaining: total,
        }
    }

    /// The same window with room for more rows than those with all properties.
    pub(super) fn with_rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// Nothing but a little is left, so the end may stay open.
    pub(super) fn is_last(self) -> bool {
        let is_little = self
            .remaining
            .is_some_and(|left| left <= self.rows as i64 / 2);
        is_little || self.lower.saturating_add(self.width) > MAX_TXG
    }

    /// Upper end, 0 for an open one.
    pub(super) fn upper(self) -> i64 {
        if self.is_last() {
            0
        } else {
            self.lower + self.width - 1
        }
    }

    /// After an answer that was too large.
    pub(super) fn too_wide(self) -> Self {
        let width = self.width.min(MAX_TXG - self.lower);
        Self {
            width: (width / 4).max(1),
            remaining: self.remaining.filter(|_| !self.is_last()),
            ..self
        }
    }

    /// After a call that somebody on the way did not wait for: it will not wait for the next one of that size either.
    pub(super) fn cut_off(self) -> Self {
        Self {
            rows: fewer(self.rows),
            ..self.too_wide()
        }
    }

    /// After a single transaction group that was read on its own.
    pub(super) fn after_one(self, n_rows: usize) -> Self {
        Self {
            width: WIDTH_AFTER_ONE,
            ..self.after(n_rows)
        }
    }

    /// After a whole answer.
    pub(super) fn after(self, n_rows: usize) -> Self {
        let width = match n_rows {
            0 => self.width.saturating_mul(8),
            n if n < self.rows / 4 => self.width.saturating_mul(2),
            n if n > self.rows => (self.width / 2).max(1),
            _ => self.width,
        };
        Self {
            lower: self.lower + self.width,
            width: width.min(MAX_TXG),
            remaining: self.remaining.map(|left| (left - n_rows as i64).max(0)),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks over snapshots at these transaction groups; gives rows seen and calls made.
    fn run(txgs: &[i64], total: Option<i64>) -> (usize, usize) {
        run_through(txgs, total, usize::MAX)
    }

    /// The same through a proxy that cuts every answer of more than `patience` rows.
    fn run_through(txgs: &[i64], total: Option<i64>, patience: usize) -> (usize, usize) {
        let (mut window, mut n_rows, mut n_calls) = (Window::new(total), 0, 0);
        loop {
            n_calls += 1;
            let (lower, upper) = (window.lower, window.upper());
            let inside = |txg: &&i64| **txg >= lower && (upper == 0 || **txg <= upper);
            let found = txgs.iter().filter(inside).count();
            if found.min(window.rows) > patience && window.width > 1 {
                window = window.cut_off();
                continue;
            }
            if found >= window.rows && window.width > 1 {
                window = window.too_wide();
                continue;
            }
            n_rows += found;
            if found < window.rows && window.is_last() {
                return (n_rows, n_calls);
            }
            window = window.after(found);
        }
    }

    fn daily() -> Vec<i64> {
        let days = 0..365;
        days.flat_map(|day| vec![day * 17_280 + 4; 300]).collect()
    }

    #[test]
    fn few_snapshots_are_one_window() {
        assert_eq!(run(&[5, 100, 9_000_000], Some(3)), (3, 1));
    }

    #[test]
    fn every_snapshot_is_seen_once_whether_or_not_they_are_counted() {
        let daily = daily();
        for total in [None, Some(daily.len() as i64), Some(1)] {
            let (n_rows, n_calls) = run(&daily, total);
            assert_eq!(n_rows, daily.len());
            assert!(n_calls < 4 * daily.len() / ROWS + 40, "{n_calls}");
        }
    }

    #[test]
    fn many_snapshots_of_one_moment_do_not_stop_the_walk() {
        let burst = vec![1_000_000; 5 * ROWS];
        assert_eq!(run(&burst, None).0, burst.len());
    }

    #[test]
    fn proxy_without_patience_cuts_a_few_calls_and_not_every_other() {
        let daily = daily();
        for total in [None, Some(daily.len() as i64)] {
            let (n_rows, n_calls) = run_through(&daily, total, 500);
            assert_eq!(n_rows, daily.len());
            assert!(n_calls < 4 * daily.len() / 500 + 40, "{n_calls}");
        }
        let mut window = Window::new(None);
        let sizes: Vec<usize> = std::iter::from_fn(|| {
            window = window.cut_off();
            Some(window.rows)
        })
        .take(5)
        .collect();
        assert_eq!(sizes, [500, 125, 50, 50, 50]);
        assert_eq!(window.after(0).rows, 50, "patience does not grow back");
    }
}
