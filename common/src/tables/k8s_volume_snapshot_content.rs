//! Table `k8s_volume_snapshot_content`.

use super::code::{ReclaimPolicy, SnapshotHandleForm};
use crate::redact::{
    BackupName, ContentName, DatasetPath, Driver, Handle, Leaf, Namespace, SnapshotClass,
    SnapshotName, Uid,
};
use crate::time::Time;

crate::table! {
    /// One volume snapshot content: the record of a snapshot on the appliance.
    "k8s_volume_snapshot_content" as K8sVolumeSnapshotContent in Cluster {
        /// Content.
        1 [key] name: ContentName,
        /// Uid.
        1 uid: Uid,
        /// Creation of the object.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// CSI driver.
        1 driver: Driver,
        /// Snapshot class.
        1 class: Option<SnapshotClass>,
        /// Delete or Retain.
        1 deletion_policy: ReclaimPolicy,
        /// Whole snapshot handle.
        1 handle: Option<Handle>,
        /// Shape of the handle.
        1 handle_form: SnapshotHandleForm,
        /// Dataset before `@`, when the handle is a full path.
        1 volume_path: Option<DatasetPath>,
        /// Volume part of the handle.
        1 volume_leaf: Option<Leaf>,
        /// Snapshot part of an attached handle.
        1 snapshot: Option<Leaf>,
        /// Snapshot part of a detached handle: a dataset.
        1 detached_leaf: Option<Leaf>,
        /// Volume the snapshot was asked for.
        1 source_handle_leaf: Option<Leaf>,
        /// Namespace of the VolumeSnapshot.
        1 snapshot_namespace: Option<Namespace>,
        /// Name of the VolumeSnapshot.
        1 snapshot_name: Option<SnapshotName>,
        /// Uid of the VolumeSnapshot.
        1 snapshot_uid: Option<Uid>,
        /// Whether the snapshotter still has to delete the snapshot.
        1 has_bound_finalizer: Option<bool>,
        /// Whether the snapshotter notes that a snapshot is being made.
        1 is_being_created: Option<bool>,
        /// Whether the snapshotter notes that the object is being deleted.
        1 is_being_deleted: Option<bool>,
        /// Handle of the group it is a member of.
        1 group_handle: Option<Handle>,
        /// Velero backup it was made for, from a label.
        1 backup: Option<BackupName>,
        /// `status.readyToUse`.
        1 is_ready: bool,
        /// Whether `status.error` is set.
        1 has_error: bool,
        /// `status.creationTime`.
        1 taken_at: Option<Time>,
        /// `status.restoreSize`.
        1 restore_size_bytes: Option<i64>,
    }
}
