//! Table `k8s_csi_storage_capacity`.

use crate::redact::{Driver, StorageClass, Uid};
use crate::time::Time;

crate::table! {
    /// Capacity that a driver reports for one class and one part of the cluster.
    "k8s_csi_storage_capacity" as K8sCsiStorageCapacity in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Storage class.
        1 storage_class: StorageClass,
        /// Driver that reports, from a label of external-provisioner.
        1 driver: Option<Driver>,
        /// Creation.
        1 created_at: Time,
        /// `capacity`.
        1 capacity_bytes: Option<i64>,
        /// `maximumVolumeSize`.
        1 maximum_volume_bytes: Option<i64>,
        /// Whether it holds for some nodes only.
        1 is_limited_to_nodes: bool,
    }
}
