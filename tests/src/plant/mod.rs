//! Failure modes planted into worlds that are already written: what no life of a volume can express.
//!
//! An estate plans the common faults as lives; a mode here opens the written series once more and changes its objects, as a
//! person with `kubectl edit` and the web interface of an appliance would. Each mode takes healthy volumes that nothing
//! else is wrong with, plants its fault from the second day on, puts the innocent look-alike of the fault beside it, and
//! adds what a perfect analyzer says to `truth.json`.

mod copy;
mod event;
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
mod f40;
mod scene;
mod size;
mod snapshot_row;
mod volume;
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
    Mode {
        id: "F25",
        name: "deletion of a detached snapshot that has a restored clone",
        plant: f25::plant,
    },
    Mode {
        id: "F26",
        name: "deletion blocked by foreign snapshots",
        plant: f26::plant,
    },
    Mode {
        id: "F27",
        name: "finalizer of a snapshot that is never removed",
        plant: f27::plant,
    },
    Mode {
        id: "F28",
        name: "finalizer of a finished restore that holds a snapshot",
        plant: f28::plant,
    },
    Mode {
        id: "F29",
        name: "attachment to a node that is gone",
        plant: f29::plant,
    },
    Mode {
        id: "F30",
        name: "attachment to a PV that is gone",
        plant: f30::plant,
    },
    Mode {
        id: "F31",
        name: "volume with one writer attached to two nodes",
        plant: f31::plant,
    },
    Mode {
        id: "F32",
        name: "session of a node that has no attachment",
        plant: f32::plant,
    },
    Mode {
        id: "F33",
        name: "size of the PV is not that of its backing",
        plant: f33::plant,
    },
    Mode {
        id: "F34",
        name: "expansion is stuck",
        plant: f34::plant,
    },
    Mode {
        id: "F35",
        name: "restored volume is smaller than its data",
        plant: f35::plant,
    },
    Mode {
        id: "F36",
        name: "two PVs are one volume",
        plant: f36::plant,
    },
    Mode {
        id: "F37",
        name: "PV names what was before a migration",
        plant: f37::plant,
    },
    Mode {
        id: "F38",
        name: "driver gone or renamed",
        plant: f38::plant,
    },
    Mode {
        id: "F40",
        name: "controller unhealthy, or too old for the appliance",
        plant: f40::plant,
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
