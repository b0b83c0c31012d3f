//! Table `nas_nfs_share`.

use super::code::{CommentForm, UserMap};
use crate::redact::{ApplianceId, DatasetPath, Driver};

crate::table! {
    /// One exported path of an NFS share.
    "nas_nfs_share" as NasNfsShare in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id; reused by the appliance after deletion.
        1 [key] id: i64,
        /// Exported path, without `/mnt/`.
        1 [key] path: DatasetPath,
        /// Enabled.
        1 is_enabled: bool,
        /// Whether the dataset is locked.
        1 is_locked: Option<bool>,
        /// Read-only.
        1 is_readonly: bool,
        /// Whether anybody may mount it: neither hosts nor networks are named, or one of them is everybody.
        1 is_open: bool,
        /// Whom root becomes.
        1 maproot: UserMap,
        /// Whom everybody becomes.
        1 mapall: UserMap,
        /// Which software wrote the comment.
        1 comment_form: CommentForm,
        /// CSI driver named in the comment.
        1 comment_driver: Option<Driver>,
        /// Dataset named in the comment.
        1 comment_path: Option<DatasetPath>,
    }
}
