//! The last look at what is sealed: every file of the archive, in its final bytes, before compression.

use std::error::Error;

/// Why a file may not leave.
pub type Refusal = Box<dyn Error + Send + Sync>;

/// Looks at every file of the archive before it is compressed and encrypted, on whichever thread that is done.
pub trait Screen: Send {
    /// Looks at one whole file; an error ends the bundle.
    ///
    /// # Errors
    /// What must not leave.
    fn look(&mut self, path: &str, bytes: &[u8]) -> Result<(), Refusal>;
}

/// Lets everything pass: for tests and for bundles made of bundles.
#[derive(Debug, Default)]
pub struct NoScreen;

impl Screen for NoScreen {
    fn look(&mut self, _path: &str, _bytes: &[u8]) -> Result<(), Refusal> {
        Ok(())
    }
}
