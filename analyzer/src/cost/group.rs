//! Lines added up by what somebody asks for.

use std::collections::BTreeMap;

use super::bill::{Line, Volume};
use super::exact::Money;

/// Volumes of one namespace, class, owner or pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Volumes.
    pub n_volumes: usize,
    /// Volumes without an amount.
    pub n_unpriced: usize,
    /// What was promised, of those that tell.
    pub provisioned_bytes: i64,
    /// Data and snapshots, of those that tell.
    pub used_bytes: i64,
    /// Cost of those with an amount.
    pub cost: Money,
}

/// Adds up the lines of a bill by a key of each volume; every volume is in one group.
pub fn groups<K: Ord>(
    volumes: &[Volume],
    lines: &[Line],
    key: impl Fn(usize) -> K,
) -> BTreeMap<K, Group> {
    let mut groups: BTreeMap<K, Group> = BTreeMap::new();
    for (index, (volume, line)) in volumes.iter().zip(lines).enumerate() {
        let group = groups.entry(key(index)).or_default();
        group.n_volumes += 1;
        let used = volume.data_bytes.zip(volume.snapshot_bytes);
        let used = used.map_or(0, |(data, snapshots)| data.saturating_add(snapshots));
        group.used_bytes = group.used_bytes.saturating_add(used);
        let provisioned = volume.provisioned_bytes.unwrap_or_default();
        group.provisioned_bytes = group.provisioned_bytes.saturating_add(provisioned);
        match line {
            Ok(charge) => group.cost = group.cost.and(charge.cost()),
            Err(_) => group.n_unpriced += 1,
        }
    }
    groups
}
