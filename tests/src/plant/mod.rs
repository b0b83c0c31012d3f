//! Failure modes planted into worlds that are already written: what no life of a volume can express.
//!
//! An estate plans the common faults as lives; a mode here opens the written series once more and changes its objects, as a
//! person with `kubectl edit` and the web interface of an appliance would. Each mode takes healthy volumes that nothing
//! else is wrong with, plants its fault from the second day on, puts the innocent look-alike of the fault beside it, and
//! adds what a perfect analyzer says to `truth.json`.

mod claim;
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
mod property;
mod scene;
mod snapshot;
mod vendor;
mod volume;

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
