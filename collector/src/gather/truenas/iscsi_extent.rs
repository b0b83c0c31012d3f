//! iSCSI extents.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasIscsiExtent;
use truenas_common::tables::code::ExtentKind;

use crate::gather::metadata::{filled, last};
use crate::gather::naming::inner_uuid;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::ISCSI_EXTENT_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_extent",
    why: "The zvol behind each target.",
    reads: &[Read::Truenas(&ISCSI_EXTENT_QUERY)],
    tables: &["nas_iscsi_extent"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &[
    "id",
    "name",
    "type",
    "disk",
    "path",
    "blocksize",
    "enabled",
    "locked",
    "ro",
    "avail_threshold",
];

/// Length at which truenas-csi cuts names.
const CUT_CHARS: usize = 64;

/// An extent; serial numbers are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Extent {
    pub(in crate::gather) id: i64,
    name: String,
    r#type: String,
    disk: Option<String>,
    path: Option<String>,
    blocksize: Option<i64>,
    enabled: Option<bool>,
    locked: Option<bool>,
    ro: Option<bool>,
    avail_threshold: Option<i64>,
}

/// One row an extent.
pub(in crate::gather) fn rows(
    extents: &[Extent],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasIscsiExtent> {
    extents
        .iter()
        .map(|extent| {
            let kind = ExtentKind::parse(&extent.r#type);
            let device = filled(extent.disk.as_ref()).or_else(|| filled(extent.path.as_ref()));
            let zvol = device.filter(|_| kind == ExtentKind::Disk).and_then(zvol);
            let parent = zvol.as_deref().and_then(|zvol| zvol.rsplit_once('/'));
            let file = filled(extent.path.as_ref()).filter(|_| kind == ExtentKind::File);
            NasIscsiExtent {
                appliance: appliance.clone(),
                id: extent.id,
                name: redactor.asset(&extent.name),
                kind,
                disk_path: zvol.as_deref().map(|zvol| redactor.path(zvol)),
                disk_parent: parent.map(|(parent, _)| redactor.path(parent)),
                disk_leaf: zvol.as_deref().map(|zvol| redactor.leaf(last(zvol))),
                file_path: file.map(|path| redactor.mount_path(path)),
                name_uuid: inner_uuid(&extent.name, redactor),
                name_is_cut: extent.name.chars().count() == CUT_CHARS,
                is_enabled: extent.enabled.unwrap_or(true),
                is_locked: extent.locked,
                is_readonly: extent.ro.unwrap_or(false),
                block_bytes: extent.blocksize,
                pool_available_percent: extent.avail_threshold.filter(|percent| *percent > 0),
            }
        })
        .collect()
}

/// The zvol in a device path, where `+` stands for a space.
pub(in crate::gather) fn zvol(device: &str) -> Option<String> {
    let device = device.trim_start_matches('/');
    let device = device.strip_prefix("dev/").unwrap_or(device);
    let zvol = device.strip_prefix("zvol/")?.trim_end_matches('/');
    (!zvol.is_empty()).then(|| zvol.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn zvol_is_found_in_either_field() {
        let extents: Vec<Extent> = serde_json::from_str(
            r#"[{"id": 7, "name": "a", "type": "DISK", "disk": "zvol/tank/k8s/my+vol", "blocksize": 512, "locked": false},
                {"id": 8, "name": "b", "type": "DISK", "path": "zvol/tank/b", "serial": "hidden"},
                {"id": 9, "name": "c", "type": "FILE", "path": "/mnt/tank/files/c"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&extents, &redactor.name("a"), &redactor);
        assert_eq!(rows[0].disk_path, Some(redactor.path("tank/k8s/my vol")));
        assert_eq!(
            rows[0].disk_path,
            redactor.device_path("zvol/tank/k8s/my+vol")
        );
        assert_eq!(rows[0].disk_parent, Some(redactor.path("tank/k8s")));
        assert_eq!(rows[1].disk_leaf, Some(redactor.leaf("b")));
        assert_eq!(rows[2].file_path, Some(redactor.path("tank/files/c")));
        assert!(rows[2].disk_path.is_none() && rows[1].file_path.is_none());
    }
}
