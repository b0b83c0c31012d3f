//! Reads a secret from a file: one line, bounded, never from the environment or the command line.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use truenas_common::secret::Secret;
use zeroize::Zeroize;

use crate::source::AccessError;

/// A Kubernetes token of an identity provider can be long; keys and passwords are far below.
const MAX_SECRET: usize = 16 * 1024;

/// Reads one line of printable ASCII, without its line end.
pub fn read_secret_file(path: &Path) -> Result<Secret<String>, AccessError> {
    let mut bytes = read_bounded(path, MAX_SECRET)?;
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let is_line = !line.is_empty() && line.iter().all(|byte| (0x21..=0x7e).contains(byte));
    let secret = is_line.then(|| {
        // As long as it will be: a text that grows leaves copies behind.
        let mut secret = String::with_capacity(line.len());
        secret.extend(line.iter().copied().map(char::from));
        secret
    });
    bytes.zeroize();
    secret
        .map(Secret::new)
        .ok_or_else(|| AccessError::NotOneLine {
            path: path.to_owned(),
        })
}

/// Reads a whole file that must not be larger than `limit` bytes.
pub(super) fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, AccessError> {
    let failed = |source| AccessError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_or(0, |metadata| {
        usize::try_from(metadata.len()).unwrap_or(limit)
    });
    // A buffer that grows would leave copies of a secret behind.
    let mut bytes = Vec::with_capacity(size.min(limit) + 64);
    file.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > limit {
        return Err(AccessError::TooLarge {
            path: path.to_owned(),
            limit_bytes: limit,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &[u8], expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, content).unwrap();
        let secret = read_secret_file(&path).ok();
        assert_eq!(
            secret.as_ref().map(|secret| secret.expose().as_str()),
            expected
        );
    }

    #[test]
    fn one_line_end_is_trimmed() {
        check(b"1-abc\n", Some("1-abc"));
        check(b"1-abc\r\n", Some("1-abc"));
        check(b"1-abc", Some("1-abc"));
    }

    #[test]
    fn empty_second_line_space_and_nul_are_refused() {
        check(b"", None);
        check(b"\n", None);
        check(b"one\ntwo\n", None);
        check(b"one two", None);
        check(b"one\0", None);
        check("schl\u{fc}ssel".as_bytes(), None);
    }

    #[test]
    fn oversized_secret_is_refused() {
        check(&vec![b'a'; MAX_SECRET], Some(&"a".repeat(MAX_SECRET)));
        check(&vec![b'a'; MAX_SECRET + 1], None);
    }
}
