//! Failure modes planted into worlds that are already written: what no life of a volume can express.
//!
//! An estate plans the common faults as lives; a mode here opens the written series once more and changes its objects, as a
//! person with `kubectl edit` and the web interface of an appliance would. Each mode takes healthy volumes that nothing
//! else is wrong with, plants its fault from the second day on, puts the innocent look-alike of the fault beside it, and
//! adds what a perfect analyzer says to `truth.json`.

mod claim;
mod consumer;
mod driver_practice;
mod f29;
mod f41;
mod f42;
mod f44;
mod f45;
mod f46;
mod f47;
mod f48;
mod f49;
mod f50;
mod held;
mod idle;
mod measure;
mod parent;
mod pool_practice;
mod property;
mod restore_point;
mod scene;
mod snapshot;
mod task;
#[cfg(test)]
mod tests;
mod vendor;
mod volume;
mod volume_practice;

use std::path::Path;

pub use scene::{Day, Scene, SceneError};
pub use volume::{Share, Volume};

/// One way in which an estate breaks.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// Id in the catalogue of failure modes, or of the check that finds it.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub name: &'static str,
    /// Plants it with its trap; nothing is changed when the scene has no healthy volume left.
    pub plant: fn(&mut Scene) -> Option<()>,
}

/// Every mode, by id.
pub const MODES: &[Mode] = &[
    Mode {
        id: "BPR-001",
        name: "pool that lost a disk, disk with errors",
        plant: pool_practice::unhealthy,
    },
    Mode {
        id: "BPR-002",
        name: "pool without a scrub",
        plant: pool_practice::unscrubbed,
    },
    Mode {
        id: "BPR-003",
        name: "writes that are not safe",
        plant: volume_practice::unsafe_writes,
    },
    Mode {
        id: "BPR-004",
        name: "deduplicated volume",
        plant: volume_practice::deduplicated,
    },
    Mode {
        id: "BPR-005",
        name: "volume without compression",
        plant: volume_practice::uncompressed,
    },
    Mode {
        id: "BPR-006",
        name: "small blocks on a pool with parity",
        plant: pool_practice::small_blocks,
    },
    Mode {
        id: "BPR-008",
        name: "initiators that nobody warns",
        plant: pool_practice::silent,
    },
    Mode {
        id: "BPR-011",
        name: "block volumes with one path",
        plant: pool_practice::single_path,
    },
    Mode {
        id: "BPR-013",
        name: "rolling update on a volume with one writer",
        plant: volume_practice::rolling_update,
    },
    Mode {
        id: "CAP-002",
        name: "pool that zvols fill",
        plant: pool_practice::filled_with_zvols,
    },
    Mode {
        id: "CAP-008",
        name: "claim with almost no room",
        plant: measure::full,
    },
    Mode {
        id: "CAP-009",
        name: "claim without inodes",
        plant: measure::out_of_inodes,
    },
    Mode {
        id: "CAP-011",
        name: "zvol that holds what was deleted",
        plant: measure::untrimmed,
    },
    Mode {
        id: "CAP-012",
        name: "claim that asks for far more than it uses",
        plant: measure::over_allocated,
    },
    Mode {
        id: "CAP-015",
        name: "pool that still frees",
        plant: pool_practice::freeing,
    },
    Mode {
        id: "CAP-016",
        name: "quota that is nearly used up",
        plant: driver_practice::quota_pressure,
    },
    Mode {
        id: "CFG-002",
        name: "detached snapshots below the volumes",
        plant: parent::overlapping,
    },
    Mode {
        id: "CFG-003",
        name: "class whose parent is missing",
        plant: parent::missing,
    },
    Mode {
        id: "CFG-004",
        name: "target whose initiator group is gone",
        plant: volume_practice::missing_group,
    },
    Mode {
        id: "CFG-010",
        name: "file system on a block volume for many writers",
        plant: volume_practice::many_writers,
    },
    Mode {
        id: "CFG-012",
        name: "file system without a limit",
        plant: volume_practice::unlimited,
    },
    Mode {
        id: "CFG-016",
        name: "target that every initiator may enter",
        plant: volume_practice::open_target,
    },
    Mode {
        id: "CFG-017",
        name: "driver that talks in clear text",
        plant: driver_practice::clear_text,
    },
    Mode {
        id: "F29",
        name: "attachment to a node that is gone",
        plant: f29::plant,
    },
    Mode {
        id: "F41",
        name: "pool that promises more than it holds",
        plant: f41::plant,
    },
    Mode {
        id: "F42",
        name: "snapshots that hold the space",
        plant: f42::plant,
    },
    Mode {
        id: "F44",
        name: "thick zvols of the vendor's driver",
        plant: f44::plant,
    },
    Mode {
        id: "F45",
        name: "credential in a class",
        plant: f45::plant,
    },
    Mode {
        id: "F46",
        name: "share that every host may mount as root",
        plant: f46::plant,
    },
    Mode {
        id: "F47",
        name: "exported parent that blocks shares below it",
        plant: f47::plant,
    },
    Mode {
        id: "F48",
        name: "task over the volumes, and a held snapshot",
        plant: f48::plant,
    },
    Mode {
        id: "F49",
        name: "clone without the snapshot task of its class",
        plant: f49::plant,
    },
    Mode {
        id: "F50",
        name: "classes that are not as they should be",
        plant: f50::plant,
    },
    Mode {
        id: "HAV-001",
        name: "driver with one controller",
        plant: driver_practice::single_controller,
    },
    Mode {
        id: "HAV-002",
        name: "pair of controllers that does not synchronise",
        plant: driver_practice::unhealthy_pair,
    },
    Mode {
        id: "ORP-011",
        name: "volume that lost its claim",
        plant: idle::available,
    },
    Mode {
        id: "ORP-012",
        name: "claim that nothing uses",
        plant: idle::unused,
    },
    Mode {
        id: "ORP-013",
        name: "claim of a set that was scaled down",
        plant: idle::scaled_down,
    },
    Mode {
        id: "PRF-002",
        name: "claim that waits without a word",
        plant: idle::waiting,
    },
    Mode {
        id: "PRF-007",
        name: "expansion that does not end",
        plant: idle::expanding,
    },
    Mode {
        id: "RES-001",
        name: "driver without resource requests",
        plant: driver_practice::without_resources,
    },
    Mode {
        id: "RST-001",
        name: "snapshot whose content is not ready",
        plant: restore_point::not_restorable,
    },
    Mode {
        id: "RST-002",
        name: "schedule without a good backup",
        plant: restore_point::no_good_backup,
    },
    Mode {
        id: "SCH-001",
        name: "tasks that name their snapshots alike",
        plant: task::colliding,
    },
    Mode {
        id: "SCH-002",
        name: "task that never prunes",
        plant: task::unpruned,
    },
    Mode {
        id: "SNP-004",
        name: "content without its snapshot",
        plant: restore_point::dangling,
    },
    Mode {
        id: "SNP-005",
        name: "snapshot that failed",
        plant: restore_point::not_ready,
    },
    Mode {
        id: "SNP-006",
        name: "task whose snapshots are old",
        plant: task::stale,
    },
    Mode {
        id: "SNP-007",
        name: "snapshots beyond their lifetime",
        plant: task::kept_too_long,
    },
    Mode {
        id: "SNP-008",
        name: "dataset with very many snapshots",
        plant: task::too_many,
    },
    Mode {
        id: "SNP-013",
        name: "snapshot that is held for months",
        plant: held::plant,
    },
];

/// The mode of an id.
#[must_use]
pub fn mode(id: &str) -> Option<Mode> {
    let is_it = |mode: &&Mode| mode.id.eq_ignore_ascii_case(id);
    MODES.iter().find(is_it).copied()
}

/// Plants modes into a written series and writes it again; returns those for which no healthy volume was left.
///
/// # Errors
/// A folder that is no series, or cannot be written.
pub fn plant(series: &Path, modes: &[Mode]) -> Result<Vec<&'static str>, SceneError> {
    let mut scene = Scene::read(series)?;
    let without_room = modes
        .iter()
        .filter(|mode| (mode.plant)(&mut scene).is_none())
        .map(|mode| mode.id)
        .collect();
    scene.write()?;
    Ok(without_room)
}
