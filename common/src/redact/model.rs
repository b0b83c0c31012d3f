//! Hardware models: what a maker prints on a part, not what a person types.

use std::borrow::Cow;

use crate::schema::{Cell, Class, Field, Kind};

const MAX_CHARS: usize = 40;

/// A model of disk: letters, digits, blanks and `-_./+`, at most 40 of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Model(Box<str>);

impl Model {
    /// Reads a model; what does not look like one stays on site.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_printed = text
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || " -_./+".contains(char));
        let has_letter = text.chars().any(|char| char.is_ascii_alphabetic());
        (is_printed && has_letter && text.len() <= MAX_CHARS).then(|| Self(text.into()))
    }

    /// The exported text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Field for Model {
    const KIND: Kind = Kind::Text;
    const CLASS: Class = Class::Model;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Text(Cow::Borrowed(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_models_are_kept_and_anything_else_stays() {
        for model in [
            "ST4000NM0035",
            "INTEL SSDPE2KX040T8",
            "WDC_WD40EFRX-68N32N0",
        ] {
            assert_eq!(Model::parse(model).unwrap().as_str(), model);
        }
        for text in [
            "",
            "12345678",
            "disk of bob@example.com",
            &"x".repeat(41),
            "a\nb",
        ] {
            assert_eq!(Model::parse(text), None, "{text}");
        }
    }
}
