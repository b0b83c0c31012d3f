//! Table `nas_iscsi_target_group`.

use super::code::IscsiAuth;
use crate::redact::ApplianceId;

crate::table! {
    /// One way into an iSCSI target: through which portals, for whom, and how they prove themselves.
    "nas_iscsi_target_group" as NasIscsiTargetGroup in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Target.
        1 [key] target_id: i64,
        /// Place in the list of the target, from 0.
        1 [key] group_ordinal: i64,
        /// Portal group.
        1 portal_id: Option<i64>,
        /// Initiator group; absent when every initiator may connect.
        1 initiator_id: Option<i64>,
        /// How initiators prove themselves.
        1 auth: IscsiAuth,
        /// Tag of the authorized access; its user and secret are never read.
        1 auth_tag_id: Option<i64>,
    }
}
