//! Group snapshot classes. Their parameters are not decoded.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVolumeGroupSnapshotClass;
use truenas_common::tables::code::ReclaimPolicy;

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::{
    VOLUME_GROUP_SNAPSHOT_CLASSES, VOLUME_GROUP_SNAPSHOT_CLASSES_BETA,
    VOLUME_GROUP_SNAPSHOT_CLASSES_BETA2,
};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_group_snapshot_class",
    why: "Drivers that take snapshots of groups, and what happens to those.",
    reads: &[
        Read::K8s(&VOLUME_GROUP_SNAPSHOT_CLASSES),
        Read::K8s(&VOLUME_GROUP_SNAPSHOT_CLASSES_BETA2),
        Read::K8s(&VOLUME_GROUP_SNAPSHOT_CLASSES_BETA),
    ],
    tables: &["k8s_volume_group_snapshot_class"],
};

/// A group snapshot class.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::gather) struct VolumeGroupSnapshotClass {
    metadata: Metadata,
    driver: String,
    deletion_policy: Option<String>,
}

/// One row a class.
pub(in crate::gather) fn rows(
    classes: &[VolumeGroupSnapshotClass],
    redactor: &Redactor,
) -> Vec<K8sVolumeGroupSnapshotClass> {
    classes
        .iter()
        .map(|class| {
            let metadata = &class.metadata;
            let mark =
                metadata.annotation(|annotations| &annotations.is_default_group_snapshot_class);
            let policy = class.deletion_policy.as_deref().unwrap_or_default();
            K8sVolumeGroupSnapshotClass {
                name: redactor.name(metadata.name()),
                uid: metadata.uid(redactor),
                created_at: metadata.created_at(),
                driver: redactor.name(&class.driver),
                deletion_policy: ReclaimPolicy::parse(policy),
                is_default: mark == Some("true"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn default_is_what_the_annotation_says() {
        let classes: Vec<VolumeGroupSnapshotClass> = serde_json::from_str(
            r#"[{"metadata": {"name": "g", "uid": "u", "annotations":
                  {"groupsnapshot.storage.kubernetes.io/is-default-class": "true"}},
                 "driver": "csi.truenas.io", "deletionPolicy": "Delete"},
                {"metadata": {"name": "h", "uid": "v", "annotations":
                  {"groupsnapshot.storage.kubernetes.io/is-default-class": "false"}},
                 "driver": "csi.truenas.io", "deletionPolicy": "Retain"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&classes, &redactor);
        assert!(rows[0].is_default && !rows[1].is_default);
        assert_eq!(rows[1].deletion_policy, ReclaimPolicy::Retain);
    }
}
