//! `manifest-sha256.txt` and `tagmanifest-sha256.txt`: BagIt and `sha256sum -c` read the same lines.

use std::collections::BTreeMap;

use super::path::EntryPath;

/// A manifest that is not in its one form.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "manifest line {line} is not `<64 lower hex>  <path>`, or its path does not come after the one before"
)]
pub struct ManifestError {
    line: usize,
}

/// Digest of each listed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest(pub(super) BTreeMap<EntryPath, String>);

impl Manifest {
    /// Lines sorted by path.
    pub(super) fn to_text(&self) -> String {
        self.0
            .iter()
            .map(|(path, digest)| format!("{digest}  {path}\n"))
            .collect()
    }

    pub(super) fn parse(text: &str) -> Result<Self, ManifestError> {
        let mut files: BTreeMap<EntryPath, String> = BTreeMap::new();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let error = ManifestError { line: index + 1 };
            let Some((digest, path)) = line
                .strip_suffix('\n')
                .and_then(|line| line.split_once("  "))
            else {
                return Err(error);
            };
            let is_digest = digest.len() == 64
                && digest
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            let Ok(path) = EntryPath::parse(path) else {
                return Err(error);
            };
            let is_next = files.last_key_value().is_none_or(|(last, _)| *last < path);
            if !is_digest || !is_next {
                return Err(error);
            }
            files.insert(path, digest.to_owned());
        }
        Ok(Self(files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_are_refused() {
        let digest = "ab".repeat(32);
        let good = format!("{digest}  data/a.jsonl\n");
        assert_eq!(Manifest::parse(&good).unwrap().to_text(), good);
        for text in [
            good.to_uppercase(),
            good.replace("  ", " *"),
            good.replace('\n', "\r\n"),
            good.trim_end().to_owned(),
            good.repeat(2),
            format!("{}{good}", good.replace("data/a", "data/b")),
            format!("\\{good}"),
            good.replace("data/a", "data/../a"),
            format!("{}{good}", "x".repeat(1 << 20)),
        ] {
            assert!(Manifest::parse(&text).is_err(), "{text:.90}");
        }
    }
}
