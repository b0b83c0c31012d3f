//! SMB shares. Who may connect is not asked for.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasSmbShare;
use truenas_common::tables::code::SmbPurpose;

use crate::gather::metadata::filled;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::SHARING_SMB_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/smb_share",
    why: "Shares of SMB volumes: which dataset, and whether it can be reached.",
    reads: &[Read::Truenas(&SHARING_SMB_QUERY)],
    tables: &["nas_smb_share"],
};

/// Fields that are asked for; older releases call the last one `ro`.
pub(in crate::gather) const SELECT: &[&str] = &[
    "id", "name", "path", "purpose", "enabled", "locked", "readonly", "ro",
];

/// A share.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct SmbShare {
    pub(in crate::gather) id: i64,
    name: String,
    path: Option<String>,
    purpose: Option<String>,
    enabled: Option<bool>,
    locked: Option<bool>,
    readonly: Option<bool>,
    ro: Option<bool>,
}

/// One row a share.
pub(in crate::gather) fn rows(
    shares: &[SmbShare],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasSmbShare> {
    shares
        .iter()
        .map(|share| {
            let path = filled(share.path.as_ref()).filter(|path| path.starts_with('/'));
            NasSmbShare {
                appliance: appliance.clone(),
                id: share.id,
                name: redactor.smb(&share.name),
                path: path.map(|path| redactor.mount_path(path)),
                purpose: SmbPurpose::parse(share.purpose.as_deref().unwrap_or_default()),
                is_enabled: share.enabled.unwrap_or(true),
                is_locked: share.locked,
                is_readonly: share.readonly.or(share.ro),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn share_joins_volume_and_dataset_on_every_release() {
        let shares: Vec<SmbShare> = serde_json::from_str(
            r#"[{"id": 2, "purpose": "DEFAULT_SHARE", "name": "Media", "path": "/mnt/tank/media", "enabled": true,
                 "readonly": true, "locked": false, "comment": "hidden"},
                {"id": 3, "purpose": "NO_PRESET", "name": "old", "path": "/mnt/tank/old/", "enabled": false, "ro": false},
                {"id": 4, "purpose": "EXTERNAL_SHARE", "name": "away", "path": "EXTERNAL"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&shares, &redactor.name("a"), &redactor);
        assert_eq!(rows[0].name, redactor.smb("media"));
        assert_eq!(rows[0].path, Some(redactor.path("tank/media")));
        assert_eq!(
            (rows[0].is_readonly, rows[1].is_readonly),
            (Some(true), Some(false))
        );
        assert_eq!(rows[1].path, Some(redactor.path("tank/old")));
        assert_eq!(
            (rows[1].purpose, rows[1].is_enabled),
            (SmbPurpose::Other, false)
        );
        assert_eq!(
            (&rows[2].path, rows[2].purpose),
            (&None, SmbPurpose::External)
        );
    }
}
