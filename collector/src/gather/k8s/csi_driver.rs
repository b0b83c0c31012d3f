//! CSI drivers that are registered in the cluster.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sCsiDriver;
use truenas_common::tables::code::FsGroupPolicy;

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::CSI_DRIVERS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/csi_driver",
    why: "Classes and volumes whose driver is gone, and what each driver can do.",
    reads: &[Read::K8s(&CSI_DRIVERS)],
    tables: &["k8s_csi_driver"],
};

/// A CSI driver.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct CsiDriver {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    attach_required: Option<bool>,
    pod_info_on_mount: Option<bool>,
    storage_capacity: Option<bool>,
    requires_republish: Option<bool>,
    fs_group_policy: Option<String>,
    volume_lifecycle_modes: Option<Vec<String>>,
}

/// The names of these drivers.
pub(in crate::gather) fn names(drivers: &[CsiDriver]) -> impl Iterator<Item = &str> {
    drivers.iter().map(|driver| driver.metadata.name())
}

/// One row a driver.
pub(in crate::gather) fn rows(drivers: &[CsiDriver], redactor: &Redactor) -> Vec<K8sCsiDriver> {
    drivers
        .iter()
        .map(|driver| {
            let (metadata, spec) = (&driver.metadata, &driver.spec);
            let policy = spec.fs_group_policy.as_deref();
            let modes = spec.volume_lifecycle_modes.as_deref().unwrap_or_default();
            let has_mode = |mode: &str| modes.iter().any(|known| known == mode);
            K8sCsiDriver {
                name: redactor.name(metadata.name()),
                uid: metadata.uid(redactor),
                created_at: metadata.created_at(),
                is_attach_required: spec.attach_required.unwrap_or(true),
                has_pod_info: spec.pod_info_on_mount.unwrap_or(false),
                has_storage_capacity: spec.storage_capacity.unwrap_or(false),
                is_republished: spec.requires_republish.unwrap_or(false),
                fs_group_policy: FsGroupPolicy::parse(policy.unwrap_or("ReadWriteOnceWithFSType")),
                is_persistent: modes.is_empty() || has_mode("Persistent"),
                is_ephemeral: has_mode("Ephemeral"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn absent_fields_have_the_defaults_of_the_api() {
        let drivers: Vec<CsiDriver> = serde_json::from_str(
            r#"[{"metadata": {"name": "csi.truenas.io", "uid": "u"}, "spec": {"attachRequired": false,
                 "storageCapacity": true, "fsGroupPolicy": "File", "volumeLifecycleModes": ["Ephemeral"]}},
                {"metadata": {"name": "own.example", "uid": "v"}, "spec": {}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&drivers, &redactor);
        assert_eq!(rows[0].name.as_str(), "csi.truenas.io");
        assert!(!rows[0].is_attach_required && rows[0].has_storage_capacity);
        assert!(rows[0].is_ephemeral && !rows[0].is_persistent);
        assert!(rows[1].is_attach_required && rows[1].is_persistent && !rows[1].is_ephemeral);
        assert_eq!(
            rows[1].fs_group_policy,
            FsGroupPolicy::ReadWriteOnceWithFsType
        );
        assert!(rows[1].name.as_str().starts_with("drv-"));
    }
}
