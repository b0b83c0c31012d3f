//! Loads and makes key files. A key that others can read is refused, with the command that mends it.

mod make;
mod mode;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use truenas_common::bundle::{Identity, KeyError, SealError, SitePublicKey, SiteSecretKey};
use truenas_common::redact::PseudonymKey;
use truenas_common::secret::Secret;
use zeroize::Zeroizing;

use crate::source::{AccessError, read_secret_file};

pub(crate) use make::{
    new_site_key, random_bytes, random_pseudonym_key, write_public, write_secret,
};
pub(crate) use mode::Holder;

/// Every key file is a few lines.
const MAX_BYTES: u64 = 16 << 10;

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// No such file.
    #[error("{what} `{path}` is missing; without it {why}; {next}")]
    Missing {
        /// Which key.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What it is for.
        why: &'static str,
        /// How to get one.
        next: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read {what} `{path}`; check its owner and mode")]
    Read {
        /// Which key.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read it.
    #[error("{what} `{path}` has mode {mode:04o}, so others can read it; run: chmod 600 {path}")]
    Loose {
        /// Which key.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not a text of the size of a key.
    #[error("{what} `{path}` is no key file; is it the right file?")]
    NotText {
        /// Which key.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Not a minisign key.
    #[error("cannot use site key `{path}`")]
    Site {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// Not a pseudonym key.
    #[error("cannot use pseudonym key `{path}`")]
    Pseudonym {
        /// The file.
        path: PathBuf,
        /// Why.
        source: truenas_common::redact::KeyFormatError,
    },
    /// Not an age identity.
    #[error("cannot use identity `{path}`")]
    Identity {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SealError,
    },
    /// Not one line.
    #[error("cannot use the TrueNAS API key")]
    ApiKey {
        /// Why.
        source: AccessError,
    },
    /// There is one already.
    #[error("`{path}` exists; keys are never overwritten; choose another folder with --out")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Cannot write.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes; no key was made")]
    NoRandom,
}

/// One kind of key file, in the words of its messages.
struct Kind {
    what: &'static str,
    why: &'static str,
    next: &'static str,
}

const SITE: Kind = Kind {
    what: "site key",
    why: "no bundle can be signed",
    next: "make one with `truenas-collector keygen site`, or restore the offline copy",
};
const PSEUDONYM: Kind = Kind {
    what: "pseudonym key",
    why: "names cannot be replaced",
    next: "restore the copy of this site; a new one (`truenas-collector keygen pseudonym`) begins a new epoch",
};
const API_KEY: Kind = Kind {
    what: "TrueNAS API key",
    why: "the appliance cannot be read",
    next: "put the key of a read-only user on one line of this file",
};
const IDENTITY: Kind = Kind {
    what: "identity",
    why: "nothing can be decrypted",
    next: "give the site's recovery.key or the analyst's key with --identity",
};

/// Loads the key that signs.
pub(crate) fn load_site_key(path: &Path, holder: Holder) -> Result<SiteSecretKey, KeysError> {
    let text = load(path, &SITE, holder)?;
    SiteSecretKey::parse(&text).map_err(|source| KeysError::Site {
        path: path.to_owned(),
        source,
    })
}

/// Loads the key that makes pseudonyms.
pub(crate) fn load_pseudonym_key(path: &Path, holder: Holder) -> Result<PseudonymKey, KeysError> {
    let text = load(path, &PSEUDONYM, holder)?;
    PseudonymKey::parse(&text).map_err(|source| KeysError::Pseudonym {
        path: path.to_owned(),
        source,
    })
}

/// Loads the key of an appliance.
pub(crate) fn load_api_key(path: &Path, holder: Holder) -> Result<Secret<String>, KeysError> {
    drop(load(path, &API_KEY, holder)?);
    read_secret_file(path).map_err(|source| KeysError::ApiKey { source })
}

/// Loads the key that decrypts.
pub(crate) fn load_identity(path: &Path, holder: Holder) -> Result<Identity, KeysError> {
    let text = load(path, &IDENTITY, holder)?;
    Identity::parse(&text).map_err(|source| KeysError::Identity {
        path: path.to_owned(),
        source,
    })
}

/// Loads a public site key, which everybody may read.
pub(crate) fn load_public_key(path: &Path) -> Result<SitePublicKey, KeysError> {
    let text = read(path, &SITE)?;
    SitePublicKey::parse(&text).map_err(|source| KeysError::Site {
        path: path.to_owned(),
        source,
    })
}

/// Reads any key file for `key show`, whatever its mode.
pub(crate) fn load_any(path: &Path) -> Result<Zeroizing<String>, KeysError> {
    const ANY: Kind = Kind {
        what: "key file",
        why: "there is nothing to show",
        next: "check the path",
    };
    read(path, &ANY)
}

/// The permission bits of a file.
pub(crate) fn mode_of(path: &Path) -> Option<u32> {
    mode::of(path).map(|(mode, _)| mode)
}

fn load(path: &Path, kind: &Kind, holder: Holder) -> Result<Zeroizing<String>, KeysError> {
    let text = read(path, kind)?;
    match mode::of(path) {
        Some((mode, owner)) if !holder.accepts(mode, owner) => Err(KeysError::Loose {
            what: kind.what,
            path: path.to_owned(),
            mode,
        }),
        _ => Ok(text),
    }
}

fn read(path: &Path, kind: &Kind) -> Result<Zeroizing<String>, KeysError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeysError::Missing {
            what: kind.what,
            path: path.to_owned(),
            why: kind.why,
            next: kind.next,
        },
        _ => KeysError::Read {
            what: kind.what,
            path: path.to_owned(),
            source,
        },
    };
    let not_text = || KeysError::NotText {
        what: kind.what,
        path: path.to_owned(),
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    // As long as it may be: a text that grows leaves copies behind.
    let capacity = usize::try_from(MAX_BYTES).unwrap_or_default() + 64;
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(not_text()),
        Err(error) => Err(failed(error)),
        Ok(_) if text.len() as u64 > MAX_BYTES => Err(not_text()),
        Ok(_) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_key_says_what_why_and_what_next() {
        let error = load_site_key(Path::new("/nonexistent/site.key"), Holder::Person).unwrap_err();
        let text = error.to_string();
        for words in ["site key", "/nonexistent/site.key", "signed", "keygen site"] {
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn key_that_others_can_read_is_refused_with_the_command() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pseudonym.key");
        write_secret(&path, &random_pseudonym_key().unwrap().to_text()).unwrap();
        assert!(load_pseudonym_key(&path, Holder::Person).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let text = load_pseudonym_key(&path, Holder::Person)
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("0640") && text.contains("chmod 600 /"),
            "{text}"
        );
    }

    #[test]
    fn keys_are_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.key");
        write_secret(&path, "first\n").unwrap();
        assert!(matches!(
            write_secret(&path, "second\n"),
            Err(KeysError::Exists { .. })
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first\n");
        assert_eq!(mode_of(&path), Some(0o600));
    }

    #[test]
    fn a_key_that_was_made_can_be_read_by_its_parser() {
        let key = new_site_key().unwrap();
        let again = SiteSecretKey::parse(&key.to_text()).unwrap();
        assert_eq!(again.public().fingerprint(), key.public().fingerprint());
    }
}
