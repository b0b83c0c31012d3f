//! Table `nas_address`.

use super::code::AddressOrigin;
use crate::redact::{ApplianceId, Host, Network};

crate::table! {
    /// One address by which nodes reach the appliance.
    "nas_address" as NasAddress in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Address or name.
        1 [key] host: Host,
        /// Where the address is known from.
        1 origin: AddressOrigin,
        /// Its network, when the configuration declares the address as `ADDRESS/BITS`: interfaces of the appliance, which
        /// know masks, are not read.
        1 network: Option<Network>,
    }
}
