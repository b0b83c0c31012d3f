//! Vdevs of pools: groups and disks with their states and error counters.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, DatasetPath, Guid, Redactor};
use truenas_common::tables::NasVdev;
use truenas_common::tables::code::{VdevKind, VdevRole, VdevStatus};

use crate::gather::property::Text;
use crate::gather::truenas::pool::{Pool, is_boot};
use crate::gather::{Gatherer, Read};
use crate::source::truenas::POOL_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/vdev",
    why: "Layout and health of pools, disk by disk: parity, width and sector size decide what a volume costs, errors what is at risk.",
    reads: &[Read::Truenas(&POOL_QUERY)],
    tables: &["nas_vdev"],
};

/// The vdevs of a pool by their use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Topology {
    pub(in crate::gather) data: Option<Vec<Vdev>>,
    log: Option<Vec<Vdev>>,
    cache: Option<Vec<Vdev>>,
    spare: Option<Vec<Vdev>>,
    special: Option<Vec<Vdev>>,
    dedup: Option<Vec<Vdev>>,
}

/// A group or a disk; paths and what is known of missing disks are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Vdev {
    r#type: String,
    guid: Option<Text>,
    status: Option<String>,
    stats: Option<Stats>,
    children: Option<Vec<Vdev>>,
    disk: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stats {
    size: Option<i64>,
    allocated: Option<i64>,
    fragmentation: Option<i64>,
    read_errors: Option<i64>,
    write_errors: Option<i64>,
    checksum_errors: Option<i64>,
    configured_ashift: Option<i64>,
    physical_ashift: Option<i64>,
    /// From the name of the vdev, `draid2:8d:12c:1s-0`, which the appliance takes apart itself.
    draid_data_disks: Option<i64>,
    draid_parity: Option<i64>,
}

impl Vdev {
    /// The kind as the appliance spells it.
    pub(in crate::gather) fn kind(&self) -> &str {
        &self.r#type
    }
}

/// What all vdevs of one use share.
struct Place<'a> {
    appliance: &'a ApplianceId,
    pool: DatasetPath,
    role: VdevRole,
    redactor: &'a Redactor,
}

/// One row a vdev, those inside groups included.
pub(in crate::gather) fn rows(
    pools: &[Pool],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasVdev> {
    let mut rows = Vec::new();
    for pool in pools.iter().filter(|pool| !is_boot(&pool.name)) {
        let Some(topology) = &pool.topology else {
            continue;
        };
        let roles = [
            (VdevRole::Data, &topology.data),
            (VdevRole::Log, &topology.log),
            (VdevRole::Cache, &topology.cache),
            (VdevRole::Spare, &topology.spare),
            (VdevRole::Special, &topology.special),
            (VdevRole::Dedup, &topology.dedup),
        ];
        for (role, vdevs) in roles {
            let place = Place {
                appliance,
                pool: redactor.path(&pool.name),
                role,
                redactor,
            };
            for vdev in vdevs.iter().flatten() {
                place.add(vdev, None, &mut rows);
            }
        }
    }
    rows
}

impl Place<'_> {
    fn add(&self, vdev: &Vdev, parent: Option<&Guid>, rows: &mut Vec<NasVdev>) {
        let guid = vdev.guid.as_ref().map_or("", |guid| guid.0.as_str());
        let guid: Guid = self.redactor.name(guid);
        let none = Stats::default();
        let stats = vdev.stats.as_ref().unwrap_or(&none);
        let children = vdev.children.as_deref().unwrap_or_default();
        let kind = vdev.r#type.to_uppercase();
        let is_draid = kind.starts_with("DRAID");
        rows.push(NasVdev {
            appliance: self.appliance.clone(),
            pool: self.pool.clone(),
            role: self.role,
            guid: guid.clone(),
            parent_guid: parent.cloned(),
            kind: VdevKind::parse(&kind),
            status: VdevStatus::parse(vdev.status.as_deref().unwrap_or_default()),
            n_children: i64::try_from(children.len()).unwrap_or(i64::MAX),
            n_draid_data: stats.draid_data_disks.filter(|_| is_draid),
            n_draid_parity: stats.draid_parity.filter(|_| is_draid),
            disk: vdev.disk.as_deref().map(|disk| self.redactor.name(disk)),
            n_read_errors: stats.read_errors,
            n_write_errors: stats.write_errors,
            n_checksum_errors: stats.checksum_errors,
            size_bytes: stats.size,
            allocated_bytes: stats.allocated,
            fragmentation_percent: stats.fragmentation.filter(|it| (0..=100).contains(it)),
            sector_bytes: stats.configured_ashift.and_then(sector),
            physical_sector_bytes: stats.physical_ashift.and_then(sector),
        });
        for child in children {
            self.add(child, Some(&guid), rows);
        }
    }
}

/// Bytes of a sector; ZFS knows shifts from 9 to 16, and 0 stands for not known.
fn sector(shift: i64) -> Option<i64> {
    (9..=16).contains(&shift).then(|| 1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn stripes_of_a_draid_are_told_beside_its_kind() {
        let pools: Vec<Pool> = serde_json::from_str(
            r#"[{"id": 1, "name": "tank", "topology": {"data": [
                {"type": "DRAID", "guid": "10", "name": "draid2:8d:12c:1s-0", "status": "ONLINE",
                 "stats": {"configured_ashift": 12, "draid_spare_disks": 1, "draid_data_disks": 8, "draid_parity": 2}},
                {"type": "MIRROR", "guid": "11", "name": "mirror-1", "status": "ONLINE",
                 "stats": {"draid_data_disks": 0, "draid_parity": 0}}]}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&pools, &redactor.name("a"), &redactor);
        let stripes = rows
            .iter()
            .map(|row| (row.kind, row.n_draid_data, row.n_draid_parity));
        assert_eq!(
            stripes.collect::<Vec<_>>(),
            [
                (VdevKind::Draid, Some(8), Some(2)),
                (VdevKind::Mirror, None, None)
            ]
        );
    }

    #[test]
    fn disks_are_rows_below_their_group_and_a_spare_in_use_is_two() {
        let pools: Vec<Pool> = serde_json::from_str(
            r#"[{"id": 1, "name": "tank", "topology": {
                "data": [{"type": "RAIDZ2", "guid": "10", "status": "DEGRADED", "stats": {"size": 100, "allocated": 40,
                    "fragmentation": 7, "configured_ashift": 12, "physical_ashift": 0},
                  "children": [
                    {"type": "DISK", "guid": 11, "status": "ONLINE", "disk": "sda", "path": "/dev/x",
                     "stats": {"checksum_errors": 3, "read_errors": 0, "write_errors": 0}},
                    {"type": "SPARE", "guid": "12", "status": "ONLINE", "stats": {}, "children": [
                      {"type": "DISK", "guid": "13", "status": "UNAVAIL", "stats": null,
                       "unavail_disk": {"serial": "hidden"}},
                      {"type": "DISK", "guid": "14", "status": "ONLINE", "disk": "sdz"}]}]}],
                "spare": [{"type": "DISK", "guid": "14", "status": "INUSE", "disk": "sdz"}], "log": null}},
               {"id": 2, "name": "boot-pool", "topology": {"data": [{"type": "DISK", "guid": "1"}]}},
               {"id": 3, "name": "gone", "topology": null}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&pools, &redactor.name("a"), &redactor);
        assert_eq!(rows.len(), 6);
        assert_eq!((rows[0].kind, rows[0].n_children), (VdevKind::Raidz2, 2));
        assert_eq!(
            (rows[0].sector_bytes, rows[0].physical_sector_bytes),
            (Some(4_096), None)
        );
        assert_eq!(rows[1].parent_guid.as_ref(), Some(&rows[0].guid));
        assert_eq!(rows[1].n_checksum_errors, Some(3));
        assert_eq!(rows[3].status, VdevStatus::Unavail);
        assert_eq!(rows[3].parent_guid.as_ref(), Some(&rows[2].guid));
        let spares: Vec<_> = rows
            .iter()
            .filter(|row| row.guid == rows[4].guid)
            .map(|row| (row.role, row.status))
            .collect();
        assert_eq!(
            spares,
            [
                (VdevRole::Data, VdevStatus::Online),
                (VdevRole::Spare, VdevStatus::InUse)
            ]
        );
    }
}
