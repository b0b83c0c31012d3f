//! Table `nas_smb_share`.

use super::code::SmbPurpose;
use crate::redact::{ApplianceId, DatasetPath, SmbName};

crate::table! {
    /// One SMB share.
    "nas_smb_share" as NasSmbShare in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id; reused by the appliance after deletion.
        1 [key] id: i64,
        /// Name of the share.
        1 name: SmbName,
        /// Shared path, without `/mnt/`; absent for a share of another server.
        1 path: Option<DatasetPath>,
        /// What it is for.
        1 purpose: SmbPurpose,
        /// Enabled.
        1 is_enabled: bool,
        /// Whether the dataset is locked.
        1 is_locked: Option<bool>,
        /// Read-only; absent where the version keeps it elsewhere.
        1 is_readonly: Option<bool>,
    }
}
