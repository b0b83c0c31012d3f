//! Which datasets the change of a pool is, and what of each: data, snapshots or reservation.
//!
//! `used` of a pool's root is the sum of the own parts of all its datasets: `usedbydataset`, `usedbysnapshots` and
//! `usedbyrefreservation`. What the parts do not explain, such as a `reservation` of children, is the rest, and is told.

use super::{Counters, Space};
use crate::history::run_at;

/// What became of a dataset in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is there at both ends.
    Stayed,
    /// It is there at the end only.
    New,
    /// It is there at the start only.
    Gone,
}

/// The change of one dataset, without its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) path: String,
    pub(crate) fate: Fate,
    /// Change of `usedbydataset`.
    pub(crate) data: i64,
    /// Change of `usedbysnapshots`.
    pub(crate) snapshots: i64,
    /// Change of `usedbyrefreservation`.
    pub(crate) reservation: i64,
}

/// The change of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribution {
    /// Change of `used` of the root.
    pub(crate) delta: i64,
    /// Datasets that changed, those that changed most first.
    pub(crate) parts: Vec<Part>,
    /// What the parts do not explain: they and this are the change.
    pub(crate) rest: i64,
    /// Datasets with a part that is not told at one end; that part is in the rest.
    pub(crate) n_unknown: usize,
}

impl Part {
    /// Change of what the dataset itself holds.
    pub(crate) fn total(&self) -> i64 {
        self.data
            .saturating_add(self.snapshots)
            .saturating_add(self.reservation)
    }
}

impl Attribution {
    /// Sum over the datasets of one fate, and their number.
    pub(crate) fn sum(&self, fate: Fate) -> (usize, i64) {
        let ours = self.parts.iter().filter(|part| part.fate == fate);
        ours.fold((0, 0), |(n, sum), part| {
            (n + 1, sum.saturating_add(part.total()))
        })
    }
}

/// The change of a pool between two readings; nothing when `used` of its root is not told at one of them.
pub(crate) fn attribute(space: &Space, pool: &str, from: usize, to: usize) -> Option<Attribution> {
    let used = |reading: usize| space.at(pool, reading).and_then(super::used);
    let delta = used(to)?.saturating_sub(used(from)?);
    let below = format!("{pool}/");
    let mut parts = Vec::new();
    let (mut explained, mut n_unknown) = (0_i128, 0);
    for (path, runs) in &space.objects {
        if path != pool && !path.starts_with(&below) {
            continue;
        }
        let (before, after) = (run_at(runs, from), run_at(runs, to));
        let fate = match (before, after) {
            (None, None) => continue,
            (Some(_), Some(_)) => Fate::Stayed,
            (None, Some(_)) => Fate::New,
            (Some(_), None) => Fate::Gone,
        };
        let changes = own(before, after);
        n_unknown += usize::from(changes.contains(&None));
        let [data, snapshots, reservation] = changes.map(Option::unwrap_or_default);
        let part = Part {
            path: path.clone(),
            fate,
            data,
            snapshots,
            reservation,
        };
        explained += i128::from(part.total());
        if fate != Fate::Stayed || changes.iter().any(|change| *change != Some(0)) {
            parts.push(part);
        }
    }
    let size = |part: &Part| std::cmp::Reverse(part.total().unsigned_abs());
    parts.sort_by(|a, b| (size(a), &a.path).cmp(&(size(b), &b.path)));
    let rest = i128::from(delta) - explained;
    Some(Attribution {
        delta,
        parts,
        rest: i64::try_from(rest).unwrap_or(i64::MAX),
        n_unknown,
    })
}

/// Changes of the three own parts; one that is not told has none. What is not there holds nothing.
fn own(before: Option<&Counters>, after: Option<&Counters>) -> [Option<i64>; 3] {
    let value = |counters: Option<&Counters>, part: usize| match counters {
        Some(counters) => counters[part],
        None => Some(0),
    };
    [1, 2, 3].map(|part| Some(value(after, part)?.saturating_sub(value(before, part)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Run;

    /// Readings of datasets: path, first reading, the one after the last, and the counters.
    fn space(n: i64, runs: &[(&str, (usize, usize), [i64; 4])]) -> Space {
        let mut space = Space {
            times: (0..n).collect(),
            ..Space::default()
        };
        for (path, (from, to), [used, data, snapshots, reservation]) in runs {
            let tell = |bytes: &i64| Some(*bytes).filter(|bytes| *bytes >= 0);
            let values = [
                tell(used),
                tell(data),
                tell(snapshots),
                tell(reservation),
                None,
            ];
            space
                .objects
                .entry((*path).to_owned())
                .or_default()
                .push(Run {
                    from: *from,
                    to: *to,
                    values,
                });
        }
        space
    }

    #[test]
    fn parts_and_rest_are_the_change_of_the_pool() {
        let space = space(
            3,
            &[
                ("tank", (0, 2), [1_000, 10, 0, 0]),
                ("tank", (2, 3), [1_700, 10, 0, 0]),
                ("tank/a", (0, 1), [400, 300, 100, 0]),
                ("tank/a", (1, 3), [650, 320, 330, 0]),
                ("tank/gone", (0, 2), [90, 90, 0, 0]),
                ("tank/new", (1, 3), [500, 200, 0, 300]),
                ("tank/still", (0, 3), [50, 50, 0, 0]),
                // Another pool whose name begins alike.
                ("tank2/x", (2, 3), [9_999, 9_999, 0, 0]),
            ],
        );
        let found = attribute(&space, "tank", 0, 2).unwrap();
        assert_eq!(found.delta, 700);
        let lines: Vec<_> = found
            .parts
            .iter()
            .map(|part| (part.path.as_str(), part.fate, part.total()))
            .collect();
        assert_eq!(
            lines,
            [
                ("tank/new", Fate::New, 500),
                ("tank/a", Fate::Stayed, 250),
                ("tank/gone", Fate::Gone, -90),
            ]
        );
        assert_eq!(found.parts[1].snapshots, 230);
        assert_eq!((found.rest, found.n_unknown), (40, 0));
        assert_eq!(found.sum(Fate::Gone), (1, -90));
        let parts: i64 = found.parts.iter().map(Part::total).sum();
        assert_eq!(parts + found.rest, found.delta);
    }

    #[test]
    fn what_is_not_told_is_in_the_rest() {
        let space = space(
            2,
            &[
                ("tank", (0, 1), [100, 0, 0, 0]),
                ("tank", (1, 2), [160, 0, 0, 0]),
                ("tank/a", (0, 1), [100, 80, -1, 0]),
                ("tank/a", (1, 2), [160, 90, 70, 0]),
            ],
        );
        let found = attribute(&space, "tank", 0, 1).unwrap();
        assert_eq!((found.parts[0].total(), found.rest), (10, 50));
        assert_eq!(found.n_unknown, 1);
        assert_eq!(attribute(&space, "other", 0, 1), None);
        assert_eq!(attribute(&space, "tank", 0, 9), None);
    }

    #[test]
    fn a_pool_in_which_nothing_moved_has_no_parts() {
        let space = space(2, &[("tank", (0, 2), [10, 10, 0, 0])]);
        let found = attribute(&space, "tank", 0, 1).unwrap();
        assert_eq!((found.delta, found.rest, found.parts.len()), (0, 0, 0));
    }
}
