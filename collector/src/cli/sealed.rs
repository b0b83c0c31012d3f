//! Reads a bundle and its signature for the commands that look at one.

use std::error::Error;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use truenas_common::bundle::{Limits, SealedBundle};
use truenas_common::exit::Exit;

use crate::cli::stop::Stop;

/// The two files, unverified.
pub(super) fn read_sealed(path: &Path, limits: &Limits) -> Result<SealedBundle, Stop> {
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let signature_path = path.with_file_name(format!("{file_name}.minisig"));
    let bytes = read(path, limits.sealed_bytes)?;
    let signature = read(&signature_path, limits.signature_bytes)?;
    SealedBundle::new(&file_name, bytes, &signature, limits).map_err(|error| refused(&error))
}

/// A bundle that does not verify.
pub(super) fn refused(error: &(dyn Error + 'static)) -> Stop {
    Stop::new(Exit::Refused, error)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Stop> {
    let failed = |error: std::io::Error| {
        Stop::line(
            Exit::Usage,
            format!("cannot read `{}`: {error}", path.display()),
        )
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    Ok(bytes)
}
