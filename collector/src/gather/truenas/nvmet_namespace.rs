//! NVMe-oF namespaces.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasNvmetNamespace;
use truenas_common::tables::code::NamespaceKind;

use crate::gather::metadata::last;
use crate::gather::truenas::iscsi_extent::zvol;
use crate::gather::truenas::nvmet_subsys::End;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::NVMET_NAMESPACE_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nvmet_namespace",
    why: "The zvol behind each subsystem.",
    reads: &[Read::Truenas(&NVMET_NAMESPACE_QUERY)],
    tables: &["nas_nvmet_namespace"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &[
    "id",
    "nsid",
    "subsys.id",
    "device_type",
    "device_path",
    "enabled",
    "locked",
];

/// A namespace.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Namespace {
    pub(in crate::gather) id: i64,
    nsid: Option<i64>,
    subsys: Option<End>,
    device_type: String,
    device_path: String,
    enabled: Option<bool>,
    locked: Option<bool>,
}

/// One row a namespace.
pub(in crate::gather) fn rows(
    namespaces: &[Namespace],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasNvmetNamespace> {
    namespaces
        .iter()
        .map(|namespace| {
            let kind = NamespaceKind::parse(&namespace.device_type);
            let device = namespace.device_path.as_str();
            let zvol = (kind == NamespaceKind::Zvol)
                .then(|| zvol(device))
                .flatten();
            let parent = zvol.as_deref().and_then(|zvol| zvol.rsplit_once('/'));
            let is_file = kind == NamespaceKind::File && !device.is_empty();
            NasNvmetNamespace {
                appliance: appliance.clone(),
                id: namespace.id,
                subsys_id: namespace.subsys.as_ref().and_then(|subsys| subsys.id),
                nsid: namespace.nsid,
                kind,
                device_path: zvol.as_deref().map(|zvol| redactor.path(zvol)),
                device_parent: parent.map(|(parent, _)| redactor.path(parent)),
                device_leaf: zvol.as_deref().map(|zvol| redactor.leaf(last(zvol))),
                file_path: is_file.then(|| redactor.mount_path(device)),
                is_enabled: namespace.enabled.unwrap_or(true),
                is_locked: namespace.locked,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn namespace_leads_to_its_zvol_or_file() {
        let namespaces: Vec<Namespace> = serde_json::from_str(
            r#"[{"id": 3, "nsid": 1, "subsys": {"id": 7}, "device_type": "ZVOL",
                 "device_path": "zvol/tank/k8s/v/my+vol", "enabled": true, "locked": false},
                {"id": 4, "nsid": null, "subsys": {"id": 7}, "device_type": "FILE", "device_path": "/mnt/tank/f",
                 "enabled": false, "locked": null}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&namespaces, &redactor.name("a"), &redactor);
        assert_eq!(
            rows[0].device_path,
            Some(redactor.path("tank/k8s/v/my vol"))
        );
        assert_eq!(rows[0].device_parent, Some(redactor.path("tank/k8s/v")));
        assert_eq!(rows[0].device_leaf, Some(redactor.leaf("my vol")));
        assert_eq!((rows[0].subsys_id, rows[0].nsid), (Some(7), Some(1)));
        assert_eq!((&rows[1].device_path, rows[1].is_enabled), (&None, false));
        assert_eq!(rows[1].file_path, Some(redactor.path("tank/f")));
    }
}
