//! The estate's datasets with their snapshots, in the terms of the reclaim.

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::time::Time;

use super::clock::Clocks;
use super::{Dataset, Hole, Sharing};
use crate::assemble::Rows;
use crate::history::Estate;
use crate::reclaim::{Head, Snapshot, Timeline};

/// Lists that a number rests on: a snapshot, clone or head that was not read would make it wrong.
const NEEDED: [&str; 3] = ["zfs_snapshot", "zfs_dataset", "zfs_dataset_space"];

/// Dataset of an appliance.
type Key<'a> = (&'a str, &'a str);

/// Datasets with snapshots, those that hold most first, of appliances whose lists are complete; and the lists that are not.
pub(super) fn datasets(estate: &Estate, clocks: &Clocks) -> (Vec<Dataset>, Vec<Hole>) {
    let holes = holes(estate, clocks);
    let blind: BTreeSet<&str> = holes.iter().map(|hole| hole.appliance.as_str()).collect();
    let heads = heads(estate);
    let pools = sharing_pools(estate);
    let sharing = |pool: Key<'_>| match pools.get(&pool) {
        Some(true) => Sharing::Some,
        Some(false) => Sharing::None,
        None => Sharing::NotTold,
    };
    let mut datasets: Vec<Dataset> = snapshots(estate)
        .into_iter()
        .filter(|((appliance, _), _)| !blind.contains(appliance))
        .map(|((appliance, path), snapshots)| {
            let own = heads.get(&(appliance, path)).copied().unwrap_or_default();
            let root = path.split('/').next().unwrap_or_default();
            let pool = own.pool.unwrap_or(root);
            Dataset {
                appliance: appliance.to_owned(),
                pool: pool.to_owned(),
                path: path.to_owned(),
                timeline: Timeline::new(snapshots, own.head),
                read_at: clocks
                    .get(appliance)
                    .map_or(estate.now, |clock| clock.read_at),
                sharing: if own.is_dedup {
                    Sharing::Some
                } else {
                    sharing((appliance, pool))
                },
                cuts: Vec::new(),
            }
        })
        .collect();
    datasets.sort_by_cached_key(|dataset| {
        let held = std::cmp::Reverse(dataset.held_bytes());
        (held, dataset.appliance.clone(), dataset.path.clone())
    });
    (datasets, holes)
}

fn holes(estate: &Estate, clocks: &Clocks) -> Vec<Hole> {
    let mut holes = Vec::new();
    for appliance in &estate.appliances {
        if let Some(clock) = clocks.get(appliance).filter(|clock| clock.is_overdue) {
            holes.push(Hole {
                appliance: appliance.clone(),
                table: "zfs_snapshot",
                outcome: format!("last read {}", Time::from_unix_secs(clock.read_at).day()),
            });
        }
        for table in NEEDED {
            let key = (table.to_owned(), appliance.clone());
            let outcome = match estate.outcomes.get(&key).map(String::as_str) {
                Some("ok" | "empty") => continue,
                Some(outcome) => outcome,
                None => "not collected",
            };
            holes.push(Hole {
                appliance: appliance.clone(),
                table,
                outcome: outcome.to_owned(),
            });
        }
    }
    if estate.appliances.is_empty() {
        holes.push(Hole {
            appliance: String::new(),
            table: "zfs_snapshot",
            outcome: "no appliance was collected".to_owned(),
        });
    }
    holes
}

/// What a dataset is beside its snapshots.
#[derive(Clone, Copy, Default)]
struct Own<'a> {
    pool: Option<&'a str>,
    head: Head,
    is_dedup: bool,
}

/// Heads that both lists know; without one of them nothing is known of a head.
fn heads(estate: &Estate) -> BTreeMap<Key<'_>, Own<'_>> {
    let space = Rows::of(estate, "zfs_dataset_space");
    let space_of: BTreeMap<Key<'_>, usize> = space
        .indexes()
        .filter_map(|row| Some((key(space, "path", row)?, row)))
        .collect();
    let rows = Rows::of(estate, "zfs_dataset");
    let own = |row: usize| {
        let key = key(rows, "path", row)?;
        let bytes = |column: &str| space.integer(column, *space_of.get(&key)?);
        let own = Own {
            pool: rows.text("pool", row),
            head: Head {
                referenced_bytes: bytes("referenced_bytes"),
                written_bytes: bytes("written_bytes"),
                used_by_snapshots_bytes: bytes("used_by_snapshots_bytes"),
                is_clone: rows.text("origin_path", row).is_some(),
            },
            is_dedup: rows.truth("is_dedup", row) == Some(true),
        };
        Some((key, own))
    };
    rows.indexes().filter_map(own).collect()
}

/// Whether a pool has a deduplication table or cloned blocks, of pools that tell of cloned blocks or have the table.
fn sharing_pools(estate: &Estate) -> BTreeMap<Key<'_>, bool> {
    let tables = [
        ("nas_pool", "name", "dedup_table_bytes"),
        ("nas_pool_class", "pool", "dedup_table_bytes"),
        ("nas_pool_class", "pool", "cloned_bytes"),
    ];
    let mut pools = BTreeMap::new();
    for (table, name, column) in tables {
        let rows = Rows::of(estate, table);
        for row in rows.indexes() {
            let (Some(pool), Some(bytes)) = (key(rows, name, row), rows.integer(column, row))
            else {
                continue;
            };
            if bytes > 0 || column == "cloned_bytes" {
                *pools.entry(pool).or_default() |= bytes > 0;
            }
        }
    }
    pools
}

fn snapshots(estate: &Estate) -> BTreeMap<Key<'_>, Vec<Snapshot>> {
    let mut clones: BTreeMap<(Key<'_>, &str), Vec<String>> = BTreeMap::new();
    let rows = Rows::of(estate, "zfs_dataset");
    for row in rows.indexes() {
        let origin = key(rows, "origin_path", row).zip(rows.text("origin_snapshot", row));
        if let (Some(origin), Some(path)) = (origin, rows.text("path", row)) {
            clones.entry(origin).or_default().push(path.to_owned());
        }
    }
    let rows = Rows::of(estate, "zfs_snapshot");
    let mut snapshots: BTreeMap<Key<'_>, Vec<Snapshot>> = BTreeMap::new();
    for row in rows.indexes() {
        let (Some(key), Some(name)) = (key(rows, "dataset", row), rows.text("name", row)) else {
            continue;
        };
        let integer = |column| rows.integer(column, row);
        snapshots.entry(key).or_default().push(Snapshot {
            name: name.to_owned(),
            created_txg: integer("created_txg").unwrap_or_default(),
            created_at: integer("created_at"),
            referenced_bytes: integer("referenced_bytes"),
            written_bytes: integer("written_bytes"),
            used_bytes: integer("used_bytes"),
            n_holds: integer("n_holds"),
            clones: clones.get(&(key, name)).cloned().unwrap_or_default(),
        });
    }
    snapshots
}

fn key<'a>(rows: Rows<'a>, path: &str, row: usize) -> Option<Key<'a>> {
    rows.text("appliance", row).zip(rows.text(path, row))
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, DataFrame};

    use super::super::clock::Clock;
    use super::*;

    fn texts(name: &str, value: &str, n: usize) -> Column {
        Column::new(name.into(), vec![Some(value.to_owned()); n])
    }

    fn frame(columns: Vec<Column>) -> DataFrame {
        DataFrame::new(columns[0].len(), columns).expect("columns of one length")
    }

    /// The worked example of the reclaim, in bytes; its middle snapshot has a clone.
    fn estate() -> Estate {
        let numbers = |name: &str, values: &[i64]| Column::new(name.into(), values.to_vec());
        let names = |name: &str, values: [&str; 3]| {
            Column::new(
                name.into(),
                values.map(|value| Some(value.to_owned())).to_vec(),
            )
        };
        let snapshots = frame(vec![
            texts("appliance", "nas-a", 3),
            texts("dataset", "tank/v", 3),
            names("name", ["C", "A", "B"]),
            numbers("created_txg", &[30, 10, 20]),
            numbers("created_at", &[30, 10, 20]),
            numbers("referenced_bytes", &[86, 80, 90]),
            numbers("written_bytes", &[7, 80, 12]),
            numbers("used_bytes", &[3, 2, 1]),
            numbers("n_holds", &[0, 0, 0]),
        ]);
        let heads = frame(vec![
            texts("appliance", "nas-a", 1),
            texts("path", "tank/v", 1),
            numbers("referenced_bytes", &[76]),
            numbers("written_bytes", &[7]),
            numbers("used_by_snapshots_bytes", &[30]),
        ]);
        let origin = |value: &str| vec![None, Some(value.to_owned())];
        let paths = ["tank/v", "tank/clone"].map(|path| Some(path.to_owned()));
        let datasets = frame(vec![
            texts("appliance", "nas-a", 2),
            Column::new("path".into(), paths.to_vec()),
            texts("pool", "tank", 2),
            Column::new("origin_path".into(), origin("tank/v")),
            Column::new("origin_snapshot".into(), origin("B")),
        ]);
        let frames = [
            ("zfs_snapshot", snapshots),
            ("zfs_dataset_space", heads),
            ("zfs_dataset", datasets),
        ];
        let outcome = |table: &str| {
            let key = (table.to_owned(), "nas-a".to_owned());
            (key, "ok".to_owned())
        };
        Estate {
            domain: "d".to_owned(),
            now: 40,
            clusters: Vec::new(),
            appliances: vec!["nas-a".to_owned()],
            frames: frames
                .into_iter()
                .map(|(name, frame)| (name.to_owned(), frame))
                .collect(),
            outcomes: NEEDED.map(outcome).into_iter().collect(),
            bundles: Vec::new(),
            pool_readings: Vec::new(),
        }
    }

    #[test]
    fn snapshots_meet_their_head_and_their_clones() {
        let (datasets, holes) = datasets(&estate(), &Clocks::new());
        assert!(holes.is_empty());
        let [dataset] = datasets.as_slice() else {
            panic!("one dataset has snapshots");
        };
        assert_eq!(dataset.pool, "tank");
        let timeline = &dataset.timeline;
        assert_eq!(timeline.breaks(), []);
        assert_eq!(timeline.freed_by_oldest(2), Some(13));
        assert_eq!(timeline.snapshots()[1].clones, ["tank/clone"]);
        assert_eq!(timeline.cut(3).map(|cut| cut.freed.least_bytes), Some(5));
    }

    #[test]
    fn a_list_that_is_not_complete_gives_no_number() {
        for table in NEEDED {
            for outcome in [Some("truncated"), Some("failed"), None] {
                let mut estate = estate();
                let key = (table.to_owned(), "nas-a".to_owned());
                estate.outcomes.remove(&key);
                estate
                    .outcomes
                    .extend(outcome.map(|word| (key, word.to_owned())));
                let (datasets, holes) = datasets(&estate, &Clocks::new());
                assert!(datasets.is_empty());
                let found = holes.iter().map(|hole| (hole.table, hole.outcome.as_str()));
                let expect = (table, outcome.unwrap_or("not collected"));
                assert_eq!(found.collect::<Vec<_>>(), [expect]);
            }
        }
    }

    #[test]
    fn a_pool_with_deduplicated_blocks_frees_up_to_the_figure() {
        let mut estate = estate();
        let pool = frame(vec![
            texts("appliance", "nas-a", 1),
            texts("name", "tank", 1),
            Column::new("dedup_table_bytes".into(), vec![4_096_i64]),
        ]);
        let sharing = |estate: &Estate| datasets(estate, &Clocks::new()).0[0].sharing;
        assert_eq!(sharing(&estate), Sharing::NotTold);
        estate.frames.insert("nas_pool".to_owned(), pool);
        assert_eq!(sharing(&estate), Sharing::Some);
        for (cloned, expect) in [(0_i64, Sharing::None), (4_096, Sharing::Some)] {
            let mut estate = self::estate();
            let class = frame(vec![
                texts("appliance", "nas-a", 1),
                texts("pool", "tank", 1),
                Column::new("cloned_bytes".into(), vec![cloned]),
            ]);
            estate.frames.insert("nas_pool_class".to_owned(), class);
            assert_eq!(sharing(&estate), expect);
        }
    }

    #[test]
    fn ages_count_from_the_reading_and_one_that_is_overdue_gives_no_number() {
        let clock = |is_overdue| {
            Clocks::from([(
                "nas-a".to_owned(),
                Clock {
                    read_at: 25,
                    is_overdue,
                },
            )])
        };
        let (found, holes) = datasets(&estate(), &clock(false));
        assert_eq!((found[0].read_at, holes.len()), (25, 0));
        let (found, holes) = datasets(&estate(), &clock(true));
        assert_eq!((found.len(), holes.len()), (0, 1));
        assert_eq!(holes[0].outcome, "last read 1970-01-01");
    }
}
