//! Volume snapshot contents: the record of a snapshot on the appliance.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::{DatasetPath, Leaf, NamingSchema, Redactor};
use truenas_common::tables::K8sVolumeSnapshotContent;
use truenas_common::tables::code::{ReclaimPolicy, SnapshotHandleForm};
use truenas_common::time::Time;

use crate::gather::metadata::{Metadata, filled, last};
use crate::gather::naming::default_schema;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::VOLUME_SNAPSHOT_CONTENTS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_snapshot_content",
    why: "Handles that lead to snapshots on the appliance, and contents whose deletion hangs.",
    reads: &[Read::K8s(&VOLUME_SNAPSHOT_CONTENTS)],
    tables: &["k8s_volume_snapshot_content"],
};

/// A volume snapshot content.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct VolumeSnapshotContent {
    metadata: Metadata,
    spec: Spec,
    status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    deletion_policy: Option<String>,
    driver: String,
    source: Source,
    volume_snapshot_class_name: Option<String>,
    volume_snapshot_ref: Option<SnapshotRef>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    volume_handle: Option<String>,
    snapshot_handle: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SnapshotRef {
    namespace: Option<String>,
    name: Option<String>,
    uid: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    snapshot_handle: Option<String>,
    creation_time: Option<i64>,
    ready_to_use: Option<bool>,
    restore_size: Option<i64>,
    error: Option<IgnoredAny>,
    volume_group_snapshot_handle: Option<String>,
}

/// A handle, taken apart.
struct Parts {
    form: SnapshotHandleForm,
    volume_path: Option<DatasetPath>,
    volume_leaf: Option<Leaf>,
    snapshot: Option<Leaf>,
    detached_leaf: Option<Leaf>,
}

/// One row a content.
pub(in crate::gather) fn rows(
    contents: &[VolumeSnapshotContent],
    redactor: &Redactor,
) -> Vec<K8sVolumeSnapshotContent> {
    let schemas: Vec<NamingSchema> = default_schema().into_iter().collect();
    contents
        .iter()
        .map(|content| row(content, &schemas, redactor))
        .collect()
}

fn row(
    content: &VolumeSnapshotContent,
    schemas: &[NamingSchema],
    redactor: &Redactor,
) -> K8sVolumeSnapshotContent {
    let (metadata, spec) = (&content.metadata, &content.spec);
    let none = Status::default();
    let status = content.status.as_ref().unwrap_or(&none);
    let handle = filled(status.snapshot_handle.as_ref())
        .or_else(|| filled(spec.source.snapshot_handle.as_ref()));
    let parts = parts(handle, schemas, redactor);
    let snapshot = spec.volume_snapshot_ref.as_ref();
    K8sVolumeSnapshotContent {
        name: redactor.name(metadata.name()),
        uid: metadata.uid(redactor),
        created_at: metadata.created_at(),
        deleting_at: metadata.deleting_at(),
        driver: redactor.name(&spec.driver),
        class: filled(spec.volume_snapshot_class_name.as_ref()).map(|name| redactor.name(name)),
        deletion_policy: ReclaimPolicy::parse(spec.deletion_policy.as_deref().unwrap_or_default()),
        handle: handle.map(|handle| redactor.name(handle)),
        handle_form: parts.form,
        volume_path: parts.volume_path,
        volume_leaf: parts.volume_leaf,
        snapshot: parts.snapshot,
        detached_leaf: parts.detached_leaf,
        source_handle_leaf: filled(spec.source.volume_handle.as_ref())
            .map(|handle| redactor.leaf(last(handle))),
        snapshot_namespace: snapshot
            .and_then(|snapshot| filled(snapshot.namespace.as_ref()))
            .map(|name| redactor.name(name)),
        snapshot_name: snapshot
            .and_then(|snapshot| filled(snapshot.name.as_ref()))
            .map(|name| redactor.name(name)),
        snapshot_uid: snapshot
            .and_then(|snapshot| filled(snapshot.uid.as_ref()))
            .map(|uid| redactor.uid(uid)),
        has_bound_finalizer: Some(metadata.has_finalizer(&[
            "snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection",
        ])),
        is_being_created: Some(
            metadata
                .annotation(|annotations| &annotations.is_being_created)
                .is_some(),
        ),
        is_being_deleted: Some(
            metadata
                .annotation(|annotations| &annotations.is_being_deleted)
                .is_some(),
        ),
        group_handle: filled(status.volume_group_snapshot_handle.as_ref())
            .map(|handle| redactor.name(handle)),
        backup: metadata
            .label(|labels| &labels.backup)
            .map(|name| redactor.name(name)),
        is_ready: status.ready_to_use.unwrap_or(false),
        has_error: status.error.is_some(),
        taken_at: status
            .creation_time
            .map(|nanos| Time::from_unix_secs(nanos.div_euclid(1_000_000_000))),
        restore_size_bytes: status.restore_size,
    }
}

fn parts(handle: Option<&str>, schemas: &[NamingSchema], redactor: &Redactor) -> Parts {
    let mut parts = Parts {
        form: SnapshotHandleForm::None,
        volume_path: None,
        volume_leaf: None,
        snapshot: None,
        detached_leaf: None,
    };
    let Some(handle) = handle else { return parts };
    if handle.contains("snapshot_id=") {
        parts.form = SnapshotHandleForm::Query;
    } else if let Some((volume, snapshot)) = handle.split_once('@') {
        parts.form = SnapshotHandleForm::Attached;
        if volume.contains('/') {
            parts.form = SnapshotHandleForm::AttachedPath;
            parts.volume_path = Some(redactor.path(volume));
        }
        parts.volume_leaf = Some(redactor.leaf(last(volume)));
        parts.snapshot = Some(redactor.snapshot(snapshot, schemas));
    } else if let Some((volume, leaf)) = handle
        .split_once('/')
        .filter(|(_, leaf)| !leaf.contains('/'))
    {
        parts.form = SnapshotHandleForm::Detached;
        parts.volume_leaf = Some(redactor.leaf(volume));
        parts.detached_leaf = Some(redactor.leaf(leaf));
    } else {
        parts.form = SnapshotHandleForm::Other;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    #[track_caller]
    fn check(handle: &str, form: SnapshotHandleForm, leaves: [Option<&str>; 3]) {
        let redactor = redactor();
        let parts = parts(Some(handle), &[], &redactor);
        assert_eq!(parts.form, form);
        let leaf = |leaf: Option<&str>| leaf.map(|leaf| redactor.leaf(leaf));
        let [volume, snapshot, detached] = leaves;
        assert_eq!(parts.volume_leaf, leaf(volume));
        assert_eq!(parts.snapshot, leaf(snapshot));
        assert_eq!(parts.detached_leaf, leaf(detached));
    }

    #[test]
    fn every_form_of_a_handle_is_taken_apart() {
        use SnapshotHandleForm::{Attached, AttachedPath, Detached, Other, Query};
        check("v@s", Attached, [Some("v"), Some("s"), None]);
        check("tank/k8s/v@s", AttachedPath, [Some("v"), Some("s"), None]);
        check("v/s", Detached, [Some("v"), None, Some("s")]);
        check("snapshot_driver=zfs&snapshot_id=a", Query, [None; 3]);
        check("snap-123", Other, [None; 3]);
    }

    #[test]
    fn hanging_deletion_is_visible() {
        let content: VolumeSnapshotContent = serde_json::from_str(
            r#"{"metadata": {"name": "snapcontent-1", "uid": "u", "deletionTimestamp": "2026-03-10T02:00:00Z",
                 "labels": {"velero.io/backup-name": "nightly-1"},
                 "annotations": {"snapshot.storage.kubernetes.io/volumesnapshot-being-deleted": "yes"},
                 "finalizers": ["snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection"]},
                "spec": {"deletionPolicy": "Delete", "driver": "org.democratic-csi.iscsi",
                 "source": {"volumeHandle": "pvc-0505b078-9802-44c8-9f12-6d1271cd50eb"},
                 "volumeSnapshotRef": {"name": "pg-weekly", "namespace": "db", "uid": "69bef5fd-0a0b-4c0d-8e0f-101112131415"}},
                "status": {"creationTime": 1772661603000000000, "readyToUse": true, "restoreSize": 8589934592,
                 "snapshotHandle": "pvc-0505b078-9802-44c8-9f12-6d1271cd50eb/snapshot-69bef5fd-0a0b-4c0d-8e0f-101112131415"}}"#,
        )
        .unwrap();
        let row = &rows(&[content], &redactor())[0];
        assert_eq!(row.handle_form, SnapshotHandleForm::Detached);
        assert_eq!(row.source_handle_leaf, row.volume_leaf);
        assert_eq!(row.taken_at, Some(Time::from_unix_secs(1_772_661_603)));
        assert!(row.deleting_at.is_some() && row.is_ready && !row.has_error);
        assert_eq!(row.backup, Some(redactor().name("nightly-1")));
        assert!(row.group_handle.is_none());
        assert_eq!(row.has_bound_finalizer, Some(true));
        assert_eq!(
            (row.is_being_created, row.is_being_deleted),
            (Some(false), Some(true))
        );
    }
}
