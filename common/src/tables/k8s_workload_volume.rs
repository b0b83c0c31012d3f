//! Table `k8s_workload_volume`.

use crate::redact::{Claim, Namespace, Uid};

crate::table! {
    /// One claim that the pod template of a workload names: in use even when no pod runs.
    "k8s_workload_volume" as K8sWorkloadVolume in Cluster {
        /// Uid of the workload.
        1 [key] workload_uid: Uid,
        /// Claim.
        1 [key] claim: Claim,
        /// Namespace of both.
        1 namespace: Namespace,
    }
}
