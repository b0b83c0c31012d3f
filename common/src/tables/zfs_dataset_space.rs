//! Table `zfs_dataset_space`.

use crate::redact::{ApplianceId, DatasetPath};

crate::table! {
    /// Space counters of one dataset; `used = children + dataset + refreservation + snapshots`.
    "zfs_dataset_space" as ZfsDatasetSpace in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Dataset.
        1 [key] path: DatasetPath,
        /// `used`.
        1 used_bytes: Option<i64>,
        /// `usedbydataset`.
        1 used_by_dataset_bytes: Option<i64>,
        /// `usedbysnapshots`.
        1 used_by_snapshots_bytes: Option<i64>,
        /// `usedbychildren`.
        1 used_by_children_bytes: Option<i64>,
        /// `usedbyrefreservation`.
        1 used_by_refreservation_bytes: Option<i64>,
        /// `referenced`.
        1 referenced_bytes: Option<i64>,
        /// `logicalused`.
        1 logical_used_bytes: Option<i64>,
        /// `written`: since the newest snapshot.
        1 written_bytes: Option<i64>,
        /// `available`, of pool roots only: elsewhere it moves whenever anybody writes to the pool.
        1 available_bytes: Option<i64>,
    }
}
