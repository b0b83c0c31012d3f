//! Table `nas_iscsi_target_extent`.

use crate::redact::ApplianceId;

crate::table! {
    /// The link between a target and an extent.
    "nas_iscsi_target_extent" as NasIscsiTargetExtent in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Target.
        1 target_id: i64,
        /// Extent.
        1 extent_id: i64,
        /// LUN.
        1 lun: Option<i64>,
    }
}
