//! Table `k8s_data_volume`.

use super::code::{DataVolumePhase, WorkloadKind};
use crate::redact::{Claim, Namespace, Uid};
use crate::time::Time;

crate::table! {
    /// One data volume of KubeVirt; its claim has its name.
    "k8s_data_volume" as K8sDataVolume in Cluster {
        /// Namespace.
        1 [key] namespace: Namespace,
        /// Claim.
        1 [key] claim: Claim,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// `status.phase`.
        1 phase: Option<DataVolumePhase>,
        /// Kind of its owner.
        1 owner_kind: Option<WorkloadKind>,
        /// Uid of its owner.
        1 owner_uid: Option<Uid>,
    }
}
