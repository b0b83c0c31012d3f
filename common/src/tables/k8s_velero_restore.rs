//! Table `k8s_velero_restore`.

use super::code::BackupPhase;
use crate::redact::{BackupName, Namespace, Uid};
use crate::time::Time;

crate::table! {
    /// One Velero restore.
    "k8s_velero_restore" as K8sVeleroRestore in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Namespace of Velero.
        1 namespace: Namespace,
        /// Backup that is restored.
        1 backup: Option<BackupName>,
        /// Creation.
        1 created_at: Time,
        /// `status.phase`.
        1 phase: BackupPhase,
        /// `status.startTimestamp`.
        1 started_at: Option<Time>,
        /// `status.completionTimestamp`.
        1 completed_at: Option<Time>,
        /// Errors.
        1 n_errors: i64,
        /// Warnings.
        1 n_warnings: i64,
    }
}
