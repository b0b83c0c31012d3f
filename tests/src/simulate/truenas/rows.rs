//! The superset answers of an appliance as compact rows of text: large files cost little more memory than their size.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::simulate::SimulateError;
use crate::simulate::compact::compact;

/// Answer of one method as its file holds it.
#[derive(Debug)]
pub(super) enum Table {
    /// A list, one text per row.
    Rows(Vec<Box<str>>),
    /// Anything else.
    One(Box<str>),
}

/// The form in which a file describes datasets or snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `pool.dataset.query`, `zfs.snapshot.query`, `pool.snapshot.query`.
    Pool,
    /// `zfs.resource.query`, `zfs.resource.snapshot.query`.
    Resource,
}

/// What is needed to find a row without reading all of it.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    createtxg: Option<&'a RawValue>,
}

/// One dataset.
#[derive(Debug)]
pub(super) struct DatasetRow {
    /// Full name.
    pub(super) name: Box<str>,
    /// True for a zvol.
    pub(super) is_volume: bool,
    /// Rows of its children.
    pub(super) children: Vec<u32>,
    text: Box<str>,
}

/// All datasets in the order of the file.
#[derive(Debug)]
pub(super) struct Datasets {
    /// Form of the rows.
    pub(super) shape: Shape,
    /// The rows.
    pub(super) rows: Vec<DatasetRow>,
    by_name: HashMap<Box<str>, u32>,
}

/// One snapshot.
#[derive(Debug)]
pub(super) struct SnapshotRow {
    /// `dataset@snapshot`.
    pub(super) name: Box<str>,
    /// Transaction group of its creation.
    pub(super) txg: u64,
    text: Box<str>,
}

/// All snapshots in the order of the file.
#[derive(Debug)]
pub(super) struct Snapshots {
    /// Form of the rows.
    pub(super) shape: Shape,
    /// The rows.
    pub(super) rows: Vec<SnapshotRow>,
    by_txg: Vec<u32>,
    by_dataset: HashMap<Box<str>, Vec<u32>>,
}

impl Table {
    /// Reads one file.
    pub(super) fn read(path: &Path) -> Result<Self, SimulateError> {
        let text = fs::read_to_string(path).map_err(|source| SimulateError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        let json_error = |source| SimulateError::Json {
            path: path.to_path_buf(),
            source,
        };
        if text.trim_start().starts_with('[') {
            let rows: Vec<&RawValue> = serde_json::from_str(&text).map_err(json_error)?;
            return Ok(Self::Rows(
                rows.into_iter().map(|row| compact(row.get())).collect(),
            ));
        }
        let value: &RawValue = serde_json::from_str(&text).map_err(json_error)?;
        Ok(Self::One(compact(value.get())))
    }

    fn into_rows(self) -> Vec<Box<str>> {
        match self {
            Self::Rows(rows) => rows,
            Self::One(row) => vec![row],
        }
    }
}

impl Datasets {
    /// Indexes the rows of a dataset file.
    pub(super) fn new(shape: Shape, table: Table, path: &Path) -> Result<Self, SimulateError> {
        let mut rows = Vec::new();
        let mut by_name = HashMap::new();
        for text in table.into_rows() {
            let (name, is_volume, _) = head(&text, path)?;
            by_name.insert(name.clone(), index(rows.len()));
            rows.push(DatasetRow {
                name,
                is_volume,
                children: Vec::new(),
                text,
            });
        }
        for child in 0..rows.len() {
            let parent = rows[child]
                .name
                .rsplit_once('/')
                .and_then(|(parent, _)| by_name.get(parent))
                .copied();
            if let Some(parent) = parent.and_then(|parent| rows.get_mut(parent as usize)) {
                parent.children.push(index(child));
            }
        }
        Ok(Self {
            shape,
            rows,
            by_name,
        })
    }

    /// Finds a dataset.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// A dataset and everything below it, parents first.
    pub(super) fn subtree(&self, row: u32) -> Vec<u32> {
        let mut found = Vec::new();
        let mut waiting = vec![row];
        while let Some(next) = waiting.pop() {
            found.push(next);
            waiting.extend(self.rows[next as usize].children.iter().rev());
        }
        found
    }
}

impl DatasetRow {
    /// Pool that the dataset is in.
    pub(super) fn pool(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The whole row.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

impl Snapshots {
    /// Indexes the rows of a snapshot file.
    pub(super) fn new(shape: Shape, table: Table, path: &Path) -> Result<Self, SimulateError> {
        let mut rows: Vec<SnapshotRow> = Vec::new();
        let mut by_dataset: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        for text in table.into_rows() {
            let (name, _, txg) = head(&text, path)?;
            let dataset = name.split('@').next().unwrap_or_default();
            match by_dataset.get_mut(dataset) {
                Some(members) => members.push(index(rows.len())),
                None => drop(by_dataset.insert(Box::from(dataset), vec![index(rows.len())])),
            }
            rows.push(SnapshotRow { name, txg, text });
        }
        let mut by_txg: Vec<u32> = (0..index(rows.len())).collect();
        by_txg.sort_by_key(|row| rows[*row as usize].txg);
        Ok(Self {
            shape,
            rows,
            by_txg,
            by_dataset,
        })
    }

    /// Rows created between two transaction groups (inclusive, 0 is no bound), in the order of the file.
    pub(super) fn window(&self, min_txg: u64, max_txg: u64) -> Vec<u32> {
        let txg = |row: &u32| self.rows[*row as usize].txg;
        let first = self.by_txg.partition_point(|row| txg(row) < min_txg);
        let last = if max_txg == 0 {
            self.by_txg.len()
        } else {
            self.by_txg.partition_point(|row| txg(row) <= max_txg)
        };
        let mut rows = self.by_txg.get(first..last).unwrap_or_default().to_vec();
        rows.sort_unstable();
        rows
    }

    /// Rows of one dataset.
    pub(super) fn of_dataset(&self, dataset: &str) -> &[u32] {
        self.by_dataset.get(dataset).map_or(&[], Vec::as_slice)
    }
}

impl SnapshotRow {
    /// The dataset part of the name.
    pub(super) fn dataset(&self) -> &str {
        self.name.split('@').next().unwrap_or_default()
    }

    /// The part of the name after the `@`.
    pub(super) fn snapshot_name(&self) -> &str {
        self.name.split_once('@').map_or("", |(_, name)| name)
    }

    /// Pool that the snapshot is in.
    pub(super) fn pool(&self) -> &str {
        self.name.split(['/', '@']).next().unwrap_or_default()
    }

    /// The whole row.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn head(text: &str, path: &Path) -> Result<(Box<str>, bool, u64), SimulateError> {
    let head: Head<'_> = serde_json::from_str(text).map_err(|source| SimulateError::Json {
        path: path.to_path_buf(),
        source,
    })?;
    let name = head.name.or(head.id).unwrap_or_default();
    let txg = head
        .createtxg
        .and_then(|txg| txg.get().trim_matches('"').parse().ok())
        .unwrap_or_default();
    Ok((
        Box::from(name.as_ref()),
        head.kind.as_deref() == Some("VOLUME"),
        txg,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_inclusive_and_zero_is_open() {
        let rows = [
            "p@c\",\"createtxg\":\"30\"",
            "p@a\",\"createtxg\":\"10\"",
            "p/x@b\",\"createtxg\":20",
        ]
        .map(|row| Box::from(format!("{{\"name\":\"{row}}}")));
        let snapshots =
            Snapshots::new(Shape::Pool, Table::Rows(rows.to_vec()), Path::new("x")).unwrap();
        assert_eq!(snapshots.window(10, 20), [1, 2]);
        assert_eq!(snapshots.window(20, 0), [0, 2]);
        assert_eq!(snapshots.of_dataset("p"), [0, 1]);
    }
}
