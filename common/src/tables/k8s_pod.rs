//! Table `k8s_pod`.

use super::code::{EndReason, PodPhase, WaitReason, WorkloadKind};
use crate::redact::{Namespace, NodeName, PodName, Uid, WorkloadName};
use crate::time::Time;

crate::table! {
    /// One pod.
    "k8s_pod" as K8sPod in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Namespace.
        1 namespace: Namespace,
        /// Pod.
        1 name: PodName,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// `status.phase`.
        1 phase: PodPhase,
        /// Node it was placed on.
        1 node: Option<NodeName>,
        /// Kind of its controller.
        1 owner_kind: Option<WorkloadKind>,
        /// Name of its controller.
        1 owner: Option<WorkloadName>,
        /// Uid of its controller.
        1 owner_uid: Option<Uid>,
        /// Condition Ready.
        1 is_ready: bool,
        /// When it was placed.
        1 scheduled_at: Option<Time>,
        /// Start of the container that has run longest; restarts move it.
        1 started_at: Option<Time>,
        /// When it became ready.
        1 ready_at: Option<Time>,
        /// Containers, without init containers.
        1 n_containers: i64,
        /// Containers that are ready.
        1 n_ready_containers: i64,
        /// Restarts of all containers.
        1 n_restarts: i64,
        /// Why the first waiting container waits.
        1 wait_reason: Option<WaitReason>,
        /// Why the container that ended last before its present run did so.
        1 end_reason: Option<EndReason>,
        /// When that container ended.
        1 container_ended_at: Option<Time>,
        /// Sum of `requests.cpu`.
        1 cpu_request_millicores: Option<i64>,
        /// Sum of `limits.cpu`; absent when a container has none.
        1 cpu_limit_millicores: Option<i64>,
        /// Sum of `requests.memory`.
        1 memory_request_bytes: Option<i64>,
        /// Sum of `limits.memory`; absent when a container has none.
        1 memory_limit_bytes: Option<i64>,
    }
}
