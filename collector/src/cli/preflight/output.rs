//! Whether a bundle can be written, and how much room there is.

use std::path::Path;

use truenas_common::exit::Exit;

use super::Report;
use crate::cli::stop::Stop;
use crate::keys;
use crate::output::space;

impl Report<'_> {
    fn room(&mut self, folder: &Path) -> Result<(), Stop> {
        let needed = space::needed(folder);
        match space::free(folder) {
            Ok(free) if free < needed => self.bad(
                "output",
                &format!("has {free} bytes free, a bundle may need {needed}"),
                Exit::NoSpace,
            ),
            Ok(free) => self.ok("output", &format!("has {free} bytes free")),
            Err(_) => self.warn("output", "does not say how much room there is"),
        }
    }

    pub(super) fn folder(&mut self, folder: Option<&Path>) -> Result<(), Stop> {
        let Some(folder) = folder else {
            return self.warn(
                "output",
                "no `output` in the configuration; `collect` needs --output",
            );
        };
        let path = folder.join(format!(".preflight-{}", std::process::id()));
        let written = keys::write_secret(&path, "preflight\n");
        if written.is_ok() {
            // Only a test of the right to write; the next run does not mind what stays.
            let _ = std::fs::remove_file(&path);
        }
        match written {
            Ok(()) => {
                self.ok("output", "can be written")?;
                self.room(folder)
            }
            Err(error) => {
                let stop = Stop::from(error);
                self.bad("output", &stop.line, stop.exit)
            }
        }
    }
}
