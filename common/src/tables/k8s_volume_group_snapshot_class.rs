//! Table `k8s_volume_group_snapshot_class`.

use super::code::ReclaimPolicy;
use crate::redact::{Driver, GroupSnapshotClass, Uid};
use crate::time::Time;

crate::table! {
    /// One group snapshot class.
    "k8s_volume_group_snapshot_class" as K8sVolumeGroupSnapshotClass in Cluster {
        /// Group snapshot class.
        1 [key] name: GroupSnapshotClass,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// CSI driver.
        1 driver: Driver,
        /// What happens to the snapshots when their object is deleted.
        1 deletion_policy: ReclaimPolicy,
        /// Annotated as default.
        1 is_default: bool,
    }
}
