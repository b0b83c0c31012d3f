//! How the pools of an estate are laid out, in the terms of the charges.

use std::collections::BTreeMap;

use super::read::{Key, key};
use crate::assemble::Rows;
use crate::thin::{Layout, Vdev};

/// The data vdevs of a pool.
#[derive(Default)]
pub(super) struct Geometry {
    pub(super) known: Vec<Vdev>,
    n_unknown: usize,
    pub(super) has_parity: bool,
    /// How many there are of each kind and width.
    words: BTreeMap<String, usize>,
}

impl Geometry {
    pub(super) fn is_known(&self) -> bool {
        self.n_unknown == 0 && !self.known.is_empty()
    }

    pub(super) fn words(&self) -> Vec<String> {
        let words = self.words.iter().map(|(words, n)| match n {
            1 => words.clone(),
            n => format!("{n} times {words}"),
        });
        words.collect()
    }
}

/// Data vdevs at the top of their pools, as the view `vdev_geometry` has them.
pub(super) fn geometries(rows: Rows<'_>) -> BTreeMap<Key<'_>, Geometry> {
    let mut geometries: BTreeMap<Key<'_>, Geometry> = BTreeMap::new();
    for row in rows.indexes() {
        let is_top = rows.text("role", row) == Some("data");
        let (Some(key), true, None) = (
            key(rows, "pool", row),
            is_top,
            rows.text("parent_guid", row),
        ) else {
            continue;
        };
        let kind = rows.text("kind", row).unwrap_or_default();
        let n_disks = rows.integer("n_children", row).unwrap_or_default();
        let sector = rows.integer("sector_bytes", row);
        let stripe = rows
            .integer("n_draid_data", row)
            .zip(rows.integer("n_draid_parity", row));
        let vdev = sector
            .zip(layout(kind, n_disks, stripe))
            .map(|(sector_bytes, layout)| Vdev {
                sector_bytes,
                layout,
            });
        let geometry = geometries.entry(key).or_default();
        geometry.has_parity |= kind.starts_with("RAIDZ") || kind.starts_with("DRAID");
        match vdev.filter(|vdev| vdev.charge(vdev.sector_bytes).is_some()) {
            Some(vdev) => geometry.known.push(vdev),
            None => geometry.n_unknown += 1,
        }
        let width = match n_disks {
            0 => String::new(),
            n => format!(" of {n}"),
        };
        let sector = match sector {
            Some(bytes) => format!(", sectors of {bytes} B"),
            None => ", sectors not told".to_owned(),
        };
        let stripe = match stripe {
            Some((n_data, n_parity)) => format!(", stripes of {n_data}+{n_parity}"),
            None => String::new(),
        };
        let words = format!("{kind}{width}{stripe}{sector}");
        *geometry.words.entry(words).or_default() += 1;
    }
    geometries
}

/// Stripes are those of a dRAID: data and parity.
fn layout(kind: &str, n_disks: i64, stripe: Option<(i64, i64)>) -> Option<Layout> {
    let n_parity = match kind {
        "DISK" | "FILE" | "STRIPE" | "MIRROR" | "SPARE" | "REPLACING" => {
            return Some(Layout::Plain);
        }
        "RAIDZ1" => 1,
        "RAIDZ2" => 2,
        "RAIDZ3" => 3,
        "DRAID" | "DRAID1" | "DRAID2" | "DRAID3" => {
            return stripe.map(|(n_data, n_parity)| Layout::Draid { n_data, n_parity });
        }
        _ => return None,
    };
    Some(Layout::Raidz { n_disks, n_parity })
}
