//! Failure modes planted into worlds that are already written: what no life of a volume can express.
//!
//! An estate plans the common faults as lives; a mode here opens the written series once more and changes its objects, as a
//! person with `kubectl edit` and the web interface of an appliance would. Each mode takes healthy volumes that nothing
//! else is wrong with, plants its fault from the second day on, puts the innocent look-alike of the fault beside it, and
//! adds what a perfect analyzer says to `truth.json`.

mod attachment;
mod claim;
mod clusters;
mod consumer;
mod content;
mod copy;
mod detached;
mod driver_practice;
mod event;
mod f06;
mod f07;
mod f08;
mod f10;
mod f11;
mod f12;
mod f13;
mod f14;
mod f15;
mod f16;
mod f17;
mod f18;
mod f19;
mod f20;
mod f25;
mod f26;
mod f27;
mod f28;
mod f29;
mod f30;
mod f31;
mod f32;
mod f33;
mod f34;
mod f35;
mod f36;
mod f37;
mod f38;
mod f39;
mod f40;
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
mod home;
mod idle;
mod installation;
mod leader;
mod leaving;
mod measure;
mod parent;
mod pool_practice;
mod property;
mod remade;
mod restore_point;
mod scene;
mod settle;
mod sibling;
mod size;
mod slow_deletion;
mod smb;
mod snapshot;
mod task;
#[cfg(test)]
mod tests;
mod vendor;
mod volume;
mod volume_practice;
mod workload;

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
    mode(
        "BPR-001",
        "pool that lost a disk, disk with errors",
        pool_practice::unhealthy,
    ),
    mode("BPR-002", "pool without a scrub", pool_practice::unscrubbed),
    mode(
        "BPR-003",
        "writes that are not safe",
        volume_practice::unsafe_writes,
    ),
    mode(
        "BPR-004",
        "deduplicated volume",
        volume_practice::deduplicated,
    ),
    mode(
        "BPR-005",
        "volume without compression",
        volume_practice::uncompressed,
    ),
    mode(
        "BPR-006",
        "small blocks on a pool with parity",
        pool_practice::small_blocks,
    ),
    mode(
        "BPR-008",
        "initiators that nobody warns",
        pool_practice::silent,
    ),
    mode(
        "BPR-011",
        "block volumes with one path",
        pool_practice::single_path,
    ),
    mode(
        "BPR-013",
        "rolling update on a volume with one writer",
        volume_practice::rolling_update,
    ),
    mode(
        "CAP-002",
        "pool that zvols fill",
        pool_practice::filled_with_zvols,
    ),
    mode("CAP-008", "claim with almost no room", measure::full),
    mode("CAP-009", "claim without inodes", measure::out_of_inodes),
    mode(
        "CAP-011",
        "zvol that holds what was deleted",
        measure::untrimmed,
    ),
    mode(
        "CAP-012",
        "claim that asks for far more than it uses",
        measure::over_allocated,
    ),
    mode("CAP-015", "pool that still frees", pool_practice::freeing),
    mode(
        "CAP-016",
        "quota that is nearly used up",
        driver_practice::quota_pressure,
    ),
    mode(
        "CFG-002",
        "detached snapshots below the volumes",
        parent::overlapping,
    ),
    mode("CFG-003", "class whose parent is missing", parent::missing),
    mode(
        "CFG-004",
        "target whose initiator group is gone",
        volume_practice::missing_group,
    ),
    mode(
        "CFG-010",
        "file system on a block volume for many writers",
        volume_practice::many_writers,
    ),
    mode(
        "CFG-012",
        "file system without a limit",
        volume_practice::unlimited,
    ),
    mode(
        "CFG-016",
        "target that every initiator may enter",
        volume_practice::open_target,
    ),
    mode(
        "CFG-017",
        "driver that talks in clear text",
        driver_practice::clear_text,
    ),
    mode("F06", "volume that never became a PV", f06::plant),
    mode("F07", "volume made again after its deletion", f07::plant),
    mode("F08", "driver told to keep volumes", f08::plant),
    mode("F10", "share of a path that is gone", f10::plant),
    mode(
        "F11",
        "NVMe-oF objects of volumes that are gone",
        f11::plant,
    ),
    mode(
        "F12",
        "new volume behind the target of an earlier one",
        f12::plant,
    ),
    mode("F13", "two clusters below one parent", f13::plant),
    mode(
        "F14",
        "temporary snapshot of a copy that failed",
        f14::plant,
    ),
    mode("F15", "source snapshot of a clone that is gone", f15::plant),
    mode("F16", "snapshot whose deletion failed", f16::plant),
    mode("F17", "empty container of detached snapshots", f17::plant),
    mode("F18", "snapshot task of a volume that is gone", f18::plant),
    mode("F19", "replicas, which are innocent", f19::plant),
    mode(
        "F20",
        "initiator group of a volume that is gone",
        f20::plant,
    ),
    mode(
        "F25",
        "deletion of a detached snapshot that has a restored clone",
        f25::plant,
    ),
    mode("F26", "deletion blocked by foreign snapshots", f26::plant),
    mode(
        "F27",
        "finalizer of a snapshot that is never removed",
        f27::plant,
    ),
    mode(
        "F28",
        "finalizer of a finished restore that holds a snapshot",
        f28::plant,
    ),
    mode("F29", "attachment to a node that is gone", f29::plant),
    mode("F30", "attachment to a PV that is gone", f30::plant),
    mode(
        "F31",
        "volume with one writer attached to two nodes",
        f31::plant,
    ),
    mode(
        "F32",
        "session of a node that has no attachment",
        f32::plant,
    ),
    mode(
        "F33",
        "size of the PV is not that of its backing",
        f33::plant,
    ),
    mode("F34", "expansion is stuck", f34::plant),
    mode(
        "F35",
        "restored volume is smaller than its data",
        f35::plant,
    ),
    mode("F36", "two PVs are one volume", f36::plant),
    mode("F37", "PV names what was before a migration", f37::plant),
    mode("F38", "driver gone or renamed", f38::plant),
    mode(
        "F39",
        "clone that was destroyed while it was published",
        f39::plant,
    ),
    mode(
        "F40",
        "controller unhealthy, or too old for the appliance",
        f40::plant,
    ),
    mode("F41", "pool that promises more than it holds", f41::plant),
    mode("F42", "snapshots that hold the space", f42::plant),
    mode("F44", "thick zvols of the vendor's driver", f44::plant),
    mode("F45", "credential in a class", f45::plant),
    mode("F46", "share that every host may mount as root", f46::plant),
    mode(
        "F47",
        "exported parent that blocks shares below it",
        f47::plant,
    ),
    mode(
        "F48",
        "task over the volumes, and a held snapshot",
        f48::plant,
    ),
    mode(
        "F49",
        "clone without the snapshot task of its class",
        f49::plant,
    ),
    mode("F50", "classes that are not as they should be", f50::plant),
    mode(
        "HAV-001",
        "driver with one controller",
        driver_practice::single_controller,
    ),
    mode(
        "HAV-002",
        "pair of controllers that does not synchronise",
        driver_practice::unhealthy_pair,
    ),
    mode("HAV-003", "controller without a leader", leader::plant),
    mode("ORP-011", "volume that lost its claim", idle::available),
    mode("ORP-012", "claim that nothing uses", idle::unused),
    mode(
        "ORP-013",
        "claim of a set that was scaled down",
        idle::scaled_down,
    ),
    mode("PRF-002", "claim that waits without a word", idle::waiting),
    mode("PRF-006", "deletions that take hours", slow_deletion::plant),
    mode("PRF-007", "expansion that does not end", idle::expanding),
    mode(
        "RES-001",
        "driver without resource requests",
        driver_practice::without_resources,
    ),
    mode(
        "RST-001",
        "snapshot whose content is not ready",
        restore_point::not_restorable,
    ),
    mode(
        "RST-002",
        "schedule without a good backup",
        restore_point::no_good_backup,
    ),
    mode(
        "SCH-001",
        "tasks that name their snapshots alike",
        task::colliding,
    ),
    mode("SCH-002", "task that never prunes", task::unpruned),
    mode(
        "SNP-004",
        "content without its snapshot",
        restore_point::dangling,
    ),
    mode("SNP-005", "snapshot that failed", restore_point::not_ready),
    mode("SNP-006", "task whose snapshots are old", task::stale),
    mode(
        "SNP-007",
        "snapshots beyond their lifetime",
        task::kept_too_long,
    ),
    mode(
        "SNP-008",
        "dataset with very many snapshots",
        task::too_many,
    ),
    mode("SNP-013", "snapshot that is held for months", held::plant),
];

const fn mode(id: &'static str, name: &'static str, plant: fn(&mut Scene) -> Option<()>) -> Mode {
    Mode { id, name, plant }
}

/// The mode of an id.
#[must_use]
pub fn mode_of(id: &str) -> Option<Mode> {
    let is_it = |mode: &&Mode| mode.id.eq_ignore_ascii_case(id);
    MODES.iter().find(is_it).copied()
}

/// Makes two clusters of the one of a written series; see [`Scene::split`].
///
/// # Errors
/// A folder that is no series, or cannot be written.
pub fn split(series: &Path, other: &str) -> Result<(), SceneError> {
    let mut scene = Scene::read(series)?;
    scene.split(other);
    scene.write()
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
