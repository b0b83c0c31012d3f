//! Table `k8s_volume_group_snapshot`.

use crate::redact::{GroupSnapshotClass, GroupSnapshotName, Namespace, Uid};
use crate::time::Time;

crate::table! {
    /// One group snapshot.
    "k8s_volume_group_snapshot" as K8sVolumeGroupSnapshot in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Namespace.
        1 namespace: Namespace,
        /// Group snapshot.
        1 name: GroupSnapshotName,
        /// Creation of the object.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// Group snapshot class.
        1 group_class: Option<GroupSnapshotClass>,
        /// Whether a content is bound.
        1 is_bound: bool,
        /// `status.readyToUse`.
        1 is_ready: bool,
        /// Whether `status.error` is set.
        1 has_error: bool,
        /// `status.creationTime`.
        1 taken_at: Option<Time>,
    }
}
