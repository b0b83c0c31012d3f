//! Table `nas_nvmet_port`.

use super::code::NvmeTransport;
use crate::redact::{ApplianceId, Host};

crate::table! {
    /// One NVMe-oF port.
    "nas_nvmet_port" as NasNvmetPort in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Transport.
        1 transport: NvmeTransport,
        /// Address; a wildcard stays readable.
        1 host: Option<Host>,
        /// Port number; absent on Fibre Channel.
        1 port: Option<i64>,
        /// Enabled.
        1 is_enabled: bool,
    }
}
