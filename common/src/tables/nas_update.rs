//! Table `nas_update`.

use super::code::UpdateProfile;
use crate::redact::ApplianceId;

crate::table! {
    /// How the appliance is updated. Asking whether there is an update would send it to the Internet.
    "nas_update" as NasUpdate in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Looks for updates by itself.
        1 is_checking: Option<bool>,
        /// Which updates it takes.
        1 profile: Option<UpdateProfile>,
    }
}
