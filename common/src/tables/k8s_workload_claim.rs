//! Table `k8s_workload_claim`.

use super::code::AccessMode;
use crate::redact::{Namespace, Stem, StorageClass, Uid};

crate::table! {
    /// One claim template of a stateful set.
    "k8s_workload_claim" as K8sWorkloadClaim in Cluster {
        /// Uid of the stateful set.
        1 [key] workload_uid: Uid,
        /// Names of its claims without their ordinal.
        1 [key] stem: Stem,
        /// Namespace.
        1 namespace: Namespace,
        /// Storage class.
        1 storage_class: Option<StorageClass>,
        /// `spec.resources.requests.storage`.
        1 request_bytes: Option<i64>,
        /// The widest access mode asked for.
        1 access_mode: AccessMode,
    }
}
