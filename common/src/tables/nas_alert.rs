//! Table `nas_alert`.

use super::code::{AlertClass, AlertLevel, PoolStatus};
use crate::redact::{ApplianceId, DatasetPath, Device, Serial, Uid};
use crate::time::Time;

crate::table! {
    /// One alert of the appliance. Its text is never read; arguments are typed by class.
    "nas_alert" as NasAlert in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] uuid: Uid,
        /// What it is about.
        1 class: AlertClass,
        /// How urgent.
        1 level: AlertLevel,
        /// When it came up.
        1 created_at: Option<Time>,
        /// When it was seen last.
        1 seen_at: Option<Time>,
        /// Somebody put it aside.
        1 is_dismissed: bool,
        /// Tells of an event, not of a state.
        1 is_one_shot: bool,
        /// Pool it names.
        1 pool: Option<DatasetPath>,
        /// State of that pool, or of the boot pool.
        1 pool_status: Option<PoolStatus>,
        /// Dataset it names.
        1 dataset: Option<DatasetPath>,
        /// Fill level it names.
        1 used_percent: Option<i64>,
        /// Snapshots it counts.
        1 n_snapshots: Option<i64>,
        /// Snapshots it would accept.
        1 n_snapshots_allowed: Option<i64>,
        /// Task it names.
        1 task_id: Option<i64>,
        /// Disk it names.
        1 disk: Option<Device>,
        /// Serial number of that disk.
        1 disk_serial: Option<Serial>,
    }
}
