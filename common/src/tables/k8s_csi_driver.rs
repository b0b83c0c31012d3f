//! Table `k8s_csi_driver`.

use super::code::FsGroupPolicy;
use crate::redact::{Driver, Uid};
use crate::time::Time;

crate::table! {
    /// One registered CSI driver.
    "k8s_csi_driver" as K8sCsiDriver in Cluster {
        /// CSI driver.
        1 [key] name: Driver,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// Whether volumes are attached before they are mounted.
        1 is_attach_required: bool,
        /// Whether the driver is told about pods.
        1 has_pod_info: bool,
        /// Whether the scheduler looks at reported capacity.
        1 has_storage_capacity: bool,
        /// Whether volumes are published again from time to time.
        1 is_republished: bool,
        /// When volumes get the group of a pod.
        1 fs_group_policy: FsGroupPolicy,
        /// Lifecycle mode Persistent.
        1 is_persistent: bool,
        /// Lifecycle mode Ephemeral.
        1 is_ephemeral: bool,
    }
}
