//! Failure modes planted into worlds that are already written: what no life of a volume can express.
//!
//! An estate plans the common faults as lives; a mode here opens the written series once more and changes its objects, as a
//! person with `kubectl edit` and the web interface of an appliance would. Each mode takes healthy volumes that nothing
//! else is wrong with, plants its fault from the second day on, puts the innocent look-alike of the fault beside it, and
//! adds what a perfect analyzer says to `truth.json`.

mod attachment;
mod clusters;
mod content;
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
mod f29;
mod home;
mod installation;
mod leaving;
mod remade;
mod scene;
mod sibling;
mod taken;
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
        id: "F06",
        name: "volume that never became a PV",
        plant: f06::plant,
    },
    Mode {
        id: "F07",
        name: "volume made again after its deletion",
        plant: f07::plant,
    },
    Mode {
        id: "F08",
        name: "driver told to keep volumes",
        plant: f08::plant,
    },
    Mode {
        id: "F10",
        name: "share of a path that is gone",
        plant: f10::plant,
    },
    Mode {
        id: "F11",
        name: "NVMe-oF objects of volumes that are gone",
        plant: f11::plant,
    },
    Mode {
        id: "F12",
        name: "new volume behind the target of an earlier one",
        plant: f12::plant,
    },
    Mode {
        id: "F13",
        name: "two clusters below one parent",
        plant: f13::plant,
    },
    Mode {
        id: "F14",
        name: "temporary snapshot of a copy that failed",
        plant: f14::plant,
    },
    Mode {
        id: "F15",
        name: "source snapshot of a clone that is gone",
        plant: f15::plant,
    },
    Mode {
        id: "F16",
        name: "snapshot whose deletion failed",
        plant: f16::plant,
    },
    Mode {
        id: "F17",
        name: "empty container of detached snapshots",
        plant: f17::plant,
    },
    Mode {
        id: "F18",
        name: "snapshot task of a volume that is gone",
        plant: f18::plant,
    },
    Mode {
        id: "F19",
        name: "replicas, which are innocent",
        plant: f19::plant,
    },
    Mode {
        id: "F20",
        name: "initiator group of a volume that is gone",
        plant: f20::plant,
    },
    Mode {
        id: "F29",
        name: "attachment to a node that is gone",
        plant: f29::plant,
    },
];

/// The mode of an id.
#[must_use]
pub fn mode(id: &str) -> Option<Mode> {
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
