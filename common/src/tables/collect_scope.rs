//! Table `collect_scope`.

use crate::redact::{ClusterName, DatasetPath};

crate::table! {
    /// A parent dataset and a cluster that may own volumes below it, as the operator declared them.
    "collect_scope" as CollectScope in Bundle {
        /// Parent dataset of CSI volumes.
        1 [key] parent: DatasetPath,
        /// A cluster that provisions below the parent.
        1 [key] cluster: ClusterName,
        /// Whether the operator declares that no other cluster does.
        1 is_complete: bool,
    }
}
