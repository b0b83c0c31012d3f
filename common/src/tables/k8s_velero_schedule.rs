//! Table `k8s_velero_schedule`.

use super::code::SchedulePhase;
use crate::redact::{BackupName, Namespace, Uid};
use crate::time::Time;

crate::table! {
    /// One Velero schedule.
    "k8s_velero_schedule" as K8sVeleroSchedule in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Namespace of Velero.
        1 namespace: Namespace,
        /// Schedule.
        1 name: BackupName,
        /// Creation.
        1 created_at: Time,
        /// `status.phase`.
        1 phase: SchedulePhase,
        /// Whether it is paused.
        1 is_paused: bool,
        /// `status.lastBackup`.
        1 last_backup_at: Option<Time>,
        /// How long its backups are kept; absent for the default of Velero.
        1 retention_secs: Option<i64>,
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
