//! Table `nas_iscsi_global`.

use crate::redact::{ApplianceId, IqnBase};

crate::table! {
    /// Settings of the iSCSI service.
    "nas_iscsi_global" as NasIscsiGlobal in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Base name of the targets.
        1 iqn_base: Option<IqnBase>,
        /// TCP port.
        1 listen_port: Option<i64>,
        /// Free space of a pool below which initiators are warned; absent when they are not.
        1 pool_available_percent: Option<i64>,
        /// Both controllers of a pair serve every target.
        1 is_alua: Option<bool>,
        /// iSCSI over RDMA.
        1 is_iser: Option<bool>,
        /// Name servers.
        1 n_isns_servers: i64,
    }
}
