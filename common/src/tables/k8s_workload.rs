//! Table `k8s_workload`.

use super::code::{ClaimRetention, UpdateStrategy, WorkloadKind};
use crate::redact::{Namespace, Uid, WorkloadName};
use crate::time::Time;

crate::table! {
    /// One object that makes pods. Replica sets without pods, which deployments keep as a record, are left out.
    "k8s_workload" as K8sWorkload in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Kind.
        1 kind: WorkloadKind,
        /// Namespace.
        1 namespace: Namespace,
        /// Workload.
        1 name: WorkloadName,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// Kind of its controller.
        1 owner_kind: Option<WorkloadKind>,
        /// Uid of its controller.
        1 owner_uid: Option<Uid>,
        /// Pods asked for; absent for cron jobs.
        1 n_replicas: Option<i64>,
        /// Pods that are ready.
        1 n_ready_replicas: Option<i64>,
        /// Whether a job or cron job is suspended.
        1 is_suspended: Option<bool>,
        /// How pods are replaced.
        1 update_strategy: Option<UpdateStrategy>,
        /// What happens to claims when a stateful set is deleted.
        1 retention_when_deleted: Option<ClaimRetention>,
        /// What happens to claims when a stateful set shrinks.
        1 retention_when_scaled: Option<ClaimRetention>,
    }
}
