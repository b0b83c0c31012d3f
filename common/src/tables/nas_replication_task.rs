//! Table `nas_replication_task`.

use super::code::{
    LifetimeUnit, ReadonlyPolicy, ReplicationDirection, ReplicationTransport, RetentionPolicy,
    TaskState,
};
use crate::redact::{ApplianceId, DatasetPath, Leaf};
use crate::time::Time;

crate::table! {
    /// One replication task. Credentials, hosts and keys are never read.
    "nas_replication_task" as NasReplicationTask in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Which way.
        1 direction: ReplicationDirection,
        /// Over what; anything but local ends on another appliance.
        1 transport: ReplicationTransport,
        /// Dataset that is written: here when pulled or local, else on the other appliance.
        1 target_path: DatasetPath,
        /// Everything below the sources too.
        1 is_recursive: bool,
        /// Sources.
        1 n_sources: i64,
        /// Naming schemas whose snapshots are replicated.
        1 n_schemas: i64,
        /// Snapshots are chosen by a pattern of their names.
        1 has_name_pattern: bool,
        /// Runs by itself.
        1 is_automatic: bool,
        /// Enabled.
        1 is_enabled: bool,
        /// What becomes of `readonly` at the target.
        1 readonly: ReadonlyPolicy,
        /// How long snapshots live at the target.
        1 retention: RetentionPolicy,
        /// Retention of its own, in units.
        1 n_lifetime_units: Option<i64>,
        /// Unit of that retention.
        1 lifetime_unit: Option<LifetimeUnit>,
        /// Snapshots that wait are held at the source.
        1 is_holding: Option<bool>,
        /// Longest time between two runs; absent when it follows snapshot tasks.
        1 longest_gap_secs: Option<i64>,
        /// How the last run stands.
        1 state: Option<TaskState>,
        /// When the state was reached.
        1 state_at: Option<Time>,
        /// Dataset of the newest snapshot that arrived.
        1 last_dataset: Option<DatasetPath>,
        /// That snapshot.
        1 last_snapshot: Option<Leaf>,
    }
}
