//! Table `k8s_velero_transfer`.

use super::code::{TransferKind, TransferPhase};
use crate::redact::{BackupName, Claim, Namespace, NodeName, SnapshotName, Uid};
use crate::time::Time;

crate::table! {
    /// One movement of data by Velero.
    "k8s_velero_transfer" as K8sVeleroTransfer in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Kind.
        1 kind: TransferKind,
        /// Phase.
        1 phase: TransferPhase,
        /// Creation.
        1 created_at: Time,
        /// `status.startTimestamp`.
        1 started_at: Option<Time>,
        /// `status.completionTimestamp`.
        1 completed_at: Option<Time>,
        /// Backup it belongs to, from a label.
        1 backup: Option<BackupName>,
        /// Node that moves the data.
        1 node: Option<NodeName>,
        /// Namespace of the claim or pod.
        1 claim_namespace: Option<Namespace>,
        /// Claim.
        1 claim: Option<Claim>,
        /// Uid of the claim, from a label.
        1 claim_uid: Option<Uid>,
        /// Snapshot whose data is moved.
        1 snapshot_name: Option<SnapshotName>,
        /// Moved so far.
        1 done_bytes: Option<i64>,
        /// To be moved.
        1 total_bytes: Option<i64>,
    }
}
