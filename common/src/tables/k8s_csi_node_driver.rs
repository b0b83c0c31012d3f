//! Table `k8s_csi_node_driver`.

use crate::redact::{Driver, NodeName};

crate::table! {
    /// One CSI driver on one node.
    "k8s_csi_node_driver" as K8sCsiNodeDriver in Cluster {
        /// Node.
        1 [key] node: NodeName,
        /// CSI driver.
        1 [key] driver: Driver,
        /// Volumes that the node can use at once.
        1 n_allocatable_volumes: Option<i64>,
        /// Topology keys.
        1 n_topology_keys: i64,
    }
}
