//! The last look before rows are sealed: no live secret of this run may stand in them.
//!
//! Rows cannot hold one by construction; this finds the defect that would make them.

use truenas_common::secret::Secret;

/// Shorter ones would be found in innocent text.
const MIN_BYTES: usize = 16;

/// The secrets of this run.
#[derive(Debug, Default)]
pub(super) struct LiveSecrets(Vec<Secret<String>>);

impl LiveSecrets {
    /// Adds the lines of a key file, and the part of an API key that is the secret.
    pub(super) fn add(&mut self, text: &str) {
        for line in text.lines() {
            let secret = line.split_once('-').map_or(line, |(_, secret)| secret);
            if secret.len() >= MIN_BYTES && !secret.contains(' ') {
                self.0.push(Secret::new(secret.to_owned()));
            }
        }
    }

    /// Whether one of them stands in the bytes.
    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        self.0
            .iter()
            .any(|secret| holds(bytes, secret.expose().as_bytes()))
    }
}

/// Looks at the windows that begin with the right byte only: parts are large and secrets few.
fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    let Some(first) = secret.first() else {
        return false;
    };
    let mut rest = bytes;
    while let Some(start) = rest.iter().position(|byte| byte == first) {
        rest = &rest[start..];
        if rest.starts_with(secret) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_found_anywhere_and_short_text_is_no_secret() {
        let mut secrets = LiveSecrets::default();
        secrets.add("7-0123456789abcdefXYZ\n");
        secrets.add("untrusted comment: minisign secret key\nshort\n");
        assert!(secrets.are_in(b"{\"name\":\"0123456789abcdefXYZ\"}\n"));
        assert!(secrets.are_in(b"000123456789abcdefXYZ"));
        assert!(!secrets.are_in(b"0123456789abcdefXY"));
        assert!(!secrets.are_in(b"short untrusted comment"));
        assert!(!secrets.are_in(b""));
    }
}
