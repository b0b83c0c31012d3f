//! Table `nas_scrub_task`.

use crate::redact::{ApplianceId, DatasetPath};

crate::table! {
    /// When a pool is scrubbed.
    "nas_scrub_task" as NasScrubTask in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Pool.
        1 pool: DatasetPath,
        /// A run is skipped when the last scrub is younger than this.
        1 threshold_days: Option<i64>,
        /// Longest time between two runs; absent when the schedule cannot be read.
        1 longest_gap_secs: Option<i64>,
        /// Enabled.
        1 is_enabled: bool,
    }
}
