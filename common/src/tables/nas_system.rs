//! Table `nas_system`.

use crate::redact::{ApplianceId, Version};

crate::table! {
    /// The appliance itself.
    "nas_system" as NasSystem in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// TrueNAS version.
        1 version: Option<Version>,
        /// Whether the API of this version tells local, inherited and received apart.
        1 has_property_sources: bool,
    }
}
