//! Table `nas_nvmet_host_subsys`.

use crate::redact::{ApplianceId, Nqn};

crate::table! {
    /// One host that an NVMe-oF subsystem lets in. Keys of hosts are never read.
    "nas_nvmet_host_subsys" as NasNvmetHostSubsys in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Host.
        1 host_id: Option<i64>,
        /// NQN of the host.
        1 host_nqn: Option<Nqn>,
        /// Subsystem.
        1 subsys_id: Option<i64>,
    }
}
