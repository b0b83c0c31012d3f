//! Which transaction groups to ask for next: pure, so that every distribution can be tried without a server.
//!
//! Several windows may be asked for before the first is answered: what is not read yet is a list of gaps.

use super::fewer;

/// First width of a window: a week of transaction groups.
const WIDTH: i64 = 1 << 17;

/// Width after a single transaction group that was read on its own.
const WIDTH_AFTER_ONE: i64 = 1 << 10;

/// The interface takes 32-bit numbers.
const MAX_TXG: i64 = i32::MAX as i64;

/// Transaction groups that are asked for at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    range: Range,
    /// Transaction groups that were meant to be in it; an open one has more.
    width: i64,
    /// Rows that an answer may have.
    pub(super) rows: usize,
}

/// Transaction groups that are not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    lower: i64,
    /// The last one; nothing when the end is open.
    upper: Option<i64>,
    /// Name of the last snapshot that was read of a single transaction group.
    after: String,
}

/// What is left to ask for.
#[derive(Debug)]
pub(super) struct Windows {
    /// The lowest last.
    gaps: Vec<Range>,
    width: i64,
    rows: usize,
    /// Snapshots that are known to remain; unknown when the server does not count.
    remaining: Option<i64>,
}

impl Window {
    /// Lower end.
    pub(super) fn lower(&self) -> i64 {
        self.range.lower
    }

    /// Upper end, 0 for an open one.
    pub(super) fn upper(&self) -> i64 {
        self.range.upper.unwrap_or(0)
    }

    /// Name to read on from, when it is a single transaction group: that is read in the order of names.
    pub(super) fn after(&self) -> Option<&str> {
        self.is_one().then_some(self.range.after.as_str())
    }

    /// Whether it is a single transaction group.
    pub(super) fn is_one(&self) -> bool {
        self.range.upper == Some(self.range.lower)
    }

    /// Whether less can be asked for.
    pub(super) fn can_shrink(&self) -> bool {
        !self.is_one() || fewer(self.rows) < self.rows
    }
}

impl Windows {
    /// All transaction groups, asked for `rows` at a time.
    pub(super) fn new(total: Option<i64>, rows: usize) -> Self {
        Self {
            gaps: vec![Range::new(1, None)],
            width: WIDTH,
            rows,
            remaining: total,
        }
    }

    /// The next window; nothing when all have been asked for.
    pub(super) fn next(&mut self) -> Option<Window> {
        let mut range = self.gaps.pop()?;
        let end = range.lower.saturating_add(self.width - 1);
        // Nothing but a little is left, so the end may stay open.
        let is_little = self
            .remaining
            .is_some_and(|left| left <= self.rows as i64 / 2);
        let end = match range.upper {
            None => (end < MAX_TXG && !is_little).then_some(end),
            Some(upper) => Some(end.min(upper)),
        };
        if let Some(end) = end.filter(|_| end != range.upper) {
            self.gaps.push(Range::new(end + 1, range.upper));
            range.upper = Some(end);
        }
        Some(Window {
            range,
            width: self.width,
            rows: self.rows,
        })
    }

    /// After a whole answer.
    pub(super) fn answered(&mut self, window: &Window, n_rows: usize) {
        self.read(n_rows);
        self.width = match n_rows {
            0 => window.width.saturating_mul(8).min(MAX_TXG),
            n if n < window.rows / 4 => window.width.saturating_mul(2).min(MAX_TXG),
            _ => window.width,
        };
        if window.is_one() {
            self.width = self.width.max(WIDTH_AFTER_ONE);
        }
    }

    /// After a full answer of a single transaction group, on from its newest name; false when it brings nothing new.
    pub(super) fn read_on(&mut self, window: Window, n_rows: usize, newest: &str) -> bool {
        let mut range = window.range;
        if newest <= range.after.as_str() {
            return false;
        }
        self.read(n_rows);
        newest.clone_into(&mut range.after);
        self.gaps.push(range);
        true
    }

    /// After a full answer that is only a part of the window: a transaction group that is nearly all of it is read alone.
    pub(super) fn full(&mut self, window: Window, txgs: impl Iterator<Item = i64>) {
        let mut txgs: Vec<i64> = txgs.filter(|txg| window.range.holds(*txg)).collect();
        txgs.sort_unstable();
        let most = txgs.chunk_by(PartialEq::eq).max_by_key(|group| group.len());
        let Some(&one) = most
            .filter(|one| one.len() * 10 > txgs.len() * 9)
            .and_then(<[_]>::first)
        else {
            return self.too_wide(window);
        };
        let Range { lower, upper, .. } = window.range;
        self.forget_remaining(upper);
        if upper.is_none_or(|upper| one < upper) {
            self.gaps.push(Range::new(one + 1, upper));
        }
        self.gaps.push(Range::new(one, Some(one)));
        if lower < one {
            self.gaps.push(Range::new(lower, Some(one - 1)));
        }
    }

    /// After an answer that was too large.
    pub(super) fn too_wide(&mut self, window: Window) {
        if window.is_one() {
            self.rows = self.rows.min(fewer(window.rows));
        } else {
            let Range { lower, upper, .. } = window.range;
            let width = upper.map_or(window.width, |upper| upper - lower + 1);
            let width = width.min(MAX_TXG - lower) / 4;
            self.width = self.width.min(width).max(1);
            self.forget_remaining(upper);
        }
        self.gaps.push(window.range);
    }

    /// After a call that somebody on the way did not wait for: it will not wait for the next one of that size either.
    pub(super) fn cut_off(&mut self, window: Window) {
        self.rows = self.rows.min(fewer(window.rows));
        self.too_wide(window);
    }

    /// Takes back a window that was not asked for; the lowest one last.
    pub(super) fn put_back(&mut self, window: Window) {
        self.gaps.push(window.range);
    }

    fn read(&mut self, n_rows: usize) {
        let left = |left: i64| (left - n_rows as i64).max(0);
        self.remaining = self.remaining.map(left);
    }

    /// An open window that held more than was said to remain: what remains is not known.
    fn forget_remaining(&mut self, upper: Option<i64>) {
        self.remaining = self.remaining.filter(|_| upper.is_some());
    }
}

impl Range {
    fn new(lower: i64, upper: Option<i64>) -> Self {
        Self {
            lower,
            upper,
            after: String::new(),
        }
    }

    fn holds(&self, txg: i64) -> bool {
        txg >= self.lower && self.upper.is_none_or(|upper| txg <= upper)
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
