//! Table `nas_pool_class`.

use crate::redact::{ApplianceId, DatasetPath};

crate::table! {
    /// Figures of a pool that only releases from 26 on tell. Those called usable are after parity.
    "nas_pool_class" as NasPoolClass in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Pool.
        1 [key] pool: DatasetPath,
        /// Usable size of the normal class.
        1 usable_bytes: Option<i64>,
        /// Usable space in use.
        1 usable_used_bytes: Option<i64>,
        /// Usable space that is free.
        1 usable_available_bytes: Option<i64>,
        /// Usable size of the special class.
        1 special_usable_bytes: Option<i64>,
        /// Usable space of the special class in use.
        1 special_used_bytes: Option<i64>,
        /// Space that is lost.
        1 leaked_bytes: Option<i64>,
        /// Space that a checkpoint holds.
        1 checkpoint_bytes: Option<i64>,
        /// Space that grown disks would add.
        1 expand_bytes: Option<i64>,
        /// Space that cloned blocks refer to.
        1 cloned_bytes: Option<i64>,
        /// Space that cloning saves.
        1 clone_saved_bytes: Option<i64>,
        /// Size of the deduplication table.
        1 dedup_table_bytes: Option<i64>,
    }
}
