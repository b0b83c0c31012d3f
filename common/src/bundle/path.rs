//! Path of an entry below the root of the archive.

use std::fmt;

/// Components of `[a-z0-9][a-z0-9._-]*`, joined by `/`, at most 100 bytes with the root: nothing that a file system or a
/// shell would take for something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryPath(String);

/// The bytes are not such a path.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("archive entry has a name that is not allowed")]
pub struct EntryPathError;

impl EntryPath {
    /// Reads a path.
    ///
    /// # Errors
    /// Anything outside the form above.
    pub fn parse(text: &str) -> Result<Self, EntryPathError> {
        let is_valid = text.len() <= 100 && !text.is_empty() && text.split('/').all(is_component);
        if is_valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(EntryPathError)
        }
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Table and part number of `data/<table>/<number>.jsonl`.
    pub fn table_part(&self) -> Option<(&str, u64)> {
        let (table, part) = self.0.strip_prefix("data/")?.split_once('/')?;
        let number = part.strip_suffix(".jsonl")?;
        let is_number = number.len() >= 6 && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            Some((table, number.parse().ok()?))
        } else {
            None
        }
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_component(component: &str) -> bool {
    let mut bytes = component.bytes();
    let is_head = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.next().is_some_and(is_head)
        && bytes.all(|byte| is_head(byte) || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_relative_names_are_paths() {
        for path in ["data/k8s_pv/000000.jsonl", "bagit.txt", "a/b.c-d_e"] {
            assert!(EntryPath::parse(path).is_ok(), "{path}");
        }
        for path in [
            "", "/a", "a/", "a//b", "..", "a/../b", "a/.b", "A", "a b", "a\\b", "a\0b", "\u{e9}",
            "-a",
        ] {
            assert!(EntryPath::parse(path).is_err(), "{path:?}");
        }
        assert!(EntryPath::parse(&"a".repeat(101)).is_err());
    }

    #[test]
    fn table_parts_have_six_digits() {
        let part = |path: &str| {
            EntryPath::parse(path)
                .unwrap()
                .table_part()
                .map(|(t, n)| (t.to_owned(), n))
        };
        assert_eq!(
            part("data/k8s_pv/000012.jsonl"),
            Some(("k8s_pv".to_owned(), 12))
        );
        assert_eq!(part("data/k8s_pv/12.jsonl"), None);
        assert_eq!(part("data/extra.jsonl"), None);
    }
}
