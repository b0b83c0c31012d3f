//! Table `k8s_node`.

use crate::redact::{NodeName, Uid, Version};
use crate::time::Time;

crate::table! {
    /// One node.
    "k8s_node" as K8sNode in Cluster {
        /// Node.
        1 [key] name: NodeName,
        /// Uid.
        1 uid: Uid,
        /// When the node joined.
        1 created_at: Time,
        /// Condition Ready.
        1 is_ready: bool,
        /// Kubelet version.
        1 kubelet_version: Option<Version>,
    }
}
