//! Table `nas_service`.

use super::code::Service;
use crate::redact::ApplianceId;

crate::table! {
    /// One service of the appliance.
    "nas_service" as NasService in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Service.
        1 [key] service: Service,
        /// Starts on boot.
        1 is_enabled: bool,
        /// Running.
        1 is_running: bool,
    }
}
