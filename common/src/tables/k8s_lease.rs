//! Table `k8s_lease`.

use super::code::CsiRole;
use crate::redact::{Driver, Namespace, PodName, Uid};
use crate::time::Time;

crate::table! {
    /// One lease by which the sidecars of a CSI driver, or the snapshot-controller, elect their leader. Leases of nodes and
    /// of other software are not kept, and names of leases stay on site: what they say is the role and the driver.
    "k8s_lease" as K8sLease in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Namespace.
        1 namespace: Namespace,
        /// Driver that the sidecar serves; absent for the snapshot-controller, which serves all.
        1 driver: Option<Driver>,
        /// Which sidecar elects by this lease.
        1 role: CsiRole,
        /// Whether somebody holds it; a sidecar that ends well gives it back.
        1 is_held: bool,
        /// Name of the pod that holds it. Absent when the holder goes by a number, as external-provisioner does. A pod on
        /// the network of its host goes by the name of its host, and so is found in no list of pods.
        1 holder: Option<PodName>,
        /// When the holder took it, by the holder's clock.
        1 acquired_at: Option<Time>,
        /// When the holder last renewed it, by the holder's clock.
        1 renewed_at: Option<Time>,
        /// When it was last written, by the API server's clock. Servers that do not note each renewal show an older time.
        1 written_at: Option<Time>,
        /// How long it is valid after it was renewed.
        1 duration_secs: Option<i64>,
        /// How often another holder took it.
        1 n_transitions: Option<i64>,
    }
}
