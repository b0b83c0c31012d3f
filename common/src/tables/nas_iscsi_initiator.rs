//! Table `nas_iscsi_initiator`.

use super::code::CommentForm;
use crate::redact::{ApplianceId, DatasetPath};

crate::table! {
    /// One iSCSI initiator group.
    "nas_iscsi_initiator" as NasIscsiInitiator in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id, as target groups name it.
        1 [key] id: i64,
        /// Every initiator may connect.
        1 is_open: bool,
        /// Initiators that may connect.
        1 n_initiators: i64,
        /// Which software wrote the comment.
        1 comment_form: CommentForm,
        /// Volume named in the comment.
        1 comment_path: Option<DatasetPath>,
    }
}
