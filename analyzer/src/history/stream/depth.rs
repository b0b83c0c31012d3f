//! How much of a stream is read, and what of it may be read in brief.

use std::collections::BTreeSet;

use truenas_common::schema::Table;

use super::Stream;

/// Tables with very many rows, of which nobody asks more, before the moments looked at, than which objects were there and
/// when.
pub(super) const BRIEF: [&str; 1] = ["zfs_snapshot"];

/// How much of a history is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::history) enum Depth {
    /// Every version.
    Whole,
    /// Every version, but of these tables only those that are true at the newest bundle.
    NowOf(&'static [&'static str]),
    /// Every version; but of [`BRIEF`] tables, what none of the newest moments shows, so many of them, is its identity
    /// alone.
    Moments(usize),
    /// What the next bundle can change; the rest is read when it is needed.
    Tail,
}

impl Stream {
    /// Whether a closed file holds nothing that one of the newest moments shows.
    pub(super) fn is_before(&self, table: &Table, stem: &str, n_moments: usize) -> bool {
        let Some((_, to)) = closed_range(stem).filter(|_| BRIEF.contains(&table.name)) else {
            return false;
        };
        let oldest = self.shown_at(n_moments);
        // A list that failed there is that of an earlier bundle.
        let of_table = self
            .units
            .iter()
            .filter(|((name, _), _)| name == table.name);
        let shown = of_table.filter_map(|(_, unit)| unit.at_or_before(oldest));
        shown.min().is_some_and(|first| to < first)
    }

    /// The bundle that the oldest of the newest moments shows. Moments are times, and a clock may have gone back; those of
    /// other streams lie between ours, so that ours go back furthest.
    pub(super) fn shown_at(&self, n_moments: usize) -> i64 {
        let now = self.ledger.values().next_back().map(|entry| entry.ended_at);
        let times: BTreeSet<i64> = self.ledger.values().map(|entry| entry.ended_at).collect();
        let mut past = times.into_iter().rev().filter(|at| Some(*at) <= now);
        let Some(oldest) = past.nth(n_moments.saturating_sub(1)) else {
            return 0;
        };
        let held = self.ledger.iter().rev();
        let shown = held
            .map(|(seq, entry)| (*seq, entry.ended_at))
            .find(|(_, at)| *at <= oldest);
        shown.map_or(0, |(seq, _)| seq)
    }
}

fn closed_range(stem: &str) -> Option<(i64, i64)> {
    let (from, to) = stem.strip_prefix("closed-")?.split_once('-')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}
