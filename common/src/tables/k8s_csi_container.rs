//! Table `k8s_csi_container`.

use super::code::CsiRole;
use crate::redact::{Driver, Namespace, Uid, Version};

crate::table! {
    /// One known container in the pod template of a CSI driver; of its arguments only a closed list is looked at.
    "k8s_csi_container" as K8sCsiContainer in Cluster {
        /// Uid of the workload.
        1 [key] workload_uid: Uid,
        /// What the container is.
        1 [key] role: CsiRole,
        /// Namespace of the workload.
        1 namespace: Namespace,
        /// Driver that the pod serves.
        1 driver: Option<Driver>,
        /// Version in the tag of the image.
        1 version: Option<Version>,
        /// Whether the tag can move: none, `latest`, `next` or the like.
        1 has_floating_tag: bool,
        /// `--timeout`.
        1 timeout_secs: Option<i64>,
        /// `--worker-threads`.
        1 n_worker_threads: Option<i64>,
        /// Feature gate HonorPVReclaimPolicy, when it is given.
        1 is_honoring_reclaim_policy: Option<bool>,
        /// `--volume-name-uuid-length`, when names are cut.
        1 uuid_length_chars: Option<i64>,
        /// Whether `--volume-name-prefix` differs from `pvc`.
        1 is_prefix_changed: bool,
    }
}
