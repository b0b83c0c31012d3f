//! Table `nas_iscsi_target`.

use crate::redact::{ApplianceId, Asset, DatasetPath, IqnBase, Uid};

crate::table! {
    /// One iSCSI target.
    "nas_iscsi_target" as NasIscsiTarget in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id; reused by the appliance after deletion.
        1 [key] id: i64,
        /// Target name.
        1 name: Asset,
        /// Full IQN before the first colon.
        1 iqn_base: Option<IqnBase>,
        /// Full IQN after the first colon.
        1 iqn_suffix: Option<Asset>,
        /// Volume named by the alias that truenas-csi writes.
        1 alias_path: Option<DatasetPath>,
        /// Claim uid inside the name.
        1 name_uuid: Option<Uid>,
        /// Portal groups.
        1 n_groups: i64,
        /// Only some networks may connect; absent where the version does not say.
        1 is_network_limited: Option<bool>,
    }
}
