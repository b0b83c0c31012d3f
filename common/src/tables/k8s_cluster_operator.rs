//! Table `k8s_cluster_operator`.

use super::code::PlatformOperator;
use crate::redact::Version;
use crate::time::Time;

crate::table! {
    /// Health of one operator that storage depends on.
    "k8s_cluster_operator" as K8sClusterOperator in Cluster {
        /// Operator.
        1 [key] operator: PlatformOperator,
        /// Its version.
        1 version: Option<Version>,
        /// Condition Available.
        1 is_available: Option<bool>,
        /// Condition Progressing.
        1 is_progressing: Option<bool>,
        /// Condition Degraded.
        1 is_degraded: Option<bool>,
        /// The newest change of these conditions.
        1 changed_at: Option<Time>,
    }
}
