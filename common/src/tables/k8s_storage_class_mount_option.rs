//! Table `k8s_storage_class_mount_option`.

use super::code::{MountOption, MountWord};
use crate::redact::StorageClass;

crate::table! {
    /// One mount option that a storage class gives to new volumes.
    "k8s_storage_class_mount_option" as K8sStorageClassMountOption in Cluster {
        /// Storage class.
        1 [key] storage_class: StorageClass,
        /// Name; all that are on no list are one row.
        1 [key] option: MountOption,
        /// Value of `vers`, `nfsvers` and `proto`.
        1 word: Option<MountWord>,
        /// Value of `rsize`, `wsize`, `nconnect`, `timeo` and `retrans`, in the unit of the option.
        1 n_value: Option<i64>,
    }
}
