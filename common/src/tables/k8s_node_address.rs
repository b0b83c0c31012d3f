//! Table `k8s_node_address`.

use crate::redact::{Host, NodeName};

crate::table! {
    /// One address of a node, to explain consumers seen by the appliance.
    "k8s_node_address" as K8sNodeAddress in Cluster {
        /// Node.
        1 [key] node: NodeName,
        /// Address or name.
        1 [key] host: Host,
    }
}
