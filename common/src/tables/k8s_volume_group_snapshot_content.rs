//! Table `k8s_volume_group_snapshot_content`.

use super::code::ReclaimPolicy;
use crate::redact::{Driver, GroupSnapshotClass, Handle, Uid};
use crate::time::Time;

crate::table! {
    /// One group snapshot content.
    "k8s_volume_group_snapshot_content" as K8sVolumeGroupSnapshotContent in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Creation of the object.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// CSI driver.
        1 driver: Driver,
        /// Group snapshot class.
        1 group_class: Option<GroupSnapshotClass>,
        /// Delete or Retain.
        1 deletion_policy: ReclaimPolicy,
        /// Uid of the group snapshot.
        1 group_snapshot_uid: Option<Uid>,
        /// Handle of the group, as its members name it.
        1 group_handle: Option<Handle>,
        /// Members.
        1 n_members: i64,
        /// `status.readyToUse`.
        1 is_ready: bool,
        /// Whether `status.error` is set.
        1 has_error: bool,
        /// `status.creationTime`.
        1 taken_at: Option<Time>,
    }
}
