//! The estate's volumes and pools, in the terms of the bill.

use std::collections::{BTreeMap, BTreeSet};

use super::period::Period;
use crate::analysis::Analysis;
use crate::assemble::Rows;
use crate::command::volumes::{self, Object, Share, part, shares};
use crate::cost::{Pool, Volume};
use crate::history::{Estate, History};
use crate::query::QueryError;

/// Appliance and dataset, or appliance and pool.
type Key<'a> = (&'a str, &'a str);

/// What is charged, and for what it stands.
pub(super) struct Read {
    /// Pools of appliances.
    pub(super) pools: Vec<Pool>,
    /// Appliances of the pools.
    pub(super) appliances: Vec<String>,
    /// Volumes.
    pub(super) volumes: Vec<Volume>,
    /// What they are.
    pub(super) objects: Vec<Object>,
    /// Lists that are missing, with their scope.
    pub(super) holes: Vec<String>,
}

/// Datasets with what decides their price.
struct Datasets<'a> {
    rows: Rows<'a>,
    at: BTreeMap<Key<'a>, usize>,
    space: Rows<'a>,
    space_at: BTreeMap<Key<'a>, usize>,
}

impl<'a> Datasets<'a> {
    fn of(estate: &'a Estate) -> Self {
        let (rows, space) = (
            Rows::of(estate, "zfs_dataset"),
            Rows::of(estate, "zfs_dataset_space"),
        );
        Self {
            rows,
            at: indexed(rows, "appliance", "path"),
            space,
            space_at: indexed(space, "appliance", "path"),
        }
    }

    fn counter(&self, dataset: Key<'_>, column: &str) -> Option<i64> {
        self.space.integer(column, *self.space_at.get(&dataset)?)
    }

    /// `volsize` of a zvol, `refquota` or `quota` of a file system.
    fn promised(&self, dataset: Key<'_>) -> Option<i64> {
        let row = *self.at.get(&dataset)?;
        let limit = |column| self.rows.integer(column, row).filter(|bytes| *bytes > 0);
        limit("volsize_bytes")
            .or_else(|| limit("refquota_bytes"))
            .or_else(|| limit("quota_bytes"))
    }

    fn pool(&self, dataset: Key<'_>) -> Option<&'a str> {
        self.rows.text("pool", *self.at.get(&dataset)?)
    }
}

/// Bytes that a dataset holds with all that is in it.
pub(super) fn used_bytes(estate: &Estate) -> BTreeMap<(String, String), i64> {
    let space = Rows::of(estate, "zfs_dataset_space");
    let used = |row: usize| {
        let key = (
            space.text("appliance", row)?.to_owned(),
            space.text("path", row)?.to_owned(),
        );
        Some((key, space.integer("used_bytes", row)?))
    };
    space.indexes().filter_map(used).collect()
}

/// Volumes, pools and missing lists of an estate.
///
/// # Errors
/// A defect of a built-in view.
pub(super) fn read(
    analysis: &Analysis,
    history: &History,
    period: Period,
) -> Result<Read, QueryError> {
    let estate = &analysis.estate;
    let holes = volumes::holes(estate, history);
    let datasets = Datasets::of(estate);
    // Both views are there because the check of orphans reads them.
    let objects = volumes::volumes(estate, &analysis.session, &holes)?;
    let (pools, places) = pools(estate, &datasets, &objects, &holes, period);
    let mut shares = shares(&objects);
    let volume = |index: usize| {
        let object = &objects[index];
        let dataset = object
            .dataset
            .as_ref()
            .map(|(appliance, path)| (&**appliance, &**path));
        let pool = dataset.and_then(|dataset| {
            let pool = (dataset.0.to_owned(), datasets.pool(dataset)?.to_owned());
            places.iter().position(|place| *place == pool)
        });
        let share = dataset
            .and_then(|dataset| shares.get_mut(&dataset))
            .map_or((0, 1), Share::next);
        let of = |bytes: Option<i64>| bytes.map(|bytes| part(bytes, share));
        let counter = |column| of(datasets.counter(dataset?, column));
        Volume {
            pool,
            class: object.class.clone(),
            provisioned_bytes: of(dataset.and_then(|dataset| datasets.promised(dataset)))
                .or(object.capacity_bytes),
            data_bytes: counter("used_by_dataset_bytes"),
            snapshot_bytes: counter("used_by_snapshots_bytes"),
            hours: period.hours(object.created_at),
            unread: object.unread.clone(),
        }
    };
    let volumes = (0..objects.len()).map(volume).collect();
    Ok(Read {
        pools,
        appliances: places.into_iter().map(|(appliance, _)| appliance).collect(),
        volumes,
        objects,
        holes: holes.into_values().collect(),
    })
}

/// Pools that were listed and those of volumes, in the order of their names.
fn pools(
    estate: &Estate,
    datasets: &Datasets<'_>,
    objects: &[Object],
    holes: &BTreeMap<String, String>,
    period: Period,
) -> (Vec<Pool>, Vec<(String, String)>) {
    let listed = Rows::of(estate, "nas_pool");
    let listed = listed
        .indexes()
        .filter_map(|row| key(listed, "appliance", "name", row));
    let held = objects.iter().filter_map(|object| {
        let (appliance, path) = object.dataset.as_ref()?;
        Some((&**appliance, datasets.pool((appliance, path))?))
    });
    let places: BTreeSet<(String, String)> = listed
        .chain(held)
        .map(|(appliance, pool)| (appliance.to_owned(), pool.to_owned()))
        .collect();
    // A volume that is not in the list of its cluster would count as overhead.
    let blind = estate
        .clusters
        .iter()
        .find_map(|cluster| holes.get(cluster));
    let pool = |(appliance, name): &(String, String)| {
        let root = (&**appliance, &**name);
        let used_bytes = datasets.counter(root, "used_bytes");
        let available = datasets.counter(root, "available_bytes");
        let hole = holes.get(appliance);
        Pool {
            name: name.clone(),
            used_bytes: used_bytes.filter(|_| hole.is_none()),
            size_bytes: used_bytes
                .zip(available)
                .map(|(used, free)| used.saturating_add(free)),
            hours: period.hours(None),
            unread: hole.or(blind).cloned(),
        }
    };
    (
        places.iter().map(pool).collect(),
        places.into_iter().collect(),
    )
}

fn key<'a>(rows: Rows<'a>, scope: &str, name: &str, row: usize) -> Option<Key<'a>> {
    rows.text(scope, row).zip(rows.text(name, row))
}

fn indexed<'a>(rows: Rows<'a>, scope: &str, name: &str) -> BTreeMap<Key<'a>, usize> {
    rows.indexes()
        .filter_map(|row| Some((key(rows, scope, name, row)?, row)))
        .collect()
}
