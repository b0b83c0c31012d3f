//! Table `nas_nvmet_session`.

use crate::redact::{ApplianceId, Host, Nqn};

crate::table! {
    /// Live connections of one host with one NVMe-oF subsystem.
    "nas_nvmet_session" as NasNvmetSession in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Subsystem.
        1 [key] subsys_id: i64,
        /// Port; absent when the appliance does not say.
        1 [key] port_id: Option<i64>,
        /// NQN of the host.
        1 [key] host_nqn: Nqn,
        /// Address of the host.
        1 [key] host: Option<Host>,
        /// Controllers: one a path.
        1 n_sessions: i64,
    }
}
