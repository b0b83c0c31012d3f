//! Table `k8s_cluster`.

use crate::redact::{ClusterName, Uid, Version};

crate::table! {
    /// The cluster itself.
    "k8s_cluster" as K8sCluster in Cluster {
        /// Uid of the namespace kube-system.
        1 [key] uid: Uid,
        /// Name the operator gave to the cluster.
        1 name: ClusterName,
        /// Kubernetes version of the API server.
        1 version: Option<Version>,
        /// Whether `config.openshift.io` is served.
        1 is_openshift: bool,
    }
}
