//! Group snapshots.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVolumeGroupSnapshot;

use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::{
    VOLUME_GROUP_SNAPSHOTS, VOLUME_GROUP_SNAPSHOTS_BETA, VOLUME_GROUP_SNAPSHOTS_BETA2,
};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_group_snapshot",
    why: "Snapshots that were taken together, and whether they are usable.",
    reads: &[
        Read::K8s(&VOLUME_GROUP_SNAPSHOTS),
        Read::K8s(&VOLUME_GROUP_SNAPSHOTS_BETA2),
        Read::K8s(&VOLUME_GROUP_SNAPSHOTS_BETA),
    ],
    tables: &["k8s_volume_group_snapshot"],
};

/// A group snapshot.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct VolumeGroupSnapshot {
    metadata: Metadata,
    spec: Spec,
    status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    volume_group_snapshot_class_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    bound_volume_group_snapshot_content_name: Option<String>,
    creation_time: Option<String>,
    ready_to_use: Option<bool>,
    error: Option<IgnoredAny>,
}

/// One row a group snapshot.
pub(in crate::gather) fn rows(
    snapshots: &[VolumeGroupSnapshot],
    redactor: &Redactor,
) -> Vec<K8sVolumeGroupSnapshot> {
    let none = Status::default();
    snapshots
        .iter()
        .map(|snapshot| {
            let metadata = &snapshot.metadata;
            let status = snapshot.status.as_ref().unwrap_or(&none);
            let class = filled(snapshot.spec.volume_group_snapshot_class_name.as_ref());
            let content = filled(status.bound_volume_group_snapshot_content_name.as_ref());
            K8sVolumeGroupSnapshot {
                uid: metadata.uid(redactor),
                namespace: redactor.name(metadata.namespace()),
                name: redactor.name(metadata.name()),
                created_at: metadata.created_at(),
                deleting_at: metadata.deleting_at(),
                group_class: class.map(|name| redactor.name(name)),
                is_bound: content.is_some(),
                is_ready: status.ready_to_use.unwrap_or(false),
                has_error: status.error.is_some(),
                taken_at: time(status.creation_time.as_deref()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn group_without_a_status_is_neither_bound_nor_ready() {
        let snapshots: Vec<VolumeGroupSnapshot> = serde_json::from_str(
            r#"[{"metadata": {"name": "all", "namespace": "db", "uid": "u"},
                 "spec": {"volumeGroupSnapshotClassName": "g", "source": {"selector": {"matchLabels": {"a": "b"}}}},
                 "status": {"boundVolumeGroupSnapshotContentName": "c", "creationTime": "2026-03-04T22:00:03Z",
                   "readyToUse": true}},
                {"metadata": {"name": "new", "namespace": "db", "uid": "v"}, "spec": {}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&snapshots, &redactor);
        assert!(rows[0].is_bound && rows[0].is_ready && rows[0].taken_at.is_some());
        assert!(!rows[1].is_bound && !rows[1].is_ready && rows[1].group_class.is_none());
    }
}
