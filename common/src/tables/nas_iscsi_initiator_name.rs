//! Table `nas_iscsi_initiator_name`.

use crate::redact::{ApplianceId, Asset, IqnBase};

crate::table! {
    /// One initiator that an initiator group lets in.
    "nas_iscsi_initiator_name" as NasIscsiInitiatorName in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Initiator group.
        1 [key] initiator_id: i64,
        /// IQN of the initiator before the first colon.
        1 [key] iqn_base: IqnBase,
        /// IQN of the initiator after the first colon.
        1 [key] iqn_suffix: Option<Asset>,
    }
}
