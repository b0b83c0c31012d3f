//! What guards the border: every file of a bundle is looked at in its final bytes, before it is compressed.
//!
//! Rows cannot hold a secret or a name by construction. This is the second net: it finds the defect that would make
//! them, and ends the run. It never cleans.

mod address;
mod blob;
mod document;
mod exported;
mod form;
mod hit;
mod key_name;
mod line;
mod screen;
mod secrets;
mod signature;

pub(crate) use exported::{ExportedName, Names};
pub(crate) use hit::Refused;
pub(crate) use screen::{BorderScreen, Look};
pub(crate) use secrets::LiveSecrets;
