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

use truenas_common::bundle::{Refusal, Screen as _};
use truenas_common::redact::{Profile, Redactor};

/// Looks at files as a run with profile `standard` does, and returns the number of bytes: for who measures the scan.
#[doc(hidden)]
pub fn exit_scan<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    key_files: &[String],
    redactor: &Redactor,
) -> Result<u64, Refusal> {
    let mut secrets = LiveSecrets::default();
    key_files.iter().for_each(|text| secrets.add(text));
    let names = Names::new(redactor);
    let (mut screen, look) = BorderScreen::new(secrets, Profile::Standard, names);
    for (path, bytes) in files {
        screen.look(path, bytes)?;
    }
    Ok(look.take().n_bytes)
}
