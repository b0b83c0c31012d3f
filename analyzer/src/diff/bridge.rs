//! Where the used space of a pool went: steps that add up, to the byte, to what its root reports.
//!
//! `used = children + dataset + snapshots + refreservation` holds for every dataset, so the used bytes of the root are the
//! sum of the three own parts over all datasets and of what only a parent knows: reservations of children, and counters
//! that moved while they were read. That last part is the rest of each side, measured by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::Estate;
use crate::query::Value;
use crate::query::value::rows;

/// The steps from one used number to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// Appliance.
    pub appliance: String,
    /// Pool.
    pub pool: String,
    /// Used bytes of the root before.
    pub before_bytes: i64,
    /// Used bytes of the root after.
    pub after_bytes: i64,
    /// What lies between, in the order of [`Step::ALL`].
    pub steps: [i64; 7],
    /// The datasets that changed most, by the size of the change: path, difference.
    pub top: Vec<(String, i64)>,
}

/// One step of a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// New datasets.
    Created,
    /// Datasets that are gone.
    Destroyed,
    /// Datasets that are others under the same name.
    Recreated,
    /// Data of datasets that stayed.
    Data,
    /// Their snapshots.
    Snapshots,
    /// Their unused reservations.
    Refreservation,
    /// What no dataset accounts for: reservations of parents, and counters that moved while they were read.
    Rest,
}

impl Step {
    /// All, in the order they are shown.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Destroyed,
        Self::Recreated,
        Self::Data,
        Self::Snapshots,
        Self::Refreservation,
        Self::Rest,
    ];

    /// The words that readers see.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Destroyed => "destroyed",
            Self::Recreated => "re-created",
            Self::Data => "data",
            Self::Snapshots => "snapshots",
            Self::Refreservation => "refreservation",
            Self::Rest => "rest",
        }
    }
}

impl Bridge {
    /// Whether the steps add up to the difference of the root.
    pub fn reconciles(&self) -> bool {
        self.steps.iter().sum::<i64>() == self.after_bytes - self.before_bytes
    }
}

/// Datasets named by a bridge.
const MAX_TOP: usize = 5;

/// Bridges of the pools whose root was read on both sides, by appliance and pool.
pub fn bridges(before: &Estate, after: &Estate) -> Vec<Bridge> {
    let (mut old, mut new) = (pools(before), pools(after));
    let both: BTreeSet<Key> = old
        .keys()
        .filter(|key| new.contains_key(*key))
        .cloned()
        .collect();
    let bridge = |key: Key| {
        let (old, new) = (old.remove(&key)?, new.remove(&key)?);
        let (before_bytes, after_bytes) = (old.used?, new.used?);
        let (steps, top) = steps(&old, &new);
        Some(Bridge {
            appliance: key.0,
            pool: key.1,
            before_bytes,
            after_bytes,
            steps,
            top,
        })
    };
    both.into_iter().filter_map(bridge).collect()
}

/// Appliance and pool.
type Key = (String, String);

/// One pool on one side.
#[derive(Default)]
struct Pool {
    used: Option<i64>,
    datasets: BTreeMap<String, Dataset>,
}

/// Own bytes of one dataset: data, snapshots, refreservation.
struct Dataset {
    parts: [i64; 3],
    guid: Option<String>,
}

impl Dataset {
    fn own(&self) -> i64 {
        self.parts.iter().sum()
    }
}

fn pools(estate: &Estate) -> BTreeMap<Key, Pool> {
    let mut guids: BTreeMap<(String, String), String> = BTreeMap::new();
    for [appliance, path, guid] in select(estate, "zfs_dataset", ["appliance", "path", "guid"]) {
        if let (Value::Text(appliance), Value::Text(path), Value::Text(guid)) =
            (appliance, path, guid)
        {
            guids.insert((appliance, path), guid);
        }
    }
    let columns = [
        "appliance",
        "path",
        "used_bytes",
        "used_by_dataset_bytes",
        "used_by_snapshots_bytes",
        "used_by_refreservation_bytes",
    ];
    let mut pools: BTreeMap<Key, Pool> = BTreeMap::new();
    for [appliance, path, used, data, snapshots, refreservation] in
        select(estate, "zfs_dataset_space", columns)
    {
        let (Value::Text(appliance), Value::Text(path)) = (appliance, path) else {
            continue;
        };
        let name = path.split('/').next().unwrap_or(&path).to_owned();
        let pool = pools.entry((appliance.clone(), name)).or_default();
        if !path.contains('/') {
            pool.used = used.as_integer();
        }
        let dataset = Dataset {
            parts: [data, snapshots, refreservation].map(|part| part.as_integer().unwrap_or(0)),
            guid: guids.get(&(appliance, path.clone())).cloned(),
        };
        pool.datasets.insert(path, dataset);
    }
    pools
}

/// Rows of some columns; none when the table lacks one.
fn select<const N: usize>(estate: &Estate, table: &str, columns: [&str; N]) -> Vec<[Value; N]> {
    let frame = estate.frames.get(table);
    let frame = frame.and_then(|frame| frame.select(columns).ok());
    let rows = frame.as_ref().map(rows).unwrap_or_default();
    rows.into_iter()
        .filter_map(|row| row.try_into().ok())
        .collect()
}

fn steps(old: &Pool, new: &Pool) -> ([i64; 7], Vec<(String, i64)>) {
    let [mut created, mut destroyed, mut recreated] = [0_i64; 3];
    let mut parts = [0_i64; 3];
    let mut changes: Vec<(String, i64)> = Vec::new();
    let former = renamed(old, new);
    let moved: BTreeSet<&str> = former.values().copied().collect();
    for (path, now) in &new.datasets {
        let was = former
            .get(path.as_str())
            .and_then(|former| old.datasets.get(*former))
            .or_else(|| {
                old.datasets
                    .get(path)
                    .filter(|_| !moved.contains(path.as_str()))
            });
        let Some(was) = was else {
            created += now.own();
            changes.push((path.clone(), now.own()));
            continue;
        };
        changes.push((path.clone(), now.own() - was.own()));
        let is_other = matches!((&was.guid, &now.guid), (Some(was), Some(now)) if was != now);
        if is_other {
            recreated += now.own() - was.own();
            continue;
        }
        for (sum, (now, was)) in parts.iter_mut().zip(now.parts.iter().zip(was.parts)) {
            *sum += now - was;
        }
    }
    for (path, was) in &old.datasets {
        let is_kept = new.datasets.contains_key(path) && !is_taken(path, &former, &moved);
        if !is_kept && !moved.contains(path.as_str()) {
            destroyed -= was.own();
            changes.push((path.clone(), -was.own()));
        }
    }
    let rest = |pool: &Pool| {
        let own: i64 = pool.datasets.values().map(Dataset::own).sum();
        pool.used.unwrap_or(0) - own
    };
    changes.retain(|(_, bytes)| *bytes != 0);
    changes.sort_by_key(|(path, bytes)| (std::cmp::Reverse(bytes.unsigned_abs()), path.clone()));
    changes.truncate(MAX_TOP);
    let [data, snapshots, refreservation] = parts;
    let rest = rest(new) - rest(old);
    (
        [
            created,
            destroyed,
            recreated,
            data,
            snapshots,
            refreservation,
            rest,
        ],
        changes,
    )
}

/// Whether the dataset that has this path now was another one before: renamed onto it.
fn is_taken(path: &str, former: &BTreeMap<&str, &str>, moved: &BTreeSet<&str>) -> bool {
    former.contains_key(path) && !moved.contains(path)
}

/// Datasets that have another path: path now, path before.
fn renamed<'p>(old: &'p Pool, new: &'p Pool) -> BTreeMap<&'p str, &'p str> {
    fn by_guid(pool: &Pool) -> BTreeMap<&str, Option<&str>> {
        let mut paths: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for (path, dataset) in &pool.datasets {
            if let Some(guid) = &dataset.guid {
                // A guid on two datasets tells nothing.
                paths
                    .entry(guid)
                    .and_modify(|held| *held = None)
                    .or_insert(Some(path));
            }
        }
        paths
    }
    let (before, after) = (by_guid(old), by_guid(new));
    let moved = after.into_iter().filter_map(|(guid, path)| {
        let (now, was) = (path?, before.get(guid).copied().flatten()?);
        (now != was).then_some((now, was))
    });
    moved.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Datasets as `path guid data snapshots refreservation`; the root's used is given apart.
    fn pool(used: i64, lines: &[&str]) -> Pool {
        let dataset = |line: &&str| {
            let cells: Vec<&str> = line.split(' ').collect();
            let number = |at: usize| cells[at].parse::<i64>().unwrap();
            let dataset = Dataset {
                parts: [number(2), number(3), number(4)],
                guid: (cells[1] != "-").then(|| cells[1].to_owned()),
            };
            (cells[0].to_owned(), dataset)
        };
        Pool {
            used: Some(used),
            datasets: lines.iter().map(dataset).collect(),
        }
    }

    #[track_caller]
    fn check(old: &Pool, new: &Pool, expect: [i64; 7]) {
        let (steps, _) = steps(old, new);
        assert_eq!(steps, expect);
        let sum: i64 = steps.iter().sum();
        assert_eq!(sum, new.used.unwrap() - old.used.unwrap());
    }

    #[test]
    fn every_dataset_is_in_one_step_and_the_steps_add_up() {
        let old = pool(
            100,
            &["p 1 1 0 0", "p/a 2 20 5 0", "p/b 3 30 0 0", "p/c 4 10 0 4"],
        );
        let new = pool(
            130,
            &["p 1 1 0 0", "p/a 2 25 9 0", "p/c 9 12 0 0", "p/d 5 40 0 0"],
        );
        check(&old, &new, [40, -30, -2, 5, 4, 0, 13]);
    }

    #[test]
    fn a_renamed_dataset_is_neither_created_nor_destroyed() {
        let old = pool(30, &["p 1 0 0 0", "p/a 2 20 0 0", "p/b 3 10 0 0"]);
        let new = pool(35, &["p 1 0 0 0", "p/x 2 25 0 0", "p/b 3 10 0 0"]);
        check(&old, &new, [0, 0, 0, 5, 0, 0, 0]);
    }

    #[test]
    fn names_that_are_swapped_or_taken_over_are_followed() {
        let old = pool(30, &["p/a 2 20 0 0", "p/b 3 10 0 0"]);
        check(&old, &pool(30, &["p/a 3 10 0 0", "p/b 2 20 0 0"]), [0; 7]);
        // `p/b` was destroyed and `p/a` renamed onto its path.
        check(&old, &pool(20, &["p/b 2 20 0 0"]), [0, -10, 0, 0, 0, 0, 0]);
        // `p/a` was renamed, and a new dataset has its path.
        let new = pool(37, &["p/a 9 7 0 0", "p/b 3 10 0 0", "p/c 2 20 0 0"]);
        check(&old, &new, [7, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn the_largest_changes_are_named() {
        let old = pool(30, &["p/a 2 20 0 0", "p/b 3 10 0 0"]);
        let new = pool(41, &["p/a 2 21 0 0", "p/c 4 20 0 0"]);
        let (_, top) = steps(&old, &new);
        let top: Vec<(&str, i64)> = top
            .iter()
            .map(|(path, bytes)| (path.as_str(), *bytes))
            .collect();
        assert_eq!(top, [("p/c", 20), ("p/b", -10), ("p/a", 1)]);
    }
}
