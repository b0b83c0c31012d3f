//! Table `zfs_snapshot`.

use super::code::{PropertySource, SnapshotOrigin};
use crate::redact::{ApplianceId, DatasetPath, FlatPath, Guid, Leaf, Schema, Uid};
use crate::time::Time;

crate::table! {
    /// One snapshot.
    "zfs_snapshot" as ZfsSnapshot in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Dataset.
        1 [key] dataset: DatasetPath,
        /// Text after `@`.
        1 [key] name: Leaf,
        /// Parent of the dataset.
        1 dataset_parent: Option<DatasetPath>,
        /// Last component of the dataset.
        1 dataset_leaf: Leaf,
        /// Who makes snapshots of this name.
        1 class: SnapshotOrigin,
        /// Naming schema of the task it matches.
        1 schema: Option<Schema>,
        /// Snapshot uid inside the name.
        1 uuid: Option<Uid>,
        /// ZFS guid: follows a promoted or replicated snapshot.
        1 guid: Option<Guid>,
        /// Transaction group of creation.
        1 created_txg: i64,
        /// Creation.
        1 created_at: Option<Time>,
        /// Bytes that only this snapshot holds.
        1 used_bytes: Option<i64>,
        /// Bytes it refers to.
        1 referenced_bytes: Option<i64>,
        /// Bytes written since the snapshot before it.
        1 written_bytes: Option<i64>,
        /// Holds (`userrefs`).
        1 n_holds: Option<i64>,
        /// Marked for destruction when the last clone goes.
        1 is_defer_destroy: Option<bool>,
        /// `democratic-csi:csi_snapshot_name`.
        1 csi_snapshot_name: Option<Leaf>,
        /// Its source.
        1 csi_snapshot_name_source: Option<PropertySource>,
        /// `democratic-csi:csi_snapshot_source_volume_id`.
        1 source_volume: Option<Leaf>,
        /// Volume inside `volume-source-for-volume-`.
        1 ref_leaf: Option<Leaf>,
        /// Snapshot inside `volume-source-for-snapshot-`.
        1 ref_snapshot: Option<Leaf>,
        /// Volume inside `csi-clone-`.
        1 flat: Option<FlatPath>,
    }
}
