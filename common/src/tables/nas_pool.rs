//! Table `nas_pool`.

use super::code::{PoolLayout, PoolStatus, ScanFunction, ScanState};
use crate::redact::{ApplianceId, DatasetPath, Guid};
use crate::time::Time;

crate::table! {
    /// One pool. Sizes are raw: before parity.
    "nas_pool" as NasPool in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Pool.
        1 [key] name: DatasetPath,
        /// Pool guid.
        1 guid: Guid,
        /// Status.
        1 status: PoolStatus,
        /// Healthy.
        1 is_healthy: bool,
        /// Raw size; absent while offline.
        1 size_bytes: Option<i64>,
        /// Raw allocation.
        1 allocated_bytes: Option<i64>,
        /// Raw free space.
        1 free_bytes: Option<i64>,
        /// Space that an asynchronous destroy still returns.
        1 freeing_bytes: Option<i64>,
        /// Fragmentation of free space.
        1 fragmentation_percent: Option<i64>,
        /// Layout of the data vdevs.
        1 layout: PoolLayout,
        /// Data vdevs.
        1 n_data_vdevs: i64,
        /// Last scrub or resilver.
        1 scan_function: Option<ScanFunction>,
        /// Its state.
        1 scan_state: Option<ScanState>,
        /// When it ended.
        1 scan_ended_at: Option<Time>,
        /// When it began.
        1 scan_started_at: Option<Time>,
        /// How far it is.
        1 scan_percent: Option<i64>,
        /// Errors it found.
        1 n_scan_errors: Option<i64>,
        /// It is paused.
        1 is_scan_paused: Option<bool>,
        /// State of the last expansion of a RAIDZ vdev.
        1 expand_state: Option<ScanState>,
        /// Freed blocks are told to the disks.
        1 is_autotrim: Option<bool>,
        /// Size of the deduplication table.
        1 dedup_table_bytes: Option<i64>,
    }
}
