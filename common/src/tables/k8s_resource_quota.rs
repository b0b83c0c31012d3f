//! Table `k8s_resource_quota`.

use super::code::QuotaResource;
use crate::redact::{Namespace, StorageClass, Uid};

crate::table! {
    /// One limit on storage of a resource quota.
    "k8s_resource_quota" as K8sResourceQuota in Cluster {
        /// Uid of the quota.
        1 [key] uid: Uid,
        /// What is limited.
        1 [key] resource: QuotaResource,
        /// Storage class the limit is for; absent when it is for all.
        1 [key] storage_class: Option<StorageClass>,
        /// Namespace.
        1 namespace: Namespace,
        /// Limit on sizes.
        1 hard_bytes: Option<i64>,
        /// Sizes in use.
        1 used_bytes: Option<i64>,
        /// Limit on the number of objects.
        1 n_hard: Option<i64>,
        /// Objects in use.
        1 n_used: Option<i64>,
    }
}
