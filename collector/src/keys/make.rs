//! Makes keys from the system's random bytes and writes them so that only their owner reads them.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use ring::rand::{SecureRandom as _, SystemRandom};
use truenas_common::bundle::SiteSecretKey;
use truenas_common::redact::PseudonymKey;
use zeroize::Zeroizing;

use crate::keys::KeysError;

/// Random bytes of the system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], KeysError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| KeysError::NoRandom)?;
    Ok(bytes)
}

/// A new key that signs.
pub(crate) fn new_site_key() -> Result<SiteSecretKey, KeysError> {
    let seed = Zeroizing::new(random_bytes::<32>()?);
    Ok(SiteSecretKey::new(&seed, random_bytes()?))
}

/// A new key that makes pseudonyms.
pub(crate) fn random_pseudonym_key() -> Result<PseudonymKey, KeysError> {
    random_bytes().map(PseudonymKey::from_bytes)
}

/// Writes a file for its owner alone; it must not exist.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), KeysError> {
    write(path, text, 0o600)
}

/// Writes a file for everybody; it must not exist.
pub(crate) fn write_public(path: &Path, text: &str) -> Result<(), KeysError> {
    write(path, text, 0o644)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), KeysError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeysError::Exists {
            path: path.to_owned(),
        },
        _ => KeysError::Write {
            path: path.to_owned(),
            source,
        },
    })?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|source| {
        // Half a key is worse than none; the error that matters is the first.
        let _ = std::fs::remove_file(path);
        KeysError::Write {
            path: path.to_owned(),
            source,
        }
    })
}
