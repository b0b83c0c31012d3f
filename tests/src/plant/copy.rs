//! A VolumeSnapshot with its content, and what the appliance has of it.

use serde_json::{Value, json};

use super::property::text;
use super::remade::PREFIX;
use super::snapshot::{Snapshot, set, take};
use super::{Day, Scene, Share, Volume};

/// Annotation of a content whose VolumeSnapshot was deleted.
const BEING_DELETED: &str = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted";

/// Names of one snapshot of the driver.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    /// Namespace of the VolumeSnapshot.
    pub(super) namespace: String,
    /// Name of the VolumeSnapshot.
    pub(super) name: String,
    /// Uid of the VolumeSnapshot, which the other names come from.
    uid: String,
    content_uid: String,
    share: Share,
    /// Handle of the volume that was taken.
    source: String,
    /// Claim of that volume.
    claim: String,
    /// Whether it is a dataset of its own.
    is_detached: bool,
    /// When it was taken, Unix seconds.
    pub(super) taken: i64,
    bytes: u64,
}

impl Copy {
    /// A snapshot of a volume, taken twenty hours before the first day.
    pub(super) fn of(scene: &mut Scene, volume: &Volume) -> Option<Self> {
        let first = scene.days().next()?;
        let (taken, bytes) = (first.now - 20 * 3_600, first.restore_bytes(volume)?);
        let number = scene.number();
        Some(Self {
            namespace: volume.namespace.clone(),
            name: format!("before-change-{number}"),
            uid: scene.uuid(),
            content_uid: scene.uuid(),
            share: volume.share,
            source: volume.pv.clone(),
            claim: volume.claim.clone(),
            is_detached: false,
            taken,
            bytes,
        })
    }

    /// A detached snapshot from which a volume was restored; the volume that it was taken of is gone since long.
    pub(super) fn restored_to(scene: &mut Scene, volume: &Volume) -> Option<Self> {
        let name = json!(volume.dataset);
        let first = scene.days().next()?;
        let dataset = first.row("pool.dataset.query", "name", &name)?;
        let created = dataset["creation"]["rawvalue"]
            .as_str()?
            .parse::<i64>()
            .ok()?;
        let copy = Self::of(scene, volume)?;
        Some(Self {
            source: format!("pvc-{}", scene.uuid()),
            claim: format!("{}-old", volume.claim),
            is_detached: true,
            taken: created - 600,
            ..copy
        })
    }

    /// `namespace/name` of the VolumeSnapshot.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Name of the content.
    pub(super) fn content(&self) -> String {
        format!("snapcontent-{}", self.uid)
    }

    /// Name of the ZFS snapshot, or last part of the dataset.
    pub(super) fn leaf(&self) -> String {
        format!("snapshot-{}", self.uid)
    }

    /// Handle in the content.
    pub(super) fn handle(&self) -> String {
        let separator = if self.is_detached { '/' } else { '@' };
        format!("{}{separator}{}", self.source, self.leaf())
    }

    /// Path of the dataset of a detached snapshot.
    pub(super) fn dataset(&self) -> String {
        format!("{}/{}", self.share.detached_parent(), self.handle())
    }

    /// Adds it to the cluster and to the appliance.
    pub(super) fn add(&self, day: &mut Day) -> Option<()> {
        let (snapshot, content) = (self.volume_snapshot(day), self.volume_snapshot_content(day));
        day.objects("volumesnapshots").push(snapshot);
        day.objects("volumesnapshotcontents").push(content);
        let markers = [
            ("csi_snapshot_name", self.leaf()),
            ("csi_snapshot_source_volume_id", self.source.clone()),
            ("managed_resource", "true".to_owned()),
            ("provision_success", "true".to_owned()),
        ];
        if self.is_detached {
            return day.detached(&self.dataset(), self.share, self.taken, &markers);
        }
        let taken = Snapshot {
            dataset: &format!("{}/{}", self.share.parent(), self.source),
            name: &self.leaf(),
            created: self.taken,
        };
        let row = take(day, &taken)?;
        for (name, value) in markers {
            set(row, &format!("{PREFIX}{name}"), text(&value, "LOCAL"));
        }
        Some(())
    }

    /// Begins the deletion of VolumeSnapshot and content some seconds ago; the finalizers keep both.
    pub(super) fn delete(&self, day: &mut Day, since_secs: i64) -> Option<()> {
        let at = day.ago(since_secs);
        let deleting = |object: &mut Value| {
            object["metadata"]["deletionTimestamp"] = json!(at);
            object["metadata"]["deletionGracePeriodSeconds"] = json!(0);
        };
        deleting(day.object("volumesnapshots", &self.key())?);
        let content = day.object("volumesnapshotcontents", &self.content())?;
        deleting(content);
        content["metadata"]["annotations"][BEING_DELETED] = json!("yes");
        Some(())
    }

    /// A claim that is to be restored from it and is Pending.
    pub(super) fn pending_claim(&self, uid: &str, bytes: u64, created_at: &str) -> Value {
        let source = json!({"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": self.name});
        let driver = self.share.driver();
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": format!("restore-of-{}", self.name), "namespace": self.namespace, "uid": uid,
                "creationTimestamp": created_at, "resourceVersion": "9001",
                "annotations": {
                    "volume.beta.kubernetes.io/storage-provisioner": driver,
                    "volume.kubernetes.io/storage-provisioner": driver,
                },
                "finalizers": ["kubernetes.io/pvc-protection"],
            },
            "spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": bytes.to_string()}},
                "storageClassName": self.share.class(), "volumeMode": "Filesystem", "dataSource": source,
                "dataSourceRef": source,
            },
            "status": {"phase": "Pending"},
        })
    }

    /// Class of such snapshots.
    fn class(&self) -> String {
        let kind = if self.is_detached { "-detached" } else { "" };
        format!("{}-snap{kind}", self.share.class())
    }

    fn volume_snapshot(&self, day: &Day) -> Value {
        let at = day.ago(day.now - self.taken);
        json!({
            "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot",
            "metadata": {
                "name": self.name, "namespace": self.namespace, "uid": self.uid, "creationTimestamp": at,
                "resourceVersion": "9001",
                "finalizers": [
                    "snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection",
                    "snapshot.storage.kubernetes.io/volumesnapshot-bound-protection",
                ],
            },
            "spec": {
                "source": {"persistentVolumeClaimName": self.claim}, "volumeSnapshotClassName": self.class(),
            },
            "status": {
                "boundVolumeSnapshotContentName": self.content(), "creationTime": at, "readyToUse": true,
                "restoreSize": self.bytes.to_string(),
            },
        })
    }

    fn volume_snapshot_content(&self, day: &Day) -> Value {
        json!({
            "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotContent",
            "metadata": {
                "name": self.content(), "uid": self.content_uid, "creationTimestamp": day.ago(day.now - self.taken),
                "resourceVersion": "9001", "annotations": {},
                "finalizers": ["snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection"],
            },
            "spec": {
                "deletionPolicy": "Delete", "driver": self.share.driver(), "source": {"volumeHandle": self.source},
                "sourceVolumeMode": "Filesystem", "volumeSnapshotClassName": self.class(),
                "volumeSnapshotRef": {
                    "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot", "name": self.name,
                    "namespace": self.namespace, "uid": self.uid, "resourceVersion": "9000",
                },
            },
            "status": {
                "creationTime": self.taken * 1_000_000_000, "readyToUse": true, "restoreSize": self.bytes,
                "snapshotHandle": self.handle(),
            },
        })
    }
}
