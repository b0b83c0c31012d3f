//! Names of fields that a server gives and this software does not know: readable where the servers' own interfaces
//! name them, else keyed tokens, as people choose keys too.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::schema::{Cell, Class, Field, Kind};

const LIST: &str = include_str!("field_names.txt");

static NAMES: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| LIST.lines().filter(|line| !line.starts_with('#')).collect());

/// Each item of a list.
const ITEM: &str = "*";

/// Path of a field, from the object down. Only [`super::Redactor`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(Box<str>);

impl FieldPath {
    pub(super) fn new(path: impl Into<Box<str>>) -> Self {
        Self(path.into())
    }

    /// The exported text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Field for FieldPath {
    const KIND: Kind = Kind::Text;
    const CLASS: Class = Class::Field;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Text(Cow::Borrowed(&self.0)))
    }
}

/// Whether one step of a path is the name of a field of the servers' interfaces, and so says nothing about a site.
pub fn is_field_name(step: &str) -> bool {
    step == ITEM || NAMES.contains(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn list_is_sorted_and_holds_names_of_both_interfaces_and_nothing_else() {
        let names = || LIST.lines().filter(|line| !line.starts_with('#'));
        assert!(names().count() > 1_000 && names().is_sorted());
        let is_name = |name: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
        };
        assert!(names().all(is_name));
        for name in [
            "managedFields",
            "volumeAttributes",
            "fragmentation",
            "usedbysnapshots",
        ] {
            assert!(is_field_name(name), "{name}");
        }
    }

    #[test]
    fn step_that_no_interface_has_is_a_token_and_the_others_stay() {
        let key = PseudonymKey::from_bytes([7; 32]);
        let redactor = Redactor::new(&key, Profile::Standard);
        let path = redactor.field("status.nodeInfo.acmeRack.*.images");
        let text = path.as_str();
        assert!(
            text.starts_with("status.nodeInfo.field-") && text.ends_with(".*.images"),
            "{text}"
        );
        assert!(
            !text.contains("acme") && path == redactor.field("status.nodeInfo.acmeRack.*.images")
        );
        let open = Redactor::new(&key, Profile::Open);
        assert_eq!(open.field("spec.acmeRack").as_str(), "spec.acmeRack");
    }
}
