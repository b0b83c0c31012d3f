//! Table `k8s_volume_snapshot`.

use crate::redact::{
    BackupName, Claim, ContentName, GroupSnapshotName, Namespace, SnapshotClass, SnapshotName, Uid,
};
use crate::time::Time;

crate::table! {
    /// One volume snapshot.
    "k8s_volume_snapshot" as K8sVolumeSnapshot in Cluster {
        /// Namespace.
        1 [key] namespace: Namespace,
        /// Snapshot.
        1 [key] name: SnapshotName,
        /// Uid.
        1 uid: Uid,
        /// Creation of the object.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// Bound content.
        1 content: Option<ContentName>,
        /// Snapshot class.
        1 class: Option<SnapshotClass>,
        /// Claim that was snapshotted.
        1 source_claim: Option<Claim>,
        /// Whether its content keeps it from being deleted.
        1 has_bound_finalizer: Option<bool>,
        /// Whether a restore keeps it from being deleted.
        1 has_source_finalizer: Option<bool>,
        /// Group snapshot it is a member of.
        1 group_snapshot: Option<GroupSnapshotName>,
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
