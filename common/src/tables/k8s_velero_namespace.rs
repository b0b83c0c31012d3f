//! Table `k8s_velero_namespace`.

use crate::redact::{Namespace, Uid};

crate::table! {
    /// One namespace that a Velero backup or schedule includes or excludes.
    "k8s_velero_namespace" as K8sVeleroNamespace in Cluster {
        /// Uid of the backup or schedule.
        1 [key] owner_uid: Uid,
        /// Namespace.
        1 [key] namespace: Namespace,
        /// Whether it is left out.
        1 is_excluded: bool,
    }
}
