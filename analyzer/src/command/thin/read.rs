//! The estate's pools, volumes and blocks in the terms of the figures, from the rows that the views read too.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::geometry::{Geometry, geometries};
use super::names::Names;
use super::{Answer, Blocks, Hole, Pool, Reserved, Unlimited, Volume};
use crate::assemble::Rows;
use crate::history::Estate;
use crate::thin::{
    self, Charge, Debt, Space, Sums, debt, held_twice_bytes, live_logical_bytes,
    next_snapshot_bytes, worst_bytes, worst_charge,
};

/// Lists that every number rests on.
pub(super) const NEEDED: [&str; 4] = ["nas_pool", "nas_vdev", "zfs_dataset", "zfs_dataset_space"];
/// `copies` is not collected: data counts once and metadata twice, as in the views.
const N_COPIES: i64 = 1;
/// Counters further apart were read while they changed.
const MAX_DIFFERENCE_BYTES: i64 = 1 << 20;

/// An object of an appliance.
pub(super) type Key<'a> = (&'a str, &'a str);

pub(super) fn answer(estate: &Estate, names: Names) -> Answer {
    let holes = holes(estate);
    let blind: BTreeSet<&str> = holes.iter().map(|hole| hole.appliance.as_str()).collect();
    let reader = Reader::new(estate, &names, &blind);
    let mut answer = Answer {
        domain: estate.domain.clone(),
        at: estate.now,
        n_bundles: estate.bundles.len(),
        pools: Vec::new(),
        volumes: reader.volumes(),
        unlimited: reader.unlimited(),
        reserved: reader.reserved(),
        blocks: reader.blocks(),
        unmeasured: Vec::new(),
        holes: Vec::new(),
    };
    answer.pools = reader.pools(&answer);
    // A pool that is away has rows of before, or none: nothing below it has a number.
    let is_seen: BTreeSet<(String, String)> = answer
        .pools
        .iter()
        .filter(|pool| pool.figures.is_ok())
        .map(|pool| (pool.appliance.clone(), pool.name.clone()))
        .collect();
    let is_seen =
        |appliance: &String, pool: &String| is_seen.contains(&(appliance.clone(), pool.clone()));
    answer
        .volumes
        .retain(|row| is_seen(&row.appliance, &row.pool));
    answer
        .unlimited
        .retain(|row| is_seen(&row.appliance, &row.pool));
    answer
        .reserved
        .retain(|row| is_seen(&row.appliance, &row.pool));
    answer
        .blocks
        .retain(|row| is_seen(&row.appliance, &row.pool));
    answer.unmeasured = names.unmeasured;
    answer.holes = holes;
    answer
}

fn holes(estate: &Estate) -> Vec<Hole> {
    let mut holes = Vec::new();
    for appliance in &estate.appliances {
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
            table: "nas_pool",
            outcome: "no appliance was collected".to_owned(),
        });
    }
    holes
}

/// Rows of the appliances that were read whole, each found by its path.
struct Reader<'a> {
    names: &'a Names,
    datasets: Rows<'a>,
    /// Rows of `zfs_dataset` of readable appliances.
    indexes: Vec<usize>,
    space: Rows<'a>,
    space_of: BTreeMap<Key<'a>, usize>,
    parents: BTreeSet<Key<'a>>,
    geometries: BTreeMap<Key<'a>, Geometry>,
    pools: Vec<(Key<'a>, &'a str)>,
}

impl<'a> Reader<'a> {
    fn new(estate: &'a Estate, names: &'a Names, blind: &BTreeSet<&str>) -> Self {
        let seen = |rows: Rows<'a>, row: &usize| {
            let appliance = rows.text("appliance", *row);
            appliance.is_some_and(|appliance| !blind.contains(appliance))
        };
        let datasets = Rows::of(estate, "zfs_dataset");
        let indexes: Vec<usize> = datasets
            .indexes()
            .filter(|row| seen(datasets, row))
            .collect();
        let space = Rows::of(estate, "zfs_dataset_space");
        let space_of = space.indexes().filter(|row| seen(space, row));
        let vdevs = Rows::of(estate, "nas_vdev");
        let pools = Rows::of(estate, "nas_pool");
        let pool = |row: usize| Some((key(pools, "name", row)?, pools.text("status", row)?));
        let seen_pools = pools.indexes().filter(|row| seen(pools, row));
        Self {
            names,
            datasets,
            parents: indexes
                .iter()
                .filter_map(|row| key(datasets, "parent", *row))
                .collect(),
            indexes,
            space,
            space_of: space_of
                .filter_map(|row| Some((key(space, "path", row)?, row)))
                .collect(),
            geometries: geometries(vdevs),
            pools: seen_pools.filter_map(pool).collect(),
        }
    }

    fn bytes(&self, key: Key<'_>, column: &str) -> Option<i64> {
        self.space.integer(column, *self.space_of.get(&key)?)
    }

    /// What a block of a zvol is charged; nothing for a file system.
    fn charge(&self, row: usize) -> Option<Charge> {
        let geometry = self.geometries.get(&key(self.datasets, "pool", row)?)?;
        let block = self.datasets.integer("volblocksize_bytes", row)?;
        worst_charge(&geometry.known, block)
    }

    fn volumes(&self) -> Vec<Volume> {
        let rows = self.indexes.iter().copied();
        let mut volumes: Vec<Volume> = rows.filter_map(|row| self.volume(row)).collect();
        volumes.sort_by_cached_key(|volume| {
            let figures = &volume.figures;
            let sizes = (figures.unbacked_bytes(), figures.promised_bytes);
            (
                Reverse(sizes),
                volume.appliance.clone(),
                volume.path.clone(),
            )
        });
        volumes
    }

    /// A promise as the view `promise` has it: a quota counts only where nothing lies below it, and a detached snapshot is
    /// never written again.
    fn volume(&self, row: usize) -> Option<Volume> {
        let rows = self.datasets;
        let key = key(rows, "path", row)?;
        let integer = |column| rows.integer(column, row);
        let is_zvol = rows.text("kind", row) == Some("VOLUME");
        let limit = |column| integer(column).filter(|bytes| *bytes > 0);
        let quota = || limit("quota_bytes").filter(|_| !self.parents.contains(&key));
        let promised = match is_zvol {
            true => integer("volsize_bytes"),
            false => limit("refquota_bytes").or_else(quota),
        };
        let promised = promised.filter(|_| rows.text("csi_snapshot_name", row).is_none())?;
        let pool = rows.text("pool", row)?;
        let block = integer("volblocksize_bytes").filter(|_| is_zvol);
        let charge = if is_zvol { self.charge(row) } else { None };
        let worst = block.and_then(|block| worst_bytes(promised, block, charge, N_COPIES));
        let geometry = self.geometries.get(&(key.0, pool));
        let is_known = geometry.is_some_and(Geometry::is_known) && worst.is_some();
        let reservation = integer("refreservation_bytes");
        let bytes = |column: &str| self.bytes(key, column);
        let live = bytes("used_by_dataset_bytes");
        let logical = self.logical_bytes(key, is_zvol);
        let name = (key.0.to_owned(), key.1.to_owned());
        let guest = self.names.guests.get(&name).copied();
        let debt = guest
            .zip(logical)
            .zip(live)
            .map(|((guest, logical), live)| debt(logical, live, guest, bytes("written_bytes")));
        Some(Volume {
            appliance: name.0.clone(),
            pool: pool.to_owned(),
            path: name.1.clone(),
            is_zvol,
            block_bytes: block,
            figures: thin::Volume {
                promised_bytes: promised,
                worst_bytes: worst.unwrap_or(promised),
                is_layout_known: !is_zvol || is_known,
                live_bytes: live,
                snapshot_bytes: bytes("used_by_snapshots_bytes"),
                reserved_bytes: bytes("used_by_refreservation_bytes")
                    .or(reservation.is_none().then_some(0)),
                reservation_bytes: reservation.unwrap_or_default(),
                logical_bytes: logical,
            },
            charge,
            guest_bytes: guest,
            debt,
            claims: self.names.claims.get(&name).cloned().unwrap_or_default(),
            is_torn: self.is_torn(key),
        })
    }

    /// Live data before compression. What lies below a file system may be reserved, which no logical size counts.
    fn logical_bytes(&self, key: Key<'_>, is_zvol: bool) -> Option<i64> {
        let bytes = |column: &str| self.bytes(key, column);
        let children = bytes("used_by_children_bytes").unwrap_or_default();
        if children > 0 && !is_zvol {
            return None;
        }
        let snapshots = bytes("used_by_snapshots_bytes").unwrap_or_default();
        live_logical_bytes(
            bytes("logical_used_bytes"),
            bytes("used_by_dataset_bytes"),
            snapshots.saturating_add(children),
        )
    }

    /// Whether the parts of `used` are not its sum.
    fn is_torn(&self, key: Key<'_>) -> bool {
        let parts = [
            "used_by_children_bytes",
            "used_by_dataset_bytes",
            "used_by_refreservation_bytes",
            "used_by_snapshots_bytes",
        ];
        let sum = parts.iter().try_fold(0_i64, |sum, column| {
            Some(sum.saturating_add(self.bytes(key, column)?))
        });
        let difference = sum
            .zip(self.bytes(key, "used_bytes"))
            .map(|(sum, used)| used.saturating_sub(sum).saturating_abs());
        difference.is_some_and(|bytes| bytes > MAX_DIFFERENCE_BYTES)
    }

    fn unlimited(&self) -> Vec<Unlimited> {
        let volume = |row: &usize| {
            let key = key(self.datasets, "path", *row)?;
            let name = (key.0.to_owned(), key.1.to_owned());
            self.names.unlimited.contains(&name).then_some(())?;
            Some(Unlimited {
                appliance: name.0.clone(),
                pool: self.datasets.text("pool", *row)?.to_owned(),
                path: name.1.clone(),
                live_bytes: self.bytes(key, "used_by_dataset_bytes"),
                claims: self.names.claims.get(&name).cloned().unwrap_or_default(),
            })
        };
        let mut unlimited: Vec<Unlimited> = self.indexes.iter().filter_map(volume).collect();
        unlimited.sort_by_cached_key(|volume| {
            (
                Reverse(volume.live_bytes),
                volume.appliance.clone(),
                volume.path.clone(),
            )
        });
        unlimited
    }

    /// Reservations that count data twice, of every dataset: some have no promise.
    fn reserved(&self) -> Vec<Reserved> {
        let rows = self.datasets;
        let reserved = |row: &usize| {
            let key = key(rows, "path", *row)?;
            let reservation = rows.integer("refreservation_bytes", *row)?;
            let live = self.bytes(key, "used_by_dataset_bytes")?;
            let held = self.bytes(key, "used_by_refreservation_bytes")?;
            let twice = held_twice_bytes(reservation, live, held);
            let is_seen = twice > 0 && rows.text("csi_snapshot_name", *row).is_none();
            is_seen.then_some(())?;
            Some(Reserved {
                appliance: key.0.to_owned(),
                pool: rows.text("pool", *row)?.to_owned(),
                path: key.1.to_owned(),
                reservation_bytes: reservation,
                live_bytes: live,
                held_twice_bytes: twice,
                next_snapshot_bytes: next_snapshot_bytes(reservation, held),
            })
        };
        let mut reserved: Vec<Reserved> = self.indexes.iter().filter_map(reserved).collect();
        reserved.sort_by_cached_key(|row| {
            let twice = Reverse(row.held_twice_bytes);
            (twice, row.appliance.clone(), row.path.clone())
        });
        reserved
    }

    /// Zvols on parity by parent and block size, as CAP-013 puts them together.
    fn blocks(&self) -> Vec<Blocks> {
        let rows = self.datasets;
        let mut groups: BTreeMap<(Key<'_>, i64), Blocks> = BTreeMap::new();
        for row in &self.indexes {
            let found = || {
                (rows.text("kind", *row) == Some("VOLUME")).then_some(())?;
                let key = key(rows, "path", *row)?;
                let pool = rows.text("pool", *row)?;
                let geometry = self.geometries.get(&(key.0, pool))?;
                geometry.has_parity.then_some(())?;
                let block = rows.integer("volblocksize_bytes", *row)?;
                Some((key, pool, block, self.charge(*row)?))
            };
            let Some((key, pool, block, charge)) = found() else {
                continue;
            };
            let parent = rows.text("parent", *row).unwrap_or(pool);
            let group = groups.entry(((key.0, parent), block));
            let group = group.or_insert_with(|| Blocks {
                appliance: key.0.to_owned(),
                pool: pool.to_owned(),
                parent: parent.to_owned(),
                block_bytes: block,
                charge,
                n_zvols: 0,
                referenced_bytes: 0,
            });
            let referenced = self.bytes(key, "referenced_bytes").unwrap_or_default();
            group.n_zvols += 1;
            group.referenced_bytes = group.referenced_bytes.saturating_add(referenced);
        }
        let mut blocks: Vec<Blocks> = groups.into_values().collect();
        blocks.sort_by_key(|blocks| Reverse(blocks.overhead_bytes()));
        blocks
    }

    fn pools(&self, answer: &Answer) -> Vec<Pool> {
        let pool = |((appliance, name), status): &(Key<'a>, &'a str)| {
            let ours = |of: &str, pool: &str| of == *appliance && pool == *name;
            let volumes: Vec<&Volume> = answer
                .volumes
                .iter()
                .filter(|volume| ours(&volume.appliance, &volume.pool))
                .collect();
            let reserved = answer.reserved.iter();
            let reserved = reserved.filter(|row| ours(&row.appliance, &row.pool));
            let blocks = answer.blocks.iter();
            let blocks = blocks.filter(|blocks| ours(&blocks.appliance, &blocks.pool));
            let unlimited = answer.unlimited.iter();
            let debts = volumes.iter().filter_map(|volume| volume.debt);
            let geometry = self.geometries.get(&(*appliance, *name));
            let sums = Sums::of(volumes.iter().map(|volume| &volume.figures));
            Pool {
                appliance: (*appliance).to_owned(),
                name: (*name).to_owned(),
                layout: geometry.map(Geometry::words).unwrap_or_default(),
                figures: self
                    .pool_space((*appliance, *name), status)
                    .map(|space| thin::Pool { space, sums }),
                n_unlimited: unlimited
                    .filter(|volume| ours(&volume.appliance, &volume.pool))
                    .count(),
                n_torn: volumes.iter().filter(|volume| volume.is_torn).count(),
                held_twice_bytes: reserved
                    .map(|row| row.held_twice_bytes)
                    .fold(0, i64::saturating_add),
                overhead_bytes: blocks
                    .map(Blocks::overhead_bytes)
                    .fold(0, i64::saturating_add),
                n_measured: debts.clone().count(),
                debt: debts.fold(Debt::default(), Debt::and),
            }
        };
        let mut pools: Vec<Pool> = self.pools.iter().map(pool).collect();
        pools.sort_by(|a, b| (&a.appliance, &a.name).cmp(&(&b.appliance, &b.name)));
        pools
    }

    /// Space of a pool as the checks take it, or why there is none.
    fn pool_space(&self, pool: Key<'_>, status: &str) -> Result<Space, String> {
        if !matches!(status, "ONLINE" | "DEGRADED") {
            return Err(format!("the pool is {status}"));
        }
        let used = self.bytes(pool, "used_bytes");
        let available = self.bytes(pool, "available_bytes");
        let (Some(used_bytes), Some(available_bytes)) = (used, available) else {
            return Err("the space of its root dataset was not read".to_owned());
        };
        let space = Space {
            used_bytes,
            available_bytes,
        };
        if used_bytes < 0 || available_bytes < 0 || space.size_bytes() <= 0 {
            return Err("its root dataset has no size".to_owned());
        }
        Ok(space)
    }
}

pub(super) fn key<'a>(rows: Rows<'a>, column: &str, row: usize) -> Option<Key<'a>> {
    rows.text("appliance", row).zip(rows.text(column, row))
}
