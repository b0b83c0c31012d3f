//! Table `k8s_pv_mount_option`.

use super::code::{MountOption, MountWord};
use crate::redact::Leaf;

crate::table! {
    /// One mount option of a persistent volume, copied from its class when it was made.
    "k8s_pv_mount_option" as K8sPvMountOption in Cluster {
        /// PV.
        1 [key] pv: Leaf,
        /// Name; all that are on no list are one row.
        1 [key] option: MountOption,
        /// Value of `vers`, `nfsvers` and `proto`.
        1 word: Option<MountWord>,
        /// Value of `rsize`, `wsize`, `nconnect`, `timeo` and `retrans`, in the unit of the option.
        1 n_value: Option<i64>,
    }
}
