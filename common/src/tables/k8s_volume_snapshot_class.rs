//! Table `k8s_volume_snapshot_class`.

use super::code::ReclaimPolicy;
use crate::redact::{Driver, SnapshotClass, Uid};
use crate::time::Time;

crate::table! {
    /// One volume snapshot class; parameter values leave only for keys of a closed list.
    "k8s_volume_snapshot_class" as K8sVolumeSnapshotClass in Cluster {
        /// Snapshot class.
        1 [key] name: SnapshotClass,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// CSI driver.
        1 driver: Driver,
        /// What happens to the snapshot when its object is deleted.
        1 deletion_policy: ReclaimPolicy,
        /// Annotated as default.
        1 is_default: bool,
        /// Parameter `detachedSnapshots` of democratic-csi.
        1 is_detached: bool,
        /// Labelled for Velero.
        1 has_velero_label: bool,
        /// Parameters that are on no list and name no Secret; keys and values stay on site.
        1 n_other_parameters: Option<i64>,
        /// Whether a parameter whose key names a secret has a value.
        1 has_secret_parameter: bool,
    }
}
