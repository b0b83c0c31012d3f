//! Table `nas_iscsi_extent`.

use super::code::ExtentKind;
use crate::redact::{ApplianceId, Asset, DatasetPath, Leaf, Uid};

crate::table! {
    /// One iSCSI extent.
    "nas_iscsi_extent" as NasIscsiExtent in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id; reused by the appliance after deletion.
        1 [key] id: i64,
        /// Extent name: cut, prefixed or reused, so never a join key for volumes.
        1 name: Asset,
        /// Zvol or file.
        1 kind: ExtentKind,
        /// Zvol behind the extent.
        1 disk_path: Option<DatasetPath>,
        /// Parent of that zvol.
        1 disk_parent: Option<DatasetPath>,
        /// Last component of that zvol.
        1 disk_leaf: Option<Leaf>,
        /// File behind the extent.
        1 file_path: Option<DatasetPath>,
        /// Claim uid inside the name.
        1 name_uuid: Option<Uid>,
        /// Whether the name has the length at which truenas-csi cuts.
        1 name_is_cut: bool,
        /// Enabled.
        1 is_enabled: bool,
        /// Whether the zvol is locked; absent where the version does not say.
        1 is_locked: Option<bool>,
        /// Read-only.
        1 is_readonly: bool,
        /// Logical block size.
        1 block_bytes: Option<i64>,
        /// Free space of the pool below which initiators are warned; absent when they are not.
        1 pool_available_percent: Option<i64>,
    }
}
