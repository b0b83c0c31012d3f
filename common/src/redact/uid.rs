//! Unique ids and version numbers: text of a form that cannot hold a name.

use std::borrow::Cow;

use crate::schema::{Cell, Class, Field, Kind};

/// A Kubernetes uid: a version-4 UUID as it is, anything else as a pseudonym. Made by [`super::Redactor::uid`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(Box<str>);

impl Uid {
    pub(super) fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The exported text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Field for Uid {
    const KIND: Kind = Kind::Text;
    const CLASS: Class = Class::Uid;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Text(Cow::Borrowed(&self.0)))
    }
}

/// A version number: digits and dots with an optional release suffix such as `-U1.2` or `-BETA.3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Box<str>);

const SUFFIXES: &[&str] = &["-ALPHA", "-BETA", "-RC", "-U", "-MASTER"];

impl Version {
    /// Finds the number in a server's version text and drops every word around it.
    pub fn find(text: &str) -> Option<Self> {
        let start = text.find(|char: char| char.is_ascii_digit())?;
        let rest = &text[start..];
        let end = rest
            .find(|char: char| !char.is_ascii_digit() && char != '.')
            .unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        if number.len() > 24 {
            return None;
        }
        let suffix = SUFFIXES.iter().find_map(|suffix| {
            let tail = rest[end..].strip_prefix(suffix)?;
            let end = tail
                .find(|char: char| !char.is_ascii_digit() && char != '.')
                .unwrap_or(tail.len());
            (end <= 8).then(|| format!("{suffix}{}", &tail[..end]))
        });
        Some(Self(
            format!("{number}{}", suffix.unwrap_or_default()).into(),
        ))
    }

    /// The exported text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Field for Version {
    const KIND: Kind = Kind::Text;
    const CLASS: Class = Class::Version;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Text(Cow::Borrowed(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_and_words_are_dropped() {
        for (text, number) in [
            ("TrueNAS-SCALE-24.04.2.5", "24.04.2.5"),
            ("TrueNAS-13.3-U1.2", "13.3-U1.2"),
            ("TrueNAS-26.0.0-BETA.3", "26.0.0-BETA.3"),
            ("v1.36.2+acme-corp", "1.36.2"),
            ("25.10.1-acme", "25.10.1"),
        ] {
            assert_eq!(Version::find(text).unwrap().as_str(), number, "{text}");
        }
        assert_eq!(Version::find("acme"), None);
        let cell = Cell::Text("25.10.1".into());
        assert_eq!(Version::find("25.10.1-acme").unwrap().cell(), Some(cell));
    }

    #[test]
    fn a_number_longer_than_any_version_is_none() {
        let digits = "1".repeat(24);
        assert_eq!(Version::find(&digits).unwrap().as_str(), digits);
        assert_eq!(Version::find(&"1".repeat(25)), None);
    }
}
