//! Table `nas_iscsi_session`.

use crate::redact::{ApplianceId, Asset, Host, IqnBase};

crate::table! {
    /// Live sessions of one initiator with one target. A pair of controllers tells those of the asked one only.
    "nas_iscsi_session" as NasIscsiSession in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// IQN of the target before the first colon.
        1 [key] iqn_base: IqnBase,
        /// IQN of the target after the first colon.
        1 [key] iqn_suffix: Option<Asset>,
        /// IQN of the initiator before the first colon.
        1 [key] initiator_base: IqnBase,
        /// IQN of the initiator after the first colon.
        1 [key] initiator_suffix: Option<Asset>,
        /// Address of the initiator.
        1 [key] host: Option<Host>,
        /// Sessions: one a path.
        1 n_sessions: i64,
    }
}
