//! The exit scan over the files of a bundle, as they are written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use truenas_common::bundle::{Refusal, Screen};
use truenas_common::redact::{Profile, is_field_name};
use truenas_common::schema::{Class, Column, Kind, Table};
use truenas_common::tables;

use super::exported::{Names, is_pseudonym};
use super::hit::{Hit, Refused, Rule};
use super::line::{self, Columns, Field};
use super::secrets::LiveSecrets;
use super::{address, blob, document, key_name, signature};

/// A form that begins in one file and ends in the next is found across this many bytes.
const OVERLAP: usize = 4 << 10;

/// A file with more is as wrong as one with these.
const MAX_HITS: usize = 64;

/// What the scan saw, for the run that goes on.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Exported components, when names are replaced.
    pub(crate) names: Option<Names>,
    /// Bytes that were looked at.
    pub(crate) n_bytes: u64,
    /// Words that no closed list has, by table and column.
    pub(crate) other_words: BTreeMap<(&'static str, &'static str), u64>,
}

/// What the scan has seen so far: it may look on another thread than the run's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Look>>);

impl Seen {
    fn now(&self) -> MutexGuard<'_, Look> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes it out, at the end.
    pub(crate) fn take(&self) -> Look {
        std::mem::take(&mut self.now())
    }
}

/// Looks at every file; the first that must not leave ends the bundle.
pub(crate) struct BorderScreen {
    secrets: LiveSecrets,
    profile: Profile,
    tail: Vec<u8>,
    look: Seen,
}

impl BorderScreen {
    /// A screen, and what it will have seen.
    pub(crate) fn new(
        secrets: LiveSecrets,
        profile: Profile,
        names: Option<Names>,
    ) -> (Self, Seen) {
        let look = Seen::default();
        look.now().names = names;
        let screen = Self {
            secrets,
            profile,
            tail: Vec::new(),
            look: look.clone(),
        };
        (screen, look)
    }

    fn scan(&mut self, path: &str, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let table = table_of(path);
        let mut found = |rule, place: usize| {
            if hits.len() < MAX_HITS {
                hits.push(place_of(path, table.is_some(), bytes, rule, place));
            }
        };
        forms(bytes, &self.secrets, &mut found);
        self.scan_seam(bytes, &mut found);
        match table {
            Some(table) => self.scan_rows(path, table, bytes, &mut hits),
            // A signature is random by nature, and made here.
            None if path.ends_with(".minisig") => {}
            None => document::scan(path, bytes, &mut hits),
        }
        hits.truncate(MAX_HITS);
        hits.sort_by_key(|hit| (hit.line, hit.rule));
        hits
    }

    /// Looks at the end of the last file and the beginning of this one as if they were one.
    fn scan_seam(&mut self, bytes: &[u8], found: &mut dyn FnMut(Rule, usize)) {
        let mut seam = std::mem::take(&mut self.tail);
        let border = seam.len();
        seam.extend_from_slice(&bytes[..bytes.len().min(OVERLAP)]);
        let mut in_both = Vec::new();
        forms(&seam, &self.secrets, &mut |rule, place| {
            in_both.push((rule, place));
        });
        // What stands in one of the two alone was found there; the rest needs both.
        let mut in_one = Vec::new();
        let mut note = |rule, place| in_one.push((rule, place));
        forms(&seam[..border], &self.secrets, &mut note);
        forms(&seam[border..], &self.secrets, &mut |rule, place| {
            note(rule, place + border);
        });
        for hit in in_both {
            if !in_one.contains(&hit) {
                found(hit.0, hit.1.saturating_sub(border));
            }
        }
        let start = bytes.len().saturating_sub(OVERLAP);
        seam.clear();
        seam.extend_from_slice(&bytes[start..]);
        self.tail = seam;
    }

    fn scan_rows(&self, path: &str, table: &'static Table, bytes: &[u8], hits: &mut Vec<Hit>) {
        let look = &mut *self.look.now();
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if line.is_empty() || hits.len() >= MAX_HITS {
                continue;
            }
            let mut columns = Columns::new(Some(table));
            let mut found = |rule, column: Option<&Column>| {
                hits.push(Hit {
                    rule,
                    file: path.to_owned(),
                    line: number,
                    pointer: format!("/{}", column.map_or("*", |column| column.name)),
                });
            };
            let is_row = line::each(line, |field| {
                let column = columns.find(field.key);
                self.scan_field(table, column, field, look, &mut |rule| found(rule, column));
            });
            if !is_row {
                let line = String::from_utf8_lossy(line);
                document::text(&line).for_each(|rule| found(rule, None));
            }
        }
    }

    fn scan_field(
        &self,
        table: &'static Table,
        column: Option<&'static Column>,
        field: Field<'_>,
        look: &mut Look,
        found: &mut dyn FnMut(Rule),
    ) {
        let Some(column) = column else {
            if key_name::is_secret(field.key) {
                found(Rule::SecretName);
            }
            let text = unescaped(field.value);
            document::text(&text).for_each(&mut *found);
            if let Some(names) = &mut look.names {
                names.note(table.name, "*", &text);
            }
            return;
        };
        if !field.is_text || column.kind != Kind::Text {
            // A number holds no name, but one that stands where text is declared is not looked at elsewhere either.
            return;
        }
        match column.class {
            Class::Code(_) if field.value == b"other" => {
                let counted = look.other_words.entry((table.name, column.name));
                *counted.or_default() += 1;
            }
            Class::Code(words) if is_one_of(field.value, words) => {}
            Class::Constant => {}
            Class::Field if field.value.split(|byte| *byte == b'.').all(is_field_step) => {}
            Class::Token(_) if self.profile == Profile::Open || is_pseudonym(field.value) => {}
            class => {
                let text = unescaped(field.value);
                let (is_token, is_version) =
                    (matches!(class, Class::Token(_)), class == Class::Version);
                if address::has_email(text.as_bytes()) {
                    found(Rule::Email);
                }
                if !is_version && address::has_address(&text) {
                    found(Rule::Address);
                }
                let slash = match is_token {
                    true => blob::Slash::Separates,
                    false => blob::Slash::Belongs,
                };
                if blob::is_in(text.as_bytes(), slash) {
                    found(Rule::Blob);
                }
                if let Some(names) = look.names.as_mut().filter(|_| !is_version) {
                    names.note(table.name, column.name, &text);
                }
            }
        }
    }
}

impl Screen for BorderScreen {
    fn look(&mut self, path: &str, bytes: &[u8]) -> Result<(), Refusal> {
        self.look.now().n_bytes += bytes.len() as u64;
        let hits = self.scan(path, bytes);
        match hits.is_empty() {
            true => Ok(()),
            false => Err(Box::new(Refused(hits))),
        }
    }
}

/// Live secrets and S01 to S09.
fn forms(bytes: &[u8], secrets: &LiveSecrets, found: &mut dyn FnMut(Rule, usize)) {
    for (place, byte) in bytes.iter().enumerate() {
        if secrets.begins(bytes, place) {
            found(Rule::Known, place);
        }
        if signature::is_anchor(*byte)
            && let Some(rule) = signature::at(bytes, place)
        {
            found(rule, place);
        }
    }
    signature::truenas_keys(bytes, |place| found(Rule::TruenasKey, place));
}

/// A step of the path of a field: the name of a server's interface, or a pseudonym.
fn is_field_step(step: &[u8]) -> bool {
    is_pseudonym(step) || std::str::from_utf8(step).is_ok_and(is_field_name)
}

fn is_one_of(value: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| word.as_bytes() == value)
}

fn unescaped(value: &[u8]) -> std::borrow::Cow<'_, str> {
    if !value.contains(&b'\\') {
        return String::from_utf8_lossy(value);
    }
    let quoted = [b"\"", value, b"\""].concat();
    serde_json::from_slice::<String>(&quoted)
        .map_or_else(|_| String::from_utf8_lossy(value), Into::into)
}

fn table_of(path: &str) -> Option<&'static Table> {
    let (name, _) = path.strip_prefix("data/")?.split_once('/')?;
    tables::table(name)
}

/// Line and column of a place; a cold path.
fn place_of(path: &str, is_table: bool, bytes: &[u8], rule: Rule, place: usize) -> Hit {
    let place = place.min(bytes.len());
    let line = 1 + bytes[..place].iter().filter(|byte| **byte == b'\n').count();
    let start = bytes[..place]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let rest = &bytes[start..];
    let end = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(rest.len(), |at| at);
    let mut pointer = String::new();
    if is_table {
        let mut columns = Columns::new(table_of(path));
        let at = place - start;
        line::each(&rest[..end], |field| {
            let from = field.value.as_ptr().addr() - rest.as_ptr().addr();
            let is_here = (from..=from + field.value.len()).contains(&at);
            let column = columns.find(field.key);
            if is_here {
                pointer = format!("/{}", column.map_or("*", |column| column.name));
            }
        });
    }
    Hit {
        rule,
        file: path.to_owned(),
        line,
        pointer,
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
