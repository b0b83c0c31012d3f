//! Table `nas_nfs_share_network`.

use crate::redact::{ApplianceId, Host, Network};

crate::table! {
    /// One client that a share is restricted to: a network, or a host by name. A share without a row is open.
    "nas_nfs_share_network" as NasNfsShareNetwork in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Share.
        1 [key] share_id: i64,
        /// Network; that of one address for a host that is given by it. Absent for a name.
        1 [key] network: Option<Network>,
        /// Host, as nodes have it among their addresses. Absent for a network of several.
        1 [key] host: Option<Host>,
        /// Bits that all addresses of the network share.
        1 prefix_bits: Option<i64>,
    }
}
