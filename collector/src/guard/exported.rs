//! Rule S14 for names: the components of every exported text that is no pseudonym, against those of every replaced name.

use std::collections::HashMap;

use truenas_common::redact::{Components, KINDS, Redactor, sidecar_uuid};

/// A name that was replaced elsewhere leaves here.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "S14: a name that this run replaces elsewhere stands in column `{column}` of table `{table}`, and nothing was \
     written; this is a defect of the program: report the column, never the name"
)]
pub(crate) struct ExportedName {
    table: &'static str,
    column: &'static str,
}

/// Where each component stood first.
#[derive(Debug)]
pub(crate) struct Names {
    components: Components,
    places: HashMap<u64, (&'static str, &'static str)>,
}

impl Names {
    /// Begins with nothing exported; nothing to do without a record, as when names leave readable.
    pub(crate) fn new(redactor: &Redactor) -> Option<Self> {
        redactor.components().map(|components| Self {
            components,
            places: HashMap::new(),
        })
    }

    /// Notes an exported text.
    pub(super) fn note(&mut self, table: &'static str, column: &'static str, text: &str) {
        let places = &mut self.places;
        self.components.each(text, |hash| {
            places.entry(hash).or_insert((table, column));
        });
    }

    /// Compares, when all names have been seen and nothing has its name yet.
    pub(crate) fn check(&self, redactor: &Redactor) -> Result<(), ExportedName> {
        let mut leaks = self
            .places
            .iter()
            .filter(|(hash, _)| redactor.must_not_leave(**hash))
            .map(|(_, place)| *place);
        let Some(first) = leaks.next() else {
            return Ok(());
        };
        let (table, column) = leaks.fold(first, Ord::min);
        Err(ExportedName { table, column })
    }
}

/// Whether a value is made of pseudonyms and sidecars' uuids alone: nothing else can stand in it.
pub(super) fn is_pseudonym(value: &[u8]) -> bool {
    value
        .split(|byte| matches!(byte, b'/' | b'.'))
        .all(|component| is_token(component) || is_sidecar_name(component))
}

/// 16 characters of a pseudonym, with the prefix of its kind or without.
fn is_token(component: &[u8]) -> bool {
    let Some((prefix, token)) = component
        .len()
        .checked_sub(16)
        .map(|start| component.split_at(start))
    else {
        return false;
    };
    let is_in_alphabet = token
        .iter()
        .all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(byte));
    let is_kind = || {
        let kind = prefix.strip_suffix(b"-");
        kind.is_some_and(|kind| KINDS.iter().any(|known| known.as_bytes() == kind))
    };
    is_in_alphabet && (prefix.is_empty() || is_kind())
}

fn is_sidecar_name(component: &[u8]) -> bool {
    std::str::from_utf8(component).is_ok_and(|name| sidecar_uuid(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, marker};

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard).recording(None)
    }

    #[track_caller]
    fn check(exported: &str, is_refused: bool) {
        let redactor = redactor();
        let mut names = Names::new(&redactor).unwrap();
        names.note("zfs_dataset", "path", exported);
        redactor.path("tank/prod-db");
        redactor.name::<marker::NamespaceKind>("default");
        redactor.name::<marker::NamespaceKind>("Billing");
        assert_eq!(names.check(&redactor).is_err(), is_refused, "{exported}");
    }

    #[test]
    fn name_that_is_seen_after_it_was_exported_is_found_too() {
        check("tank", true);
        check("ds/prod-db@x", true);
        check("billing", true);
        check("default", false);
        check("prod", false);
    }

    #[test]
    fn refusal_names_the_place_and_not_the_name() {
        let redactor = redactor();
        let mut names = Names::new(&redactor).unwrap();
        names.note("zfs_dataset", "path", "secret-project");
        redactor.path("secret-project");
        let text = names.check(&redactor).unwrap_err().to_string();
        assert!(text.contains("`path`") && text.contains("`zfs_dataset`"));
        assert!(!text.contains("secret-project"));
    }

    #[test]
    fn pseudonym_is_known_by_its_form() {
        let uuid = "pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5";
        let path = format!("jhey7oqjnv64kbz3/{uuid}/4sjhsjdwowvf7dru");
        for text in [
            "jhey7oqjnv64kbz3",
            "ns-jhey7oqjnv64kbz3",
            "jhey7oqjnv64kbz3.4sjhsjdwowvf7dru",
            uuid,
            &path,
        ] {
            assert!(is_pseudonym(text.as_bytes()), "{text}");
        }
        for text in [
            "jhey7oqjnv64kbz",
            "acme-jhey7oqjnv64kbz3",
            "-jhey7oqjnv64kbz3",
            "JHEY7oqjnv64kbz3",
            "jhey7oqjnv64kbz3/tank",
            "jhey7oqjnv64kbz3@4sjhsjdwowvf7dru",
            "",
        ] {
            assert!(!is_pseudonym(text.as_bytes()), "{text}");
        }
    }
}
