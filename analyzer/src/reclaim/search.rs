//! The smallest cut that frees enough, over several datasets.

use super::{Cut, Freed, Timeline};

/// Deletion of the oldest snapshots of several datasets, up to one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Whether the cut surely frees what was asked for.
    pub is_reached: bool,
    /// Creation of the youngest snapshot in the cut, Unix seconds; absent when nothing has to go.
    pub through: Option<i64>,
    /// What goes in each dataset, in the order given; nothing is computed of one with a broken identity.
    pub cuts: Vec<Option<Cut>>,
    /// What all of it frees.
    pub freed: Freed,
}

/// Finds the earliest moment such that deleting what was created up to it surely frees the bytes; the whole of the
/// snapshots when no moment does. For one dataset that nothing keeps this is the smallest `m` with
/// `F_1 + .. + F_m >= wanted`.
pub fn smallest_cut(timelines: &[&Timeline], wanted_bytes: i64) -> Goal {
    let mut moments: Vec<i64> = timelines
        .iter()
        .filter(|timeline| timeline.sums.is_some())
        .flat_map(|timeline| timeline.created_at.iter().copied())
        .collect();
    moments.sort_unstable();
    moments.dedup();
    // With every further snapshot the lower bound grows, so halving finds the first moment.
    let is_enough = |through: &i64| at(timelines, Some(*through)).freed.least_bytes >= wanted_bytes;
    let goal = if wanted_bytes <= 0 {
        at(timelines, None)
    } else {
        let first = moments.partition_point(|through| !is_enough(through));
        at(timelines, moments.get(first).or(moments.last()).copied())
    };
    Goal {
        is_reached: goal.freed.least_bytes >= wanted_bytes,
        ..goal
    }
}

fn at(timelines: &[&Timeline], through: Option<i64>) -> Goal {
    let n_through = |timeline: &Timeline| match through {
        Some(through) => timeline.created_at.partition_point(|at| *at <= through),
        None => 0,
    };
    let cuts: Vec<Option<Cut>> = timelines
        .iter()
        .map(|timeline| timeline.cut(n_through(timeline)))
        .collect();
    let freed = cuts
        .iter()
        .flatten()
        .fold(Freed::default(), |sum, cut| sum.and(cut.freed));
    Goal {
        is_reached: false,
        through,
        cuts,
        freed,
    }
}
