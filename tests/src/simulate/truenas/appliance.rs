//! One appliance at one moment: its release, account, and the answers of its folder.

use std::collections::HashMap;
use std::fs;

use jiff::Timestamp;

use super::grant::Grant;
use super::release::{Release, SnapshotRules, Version};
use super::roles::MethodTable;
use super::rows::{Datasets, Shape, Snapshots, Table};
use crate::simulate::SimulateError;
use crate::world;

const POOL_DATASETS: &str = "pool.dataset.query";
const RESOURCE_DATASETS: &str = "zfs.resource.query";
const POOL_SNAPSHOTS: [&str; 2] = ["pool.snapshot.query", "zfs.snapshot.query"];
const RESOURCE_SNAPSHOTS: [&str; 1] = ["zfs.resource.snapshot.query"];

/// One appliance at one moment.
pub(crate) struct Appliance {
    /// Account that the API key belongs to.
    pub(super) user: String,
    /// What the key may do.
    pub(super) grant: Grant,
    /// Whether the account may open a shell in the web interface.
    pub(super) has_web_shell: bool,
    /// Methods of the release.
    pub(super) methods: MethodTable,
    /// Time of the world.
    pub(super) now: Timestamp,
    version: Version,
    tables: HashMap<String, Table>,
    pool_datasets: Option<Datasets>,
    resource_datasets: Option<Datasets>,
    snapshots: Option<Snapshots>,
}

impl Appliance {
    /// Reads the folder of an appliance.
    pub(crate) fn read(
        appliance: &world::Appliance,
        now: Timestamp,
    ) -> Result<Self, SimulateError> {
        let mut tables = tables(appliance)?;
        let path = |method: &str| appliance.folder.join(format!("{method}.json"));
        let mut take_datasets = |method: &str, shape| {
            tables
                .remove(method)
                .map(|table| Datasets::new(shape, table, &path(method)))
                .transpose()
        };
        let pool_datasets = take_datasets(POOL_DATASETS, Shape::Pool)?;
        let resource_datasets = take_datasets(RESOURCE_DATASETS, Shape::Resource)?;
        let of_shape = |shape| -> &[&str] {
            if shape == Shape::Pool {
                &POOL_SNAPSHOTS
            } else {
                &RESOURCE_SNAPSHOTS
            }
        };
        let order = match appliance.version.release().snapshots {
            SnapshotRules::Resource => [Shape::Resource, Shape::Pool],
            _ => [Shape::Pool, Shape::Resource],
        };
        let mut snapshots = None;
        for (shape, method) in order
            .into_iter()
            .flat_map(|shape| of_shape(shape).iter().map(move |method| (shape, *method)))
        {
            if let Some(table) = tables.remove(method).filter(|_| snapshots.is_none()) {
                snapshots = Some(Snapshots::new(shape, table, &path(method))?);
            }
        }
        let methods = MethodTable::new(appliance.version.release());
        Ok(Self {
            user: appliance.user.clone(),
            grant: Grant::new(appliance, &methods),
            has_web_shell: appliance.has_web_shell,
            methods,
            now,
            version: appliance.version,
            tables,
            pool_datasets,
            resource_datasets,
            snapshots,
        })
    }

    /// How the release behaves.
    pub(super) fn release(&self) -> &'static Release {
        self.version.release()
    }

    /// Answer of a method's file.
    pub(super) fn table(&self, method: &str) -> Option<&Table> {
        self.tables.get(method)
    }

    /// The datasets, in the wanted form when a file has it, else in the other.
    pub(super) fn datasets(&self, shape: Shape) -> Option<&Datasets> {
        match shape {
            Shape::Pool => self
                .pool_datasets
                .as_ref()
                .or(self.resource_datasets.as_ref()),
            Shape::Resource => self
                .resource_datasets
                .as_ref()
                .or(self.pool_datasets.as_ref()),
        }
    }

    /// The datasets in any form.
    pub(super) fn any_datasets(&self) -> Option<&Datasets> {
        self.datasets(Shape::Pool)
    }

    /// The snapshots.
    pub(super) fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    /// Number of snapshots of one dataset.
    pub(super) fn snapshot_count(&self, dataset: &str) -> usize {
        self.snapshots
            .as_ref()
            .map_or(0, |snapshots| snapshots.of_dataset(dataset).len())
    }
}

fn tables(appliance: &world::Appliance) -> Result<HashMap<String, Table>, SimulateError> {
    let folder = &appliance.folder;
    let mut tables = HashMap::new();
    if !folder.is_dir() {
        return Ok(tables);
    }
    let read_error = |source| SimulateError::Read {
        path: folder.clone(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(read_error)? {
        let path = entry.map_err(read_error)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if let Some(method) = name.strip_suffix(".json") {
            tables.insert(method.to_owned(), Table::read(&path)?);
        }
    }
    Ok(tables)
}
