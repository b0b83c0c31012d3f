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
    }
}
