//! Table `nas_nvmet_subsys`.

use crate::redact::{ApplianceId, Asset, Nqn, Uid};

crate::table! {
    /// One NVMe-oF subsystem.
    "nas_nvmet_subsys" as NasNvmetSubsys in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id; reused by the appliance after deletion.
        1 [key] id: i64,
        /// Name.
        1 name: Asset,
        /// NQN, as volumes name it.
        1 nqn: Option<Nqn>,
        /// Claim uid inside the name.
        1 name_uuid: Option<Uid>,
        /// Every host may connect.
        1 is_open: bool,
    }
}
