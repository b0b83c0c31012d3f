//! Table `nas_vdev`.

use super::code::{VdevKind, VdevRole, VdevStatus};
use crate::redact::{ApplianceId, DatasetPath, Device, Guid};

crate::table! {
    /// One vdev of a pool, groups and disks alike. Sizes are raw: before parity.
    "nas_vdev" as NasVdev in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Pool.
        1 [key] pool: DatasetPath,
        /// What it is used for; a spare in use is listed as spare and where it stands in.
        1 [key] role: VdevRole,
        /// Guid.
        1 [key] guid: Guid,
        /// Guid of the group it is in; absent at the top.
        1 parent_guid: Option<Guid>,
        /// Kind.
        1 kind: VdevKind,
        /// State.
        1 status: VdevStatus,
        /// Members of the group.
        1 n_children: i64,
        /// Data disks of each stripe of a dRAID; absent for all other kinds.
        1 n_draid_data: Option<i64>,
        /// Parity disks of each stripe of a dRAID; absent for all other kinds.
        1 n_draid_parity: Option<i64>,
        /// Disk, as the appliance names it now.
        1 disk: Option<Device>,
        /// Read errors since the counters were cleared.
        1 n_read_errors: Option<i64>,
        /// Write errors since the counters were cleared.
        1 n_write_errors: Option<i64>,
        /// Checksum errors since the counters were cleared.
        1 n_checksum_errors: Option<i64>,
        /// Raw size.
        1 size_bytes: Option<i64>,
        /// Raw allocation.
        1 allocated_bytes: Option<i64>,
        /// Fragmentation of free space.
        1 fragmentation_percent: Option<i64>,
        /// Smallest write, from the pool's `ashift`.
        1 sector_bytes: Option<i64>,
        /// Smallest write that suits the disk.
        1 physical_sector_bytes: Option<i64>,
    }
}
