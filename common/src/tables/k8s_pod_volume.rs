//! Table `k8s_pod_volume`.

use crate::redact::{Claim, Namespace, NodeName, Uid};

crate::table! {
    /// One claim that a pod names among its volumes.
    "k8s_pod_volume" as K8sPodVolume in Cluster {
        /// Uid of the pod.
        1 [key] pod_uid: Uid,
        /// Claim.
        1 [key] claim: Claim,
        /// Namespace of both.
        1 namespace: Namespace,
        /// Node of the pod.
        1 node: Option<NodeName>,
        /// Whether the claim lives and dies with the pod.
        1 is_ephemeral: bool,
        /// Whether every use in the pod is read-only.
        1 is_read_only: bool,
    }
}
