//! Table `nas_disk`.

use super::code::{DiskBus, DiskMedium};
use crate::redact::{ApplianceId, DatasetPath, Device, DiskId, Guid, Model, Serial};

crate::table! {
    /// One disk.
    "nas_disk" as NasDisk in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Identity that the appliance keeps for the disk.
        1 [key] identity: DiskId,
        /// Device name; may change with a restart.
        1 name: Device,
        /// Serial number.
        1 serial: Option<Serial>,
        /// Identifier of the logical unit.
        1 lun_serial: Option<Serial>,
        /// Guid of the vdev on it.
        1 vdev_guid: Option<Guid>,
        /// Pool it belongs to.
        1 pool: Option<DatasetPath>,
        /// Model.
        1 model: Option<Model>,
        /// Size.
        1 size_bytes: Option<i64>,
        /// Rotating or flash.
        1 medium: Option<DiskMedium>,
        /// Revolutions a minute; absent for flash.
        1 rotation_rpm: Option<i64>,
        /// Bus.
        1 bus: DiskBus,
    }
}
