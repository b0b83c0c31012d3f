//! Disks. Serial numbers and identities are tokens.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Model, Redactor};
use truenas_common::tables::NasDisk;
use truenas_common::tables::code::{DiskBus, DiskMedium};

use crate::gather::metadata::filled;
use crate::gather::property::Text;
use crate::gather::truenas::pool::is_boot;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::DISK_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/disk",
    why: "What the vdevs are made of: medium, size and model say which layout suits a pool.",
    reads: &[Read::Truenas(&DISK_QUERY)],
    tables: &["nas_disk"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &[
    "identifier",
    "name",
    "serial",
    "lunid",
    "size",
    "model",
    "type",
    "rotationrate",
    "bus",
    "zfs_guid",
    "pool",
];

/// A disk; descriptions and passwords are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Disk {
    identifier: String,
    name: String,
    serial: Option<String>,
    lunid: Option<String>,
    size: Option<Text>,
    model: Option<String>,
    r#type: Option<String>,
    rotationrate: Option<Text>,
    bus: Option<String>,
    zfs_guid: Option<Text>,
    pool: Option<String>,
}

/// One row a disk; those of the boot pool are left out.
pub(in crate::gather) fn rows(
    disks: &[Disk],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasDisk> {
    let is_own = |disk: &&Disk| !disk.pool.as_deref().is_some_and(is_boot);
    let own = disks.iter().filter(is_own);
    own.map(|disk| {
        let guid = disk.zfs_guid.as_ref().map(|guid| &guid.0);
        let rotation = disk.rotationrate.as_ref().and_then(Text::integer);
        NasDisk {
            appliance: appliance.clone(),
            identity: redactor.name(&disk.identifier),
            name: redactor.name(&disk.name),
            serial: filled(disk.serial.as_ref()).map(|serial| redactor.name(serial)),
            lun_serial: filled(disk.lunid.as_ref()).map(|lun| redactor.name(lun)),
            vdev_guid: filled(guid).map(|guid| redactor.name(guid)),
            pool: filled(disk.pool.as_ref()).map(|pool| redactor.path(pool)),
            model: disk.model.as_deref().and_then(Model::parse),
            size_bytes: disk.size.as_ref().and_then(Text::integer),
            medium: filled(disk.r#type.as_ref()).map(DiskMedium::parse),
            rotation_rpm: rotation.filter(|rpm| *rpm > 0),
            bus: DiskBus::parse(disk.bus.as_deref().unwrap_or_default()),
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn disk_joins_its_vdev_and_shows_no_serial_number() {
        let disks: Vec<Disk> = serde_json::from_str(
            r#"[{"identifier": "{serial_lunid}ZC1ABCDE_5000c500a1b2c3d4", "name": "sda", "serial": "ZC1ABCDE",
                 "lunid": "5000c500a1b2c3d4", "size": 4000787030016, "model": "ST4000NM0035", "type": "HDD",
                 "rotationrate": 7200, "bus": "SCSI", "zfs_guid": "11", "pool": "tank", "description": "for bob"},
                {"identifier": "{devicename}sdb", "name": "sdb", "serial": "", "lunid": null, "size": null,
                 "model": null, "type": null, "rotationrate": null, "bus": "QUUX", "zfs_guid": null, "pool": null},
                {"identifier": "{serial}B", "name": "sdc", "pool": "boot-pool"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&disks, &redactor.name("a"), &redactor);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].vdev_guid, Some(redactor.name("11")));
        assert_eq!(rows[0].pool, Some(redactor.path("tank")));
        assert_eq!(rows[0].model.as_ref().unwrap().as_str(), "ST4000NM0035");
        assert_eq!(
            (rows[0].medium, rows[0].rotation_rpm),
            (Some(DiskMedium::Hdd), Some(7_200))
        );
        assert!(!format!("{:?}", rows[0]).contains("ABCDE"));
        assert_eq!((&rows[1].serial, rows[1].size_bytes), (&None, None));
        assert_eq!(rows[1].bus, DiskBus::Other);
    }
}
