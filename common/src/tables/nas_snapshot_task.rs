//! Table `nas_snapshot_task`.

use super::code::{LifetimeUnit, TaskState};
use crate::redact::{ApplianceId, DatasetPath, Schema};
use crate::time::Time;

crate::table! {
    /// One periodic snapshot task.
    "nas_snapshot_task" as NasSnapshotTask in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Dataset.
        1 dataset: DatasetPath,
        /// Everything below the dataset too.
        1 is_recursive: bool,
        /// Datasets that are left out.
        1 n_excluded: i64,
        /// Naming schema.
        1 schema: Option<Schema>,
        /// Retention, in units.
        1 n_lifetime_units: Option<i64>,
        /// Unit of the retention.
        1 lifetime_unit: Option<LifetimeUnit>,
        /// Longest time between two runs; absent when the schedule cannot be read.
        1 longest_gap_secs: Option<i64>,
        /// Enabled.
        1 is_enabled: bool,
        /// Snapshots are taken of unchanged datasets too.
        1 is_empty_allowed: Option<bool>,
        /// How the last run stands.
        1 state: Option<TaskState>,
        /// When the state was reached.
        1 state_at: Option<Time>,
    }
}
