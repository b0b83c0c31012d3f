//! Table `k8s_cluster_version`.

use super::code::UpdateChannel;
use crate::redact::{Uid, Version};
use crate::time::Time;

crate::table! {
    /// Version and update state of an OpenShift cluster.
    "k8s_cluster_version" as K8sClusterVersion in Cluster {
        /// `spec.clusterID`.
        1 [key] cluster_uid: Uid,
        /// Installed version.
        1 version: Option<Version>,
        /// When its installation was finished.
        1 installed_at: Option<Time>,
        /// Stream of updates, without its version.
        1 channel: Option<UpdateChannel>,
        /// Condition Available.
        1 is_available: Option<bool>,
        /// Condition Progressing.
        1 is_progressing: Option<bool>,
        /// Condition Failing.
        1 is_failing: Option<bool>,
        /// Condition Upgradeable.
        1 is_upgradeable: Option<bool>,
    }
}
