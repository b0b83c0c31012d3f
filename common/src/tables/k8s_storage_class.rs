//! Table `k8s_storage_class`.

use super::code::{BindingMode, Protocol, ReclaimPolicy};
use crate::redact::{DatasetPath, Driver, StorageClass, Uid};
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
        /// Whether a parameter whose key names a secret has a value.
        1 has_secret_parameter: bool,
    }
}
