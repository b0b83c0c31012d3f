//! Table `k8s_storage_class`.

use super::code::{BindingMode, Compression, FileSystem, LifetimeUnit, Protocol, ReclaimPolicy};
use crate::redact::{DatasetPath, Driver, Schema, StorageClass, Uid};
use crate::time::Time;

crate::table! {
    /// One storage class; parameter values leave only for keys of a closed list.
    "k8s_storage_class" as K8sStorageClass in Cluster {
        /// Storage class.
        1 [key] name: StorageClass,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// CSI driver.
        1 provisioner: Driver,
        /// Reclaim policy of new volumes.
        1 reclaim_policy: ReclaimPolicy,
        /// When volumes are provisioned.
        1 binding_mode: BindingMode,
        /// `allowVolumeExpansion`.
        1 is_expandable: bool,
        /// Whether `mountOptions` hold `discard`.
        1 has_discard: Option<bool>,
        /// Annotated as default.
        1 is_default: bool,
        /// Parameter `protocol` of truenas-csi.
        1 protocol: Protocol,
        /// Parameters `pool` and `datasetPath` of truenas-csi.
        1 dataset_parent: Option<DatasetPath>,
        /// Parameter `fsType` or `csi.storage.k8s.io/fstype`.
        1 file_system: Option<FileSystem>,
        /// Parameter `sparse` of truenas-csi: without it zvols are thick.
        1 is_sparse: Option<bool>,
        /// Parameter `detachedVolumesFromSnapshots` of democratic-csi: restores are copies, not clones.
        1 is_detached_from_snapshot: Option<bool>,
        /// Parameter `detachedVolumesFromVolumes` of democratic-csi: clones of claims are copies.
        1 is_detached_from_volume: Option<bool>,
        /// Parameter `encryption` of truenas-csi.
        1 is_encrypted: Option<bool>,
        /// Parameter `compression` of truenas-csi.
        1 compression: Option<Compression>,
        /// Parameter `volblocksize` of truenas-csi.
        1 volblocksize_bytes: Option<i64>,
        /// Parameter `snapshot.schedule` of truenas-csi: a task for each new volume, but not for restored ones.
        1 has_snapshot_schedule: Option<bool>,
        /// Longest time between two runs of it; absent when it cannot be read.
        1 snapshot_gap_secs: Option<i64>,
        /// Parameter `snapshot.naming`: the naming schema of these tasks.
        1 snapshot_schema: Option<Schema>,
        /// Parameter `snapshot.retention`, in units.
        1 n_snapshot_lifetime_units: Option<i64>,
        /// Parameter `snapshot.retentionUnit`.
        1 snapshot_lifetime_unit: Option<LifetimeUnit>,
        /// Parameter `snapshot.recursive`.
        1 is_snapshot_recursive: Option<bool>,
        /// Parameters that are on no list and name no Secret; keys and values stay on site.
        1 n_other_parameters: Option<i64>,
        /// Whether a parameter whose key names a secret has a value.
        1 has_secret_parameter: bool,
    }
}
