//! Table `k8s_infrastructure`.

use super::code::{NodeTopology, Platform};
use crate::redact::Uid;

crate::table! {
    /// What an OpenShift cluster runs on.
    "k8s_infrastructure" as K8sInfrastructure in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Platform.
        1 platform: Platform,
        /// Spread of the control plane.
        1 control_plane_topology: Option<NodeTopology>,
        /// Spread of infrastructure services.
        1 infrastructure_topology: Option<NodeTopology>,
    }
}
