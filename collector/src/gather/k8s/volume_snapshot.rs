//! Volume snapshots.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVolumeSnapshot;

use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read, quantity};
use crate::source::k8s::VOLUME_SNAPSHOTS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_snapshot",
    why: "Snapshots that users asked for, and whether they are usable.",
    reads: &[Read::K8s(&VOLUME_SNAPSHOTS)],
    tables: &["k8s_volume_snapshot"],
};

/// Set until the content is gone.
const BOUND_FINALIZERS: &[&str] =
    &["snapshot.storage.kubernetes.io/volumesnapshot-bound-protection"];

/// Set by external-provisioner while a claim is restored. The one of the snapshot controller stands on every snapshot.
const SOURCE_FINALIZERS: &[&str] =
    &["provisioner.storage.kubernetes.io/volumesnapshot-as-source-protection"];

/// A volume snapshot.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct VolumeSnapshot {
    metadata: Metadata,
    spec: Spec,
    status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    source: Source,
    volume_snapshot_class_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    persistent_volume_claim_name: Option<String>,
    volume_snapshot_content_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    bound_volume_snapshot_content_name: Option<String>,
    creation_time: Option<String>,
    ready_to_use: Option<bool>,
    restore_size: Option<String>,
    error: Option<IgnoredAny>,
    volume_group_snapshot_name: Option<String>,
}

/// One row a snapshot.
pub(in crate::gather) fn rows(
    snapshots: &[VolumeSnapshot],
    redactor: &Redactor,
) -> Vec<K8sVolumeSnapshot> {
    let none = Status::default();
    snapshots
        .iter()
        .map(|snapshot| {
            let (metadata, spec) = (&snapshot.metadata, &snapshot.spec);
            let status = snapshot.status.as_ref().unwrap_or(&none);
            let content = filled(status.bound_volume_snapshot_content_name.as_ref())
                .or_else(|| filled(spec.source.volume_snapshot_content_name.as_ref()));
            K8sVolumeSnapshot {
                namespace: redactor.name(metadata.namespace()),
                name: redactor.name(metadata.name()),
                uid: metadata.uid(redactor),
                created_at: metadata.created_at(),
                deleting_at: metadata.deleting_at(),
                content: content.map(|name| redactor.name(name)),
                class: filled(spec.volume_snapshot_class_name.as_ref())
                    .map(|name| redactor.name(name)),
                source_claim: filled(spec.source.persistent_volume_claim_name.as_ref())
                    .map(|name| redactor.name(name)),
                has_bound_finalizer: Some(metadata.has_finalizer(BOUND_FINALIZERS)),
                has_source_finalizer: Some(metadata.has_finalizer(SOURCE_FINALIZERS)),
                group_snapshot: filled(status.volume_group_snapshot_name.as_ref())
                    .map(|name| redactor.name(name)),
                backup: metadata
                    .label(|labels| &labels.backup)
                    .map(|name| redactor.name(name)),
                is_ready: status.ready_to_use.unwrap_or(false),
                has_error: status.error.is_some(),
                taken_at: time(status.creation_time.as_deref()),
                restore_size_bytes: status.restore_size.as_deref().and_then(quantity::bytes),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn snapshot_before_its_first_status_is_not_ready() {
        let snapshots: Vec<VolumeSnapshot> = serde_json::from_str(
            r#"[{"metadata": {"name": "pg", "namespace": "db", "uid": "u"},
                 "spec": {"source": {"persistentVolumeClaimName": "data-0"}, "volumeSnapshotClassName": "snap"},
                 "status": {"boundVolumeSnapshotContentName": "snapcontent-1", "creationTime": "2026-03-04T22:00:03Z",
                            "readyToUse": true, "restoreSize": "8Gi", "volumeGroupSnapshotName": "all"}},
                {"metadata": {"name": "new", "namespace": "db", "uid": "v", "finalizers": [
                  "snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection"]}, "spec": {"source": {}}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&snapshots, &redactor);
        assert!(rows[0].is_ready && rows[0].content.is_some() && rows[0].taken_at.is_some());
        assert_eq!(rows[0].restore_size_bytes, Some(8 << 30));
        assert_eq!(rows[0].group_snapshot, Some(redactor.name("all")));
        assert!(!rows[1].is_ready && rows[1].content.is_none());
        assert_eq!(rows[1].has_source_finalizer, Some(false));
    }
}
