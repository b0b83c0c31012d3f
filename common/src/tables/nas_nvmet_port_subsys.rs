//! Table `nas_nvmet_port_subsys`.

use crate::redact::ApplianceId;

crate::table! {
    /// The link between an NVMe-oF port and a subsystem.
    "nas_nvmet_port_subsys" as NasNvmetPortSubsys in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Port.
        1 port_id: Option<i64>,
        /// Subsystem.
        1 subsys_id: Option<i64>,
    }
}
