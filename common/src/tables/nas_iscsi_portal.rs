//! Table `nas_iscsi_portal`.

use super::code::IscsiAuth;
use crate::redact::ApplianceId;

crate::table! {
    /// One iSCSI portal group.
    "nas_iscsi_portal" as NasIscsiPortal in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id, as target groups name it.
        1 [key] id: i64,
        /// Portal group tag.
        1 tag_id: Option<i64>,
        /// Addresses that it listens on.
        1 n_addresses: i64,
        /// How discovery is authenticated; only releases up to 24.10 keep it with the portal.
        1 discovery_auth: Option<IscsiAuth>,
    }
}
