//! Table `nas_snapshot_task_exclude`.

use crate::redact::{ApplianceId, DatasetPath};

crate::table! {
    /// One dataset that a periodic snapshot task leaves out.
    "nas_snapshot_task_exclude" as NasSnapshotTaskExclude in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Task.
        1 [key] task_id: i64,
        /// Dataset.
        1 [key] dataset: DatasetPath,
    }
}
