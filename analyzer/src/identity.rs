//! The analyst's age identity: a file that only its owner may read.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use truenas_common::bundle::{Identity, SealError, unprotect};

/// The identity cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The file cannot be read.
    #[error("cannot read the identity `{path}`; make one with `truenas-analyzer keygen analyst`")]
    Read {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others may read it.
    #[error("`{path}` may be read by others; run: chmod 600 {path}")]
    Permissions {
        /// File.
        path: PathBuf,
    },
    /// Not an identity, or a wrong passphrase.
    #[error("cannot use the identity `{path}`")]
    Format {
        /// File.
        path: PathBuf,
        /// Why.
        #[source]
        source: SealError,
    },
    /// A passphrase is needed and there is nobody to ask.
    #[error(
        "`{path}` is protected by a passphrase and there is no terminal to ask for it; give it with --passphrase-fd N"
    )]
    NoTerminal {
        /// File.
        path: PathBuf,
    },
    /// The passphrase cannot be read from the descriptor.
    #[error("cannot read a passphrase from file descriptor {fd}; open it in the shell: {fd}<FILE")]
    Descriptor {
        /// Number.
        fd: u32,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Reads the first line of an open file descriptor: a passphrase that stands in no file and in no argument.
///
/// # Errors
/// The descriptor is not open, or what it gives is no text.
pub fn passphrase(fd: u32) -> Result<String, IdentityError> {
    let text = std::fs::read_to_string(format!("/dev/fd/{fd}"))
        .map_err(|source| IdentityError::Descriptor { fd, source })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Reads an identity file; the passphrase of a protected one comes from the descriptor, or is asked for on the terminal.
///
/// # Errors
/// See [`IdentityError`].
pub fn read(path: &Path, passphrase_fd: Option<u32>) -> Result<Identity, IdentityError> {
    let bytes = std::fs::read(path).map_err(|source| IdentityError::Read {
        path: path.to_owned(),
        source,
    })?;
    check_permissions(path)?;
    let format = |source| IdentityError::Format {
        path: path.to_owned(),
        source,
    };
    if bytes.starts_with(b"age-encryption.org/v1") {
        let passphrase = match passphrase_fd {
            Some(fd) => passphrase(fd)?,
            None if !io::stdin().is_terminal() => {
                return Err(IdentityError::NoTerminal {
                    path: path.to_owned(),
                });
            }
            None => rpassword::prompt_password(format!("Passphrase of {}: ", path.display()))
                .map_err(|source| IdentityError::Read {
                    path: path.to_owned(),
                    source,
                })?,
        };
        return Identity::parse(&unprotect(&bytes, &passphrase).map_err(format)?).map_err(format);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| format(SealError::Identity))?;
    Identity::parse(text).map_err(format)
}

#[cfg(unix)]
fn check_permissions(path: &Path) -> Result<(), IdentityError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = std::fs::metadata(path)
        .map_err(|source| IdentityError::Read {
            path: path.to_owned(),
            source,
        })?
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(IdentityError::Permissions {
            path: path.to_owned(),
        })
    }
}

#[cfg(not(unix))]
fn check_permissions(_: &Path) -> Result<(), IdentityError> {
    Ok(())
}
