//! Table `k8s_node_address`.

use crate::redact::{Host, Network, NodeName};

crate::table! {
    /// One address of a node, to explain consumers seen by the appliance.
    "k8s_node_address" as K8sNodeAddress in Cluster {
        /// Node.
        1 [key] node: NodeName,
        /// Address or name.
        1 [key] host: Host,
        /// Its network, where the network plugin writes the mask on the node.
        1 network: Option<Network>,
    }
}
