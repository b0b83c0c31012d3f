//! Table `nas_iscsi_portal_address`.

use crate::redact::{ApplianceId, Host};

crate::table! {
    /// One address that an iSCSI portal group listens on; a wildcard stays readable.
    "nas_iscsi_portal_address" as NasIscsiPortalAddress in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Portal group.
        1 [key] portal_id: i64,
        /// Address.
        1 [key] host: Host,
        /// TCP port.
        1 [key] port: i64,
    }
}
