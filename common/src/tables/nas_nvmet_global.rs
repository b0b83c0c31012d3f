//! Table `nas_nvmet_global`.

use crate::redact::{ApplianceId, Nqn};

crate::table! {
    /// Settings of the NVMe-oF service.
    "nas_nvmet_global" as NasNvmetGlobal in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Base name of the subsystems.
        1 base_nqn: Option<Nqn>,
        /// Both controllers of a pair serve every namespace.
        1 is_ana: Option<bool>,
        /// RDMA is on.
        1 is_rdma: Option<bool>,
    }
}
