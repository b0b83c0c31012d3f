//! Table `k8s_kubelet_volume`.

use crate::redact::{Claim, Namespace};

crate::table! {
    /// The file system of one mounted claim as its node sees it, from metrics of the kubelet. A claim that no pod mounts
    /// and a block volume have none. The moment is `server_at` of the list, as a time here would make idle rows new.
    "k8s_kubelet_volume" as K8sKubeletVolume in Cluster {
        /// Namespace of the claim.
        1 [key] namespace: Namespace,
        /// Claim.
        1 [key] claim: Claim,
        /// Size; over NFS without a quota that of the whole file system of the appliance, to compare with the PV's.
        1 capacity_bytes: Option<i64>,
        /// Used space.
        1 used_bytes: Option<i64>,
        /// Free space for unprivileged writers.
        1 available_bytes: Option<i64>,
        /// Inodes; absent where the file system has no fixed number.
        1 n_inodes: Option<i64>,
        /// Used inodes.
        1 n_used_inodes: Option<i64>,
        /// Whether the driver calls the volume abnormal; absent unless it tells.
        1 is_abnormal: Option<bool>,
    }
}
