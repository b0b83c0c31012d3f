//! Table `k8s_velero_backup`.

use super::code::BackupPhase;
use crate::redact::{BackupName, Namespace, Uid};
use crate::time::Time;

crate::table! {
    /// One Velero backup.
    "k8s_velero_backup" as K8sVeleroBackup in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Namespace of Velero.
        1 namespace: Namespace,
        /// Backup.
        1 name: BackupName,
        /// Schedule that made it.
        1 schedule: Option<BackupName>,
        /// Creation.
        1 created_at: Time,
        /// `status.phase`.
        1 phase: BackupPhase,
        /// `status.startTimestamp`.
        1 started_at: Option<Time>,
        /// `status.completionTimestamp`.
        1 completed_at: Option<Time>,
        /// `status.expiration`.
        1 expires_at: Option<Time>,
        /// Errors.
        1 n_errors: i64,
        /// Warnings.
        1 n_warnings: i64,
        /// Whether all namespaces are taken that are not excluded.
        1 is_all_namespaces: bool,
        /// Whether a selector leaves objects out.
        1 is_selective: bool,
        /// Whether volumes are snapshotted; absent when Velero decides.
        1 is_snapshotting: Option<bool>,
        /// Whether the data of snapshots is moved off the appliance.
        1 is_moving_data: bool,
        /// Whether files of all pod volumes are copied.
        1 is_copying_files: bool,
    }
}
