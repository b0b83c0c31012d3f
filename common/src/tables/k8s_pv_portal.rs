//! Table `k8s_pv_portal`.

use crate::redact::{Host, Leaf};

crate::table! {
    /// One portal of a persistent volume.
    "k8s_pv_portal" as K8sPvPortal in Cluster {
        /// PV name.
        1 [key] pv: Leaf,
        /// Address or name of the portal.
        1 [key] host: Host,
        /// TCP port.
        1 [key] port: i64,
    }
}
