//! Table `nas_address`.

use super::code::AddressOrigin;
use crate::redact::{ApplianceId, Host};

crate::table! {
    /// One address by which nodes reach the appliance.
    "nas_address" as NasAddress in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Address or name.
        1 [key] host: Host,
        /// Where the address is known from.
        1 origin: AddressOrigin,
    }
}
