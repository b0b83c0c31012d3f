//! The live secrets of a run: the one thing that is looked for as bytes, wherever it stands.

use std::sync::Arc;

use truenas_common::secret::Secret;

/// Shorter ones would be found in innocent text.
const MIN_BYTES: usize = 16;

/// The secrets of this run; copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LiveSecrets {
    secrets: Vec<Arc<Secret<String>>>,
    starts: Starts,
}

/// Which pairs of bytes begin a secret.
#[derive(Clone)]
struct Starts(Box<[u64; 1024]>);

impl Default for Starts {
    fn default() -> Self {
        Self(Box::new([0; 1024]))
    }
}

impl std::fmt::Debug for Starts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl Starts {
    #[inline]
    fn has(&self, first: u8, second: u8) -> bool {
        let pair = usize::from(first) << 8 | usize::from(second);
        self.0[pair / 64] >> (pair % 64) & 1 == 1
    }

    fn add(&mut self, first: u8, second: u8) {
        let pair = usize::from(first) << 8 | usize::from(second);
        self.0[pair / 64] |= 1 << (pair % 64);
    }
}

impl LiveSecrets {
    /// Adds the lines of a key file, and the part of an API key that is the secret.
    pub(crate) fn add(&mut self, text: &str) {
        for line in text.lines() {
            self.add_whole(line.split_once('-').map_or(line, |(_, secret)| secret));
        }
    }

    /// Adds one secret as it is.
    pub(crate) fn add_whole(&mut self, secret: &str) {
        if secret.len() < MIN_BYTES || secret.contains(' ') {
            return;
        }
        self.starts.add(secret.as_bytes()[0], secret.as_bytes()[1]);
        self.secrets.push(Arc::new(Secret::new(secret.to_owned())));
    }

    /// Whether one of them begins here.
    #[inline]
    pub(super) fn begins(&self, bytes: &[u8], place: usize) -> bool {
        let (Some(first), Some(second)) = (bytes.get(place), bytes.get(place + 1)) else {
            return false;
        };
        self.starts.has(*first, *second) && self.is_at(&bytes[place..])
    }

    #[cold]
    fn is_at(&self, rest: &[u8]) -> bool {
        self.secrets
            .iter()
            .any(|secret| rest.starts_with(secret.expose().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_found_anywhere_and_short_text_is_no_secret() {
        let mut secrets = LiveSecrets::default();
        secrets.add("7-0123456789abcdefXYZ\n");
        secrets.add("untrusted comment: minisign secret key\nshort\n");
        secrets.add_whole("eyJhbGciOiJSUzI1Ni-with-a-dash");
        let are_in = |text: &str| {
            let bytes = text.as_bytes();
            (0..bytes.len()).any(|place| secrets.begins(bytes, place))
        };
        assert!(are_in("{\"name\":\"0123456789abcdefXYZ\"}\n"));
        assert!(are_in("000123456789abcdefXYZ"));
        assert!(are_in("x eyJhbGciOiJSUzI1Ni-with-a-dash"));
        assert!(!are_in("with-a-dash 0123456789abcdefXY"));
        assert!(!are_in("short untrusted comment"));
        assert!(!are_in(""));
    }

    #[test]
    fn nothing_of_a_secret_is_printed() {
        let mut secrets = LiveSecrets::default();
        secrets.add_whole("0123456789abcdefXYZ");
        let text = format!("{secrets:?}");
        assert!(!text.contains("0123") && text.len() < 200, "{text}");
    }
}
