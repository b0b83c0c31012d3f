//! Takes a row apart without decoding it: rows are flat and in the one form that this program writes.

use truenas_common::schema::{Column, Table};

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) key: &'a [u8],
    /// Text without its quotes, still escaped; digits or a word as they stand.
    pub(super) value: &'a [u8],
    pub(super) is_text: bool,
}

/// Calls with every value; false when the line is not such a row.
pub(super) fn each<'a>(line: &'a [u8], mut call: impl FnMut(Field<'a>)) -> bool {
    let Some(mut rest) = line.strip_prefix(b"{") else {
        return false;
    };
    if rest == b"}" {
        return true;
    }
    loop {
        let Some((key, after)) = text(rest) else {
            return false;
        };
        let Some(after) = after.strip_prefix(b":") else {
            return false;
        };
        let (value, is_text, after) = match text(after) {
            Some((value, after)) => (value, true, after),
            None => {
                let end = after.iter().position(|byte| matches!(byte, b',' | b'}'));
                let (value, after) = after.split_at(end.unwrap_or(0));
                (value, false, after)
            }
        };
        if !is_text && (value.is_empty() || !value.iter().all(u8::is_ascii_graphic)) {
            return false;
        }
        call(Field {
            key,
            value,
            is_text,
        });
        match after {
            b"}" => return true,
            [b',', tail @ ..] => rest = tail,
            _ => return false,
        }
    }
}

/// A quoted text at the start, and what follows it.
fn text(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = rest.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        at += body[at..]
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\'))?;
        if body[at] == b'"' {
            return Some((&body[..at], &body[at + 1..]));
        }
        at += 2;
        if at > body.len() {
            return None;
        }
    }
}

/// Finds columns in the order in which rows are written: each is next to the last.
pub(super) struct Columns {
    table: Option<&'static Table>,
    next: usize,
}

impl Columns {
    pub(super) fn new(table: Option<&'static Table>) -> Self {
        Self { table, next: 0 }
    }

    pub(super) fn find(&mut self, key: &[u8]) -> Option<&'static Column> {
        let columns = self.table?.columns;
        let (before, after) = columns.split_at(self.next.min(columns.len()));
        let mut numbered = (self.next..).zip(after).chain((0..).zip(before));
        let (index, column) = numbered.find(|(_, column)| column.name.as_bytes() == key)?;
        self.next = index + 1;
        Some(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::tables;

    #[track_caller]
    fn check(line: &str, expected: Option<&[(&str, &str)]>) {
        let mut found = Vec::new();
        let is_row = each(line.as_bytes(), |field| {
            let words = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            found.push((words(field.key), words(field.value)));
        });
        assert_eq!(is_row, expected.is_some(), "{line}");
        let Some(expected) = expected else { return };
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn rows_are_taken_apart_and_other_text_is_refused() {
        check(
            r#"{"a":"x","b":-1,"c":true}"#,
            Some(&[("a", "x"), ("b", "-1"), ("c", "true")]),
        );
        check(
            r#"{"a":"q\"}\\","b":1}"#,
            Some(&[("a", r#"q\"}\\"#), ("b", "1")]),
        );
        check("{}", Some(&[]));
        for line in [
            "",
            "text",
            "{",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":"x"#,
            r#"{"a":"x\"#,
            r#"{"a":"x"}tail"#,
            r#"{"a":1 2}"#,
        ] {
            check(line, None);
        }
    }

    #[test]
    fn columns_are_found_in_any_order() {
        let mut columns = Columns::new(tables::table("k8s_pv"));
        for name in ["name", "phase", "uid", "is_static", "name"] {
            assert_eq!(
                columns.find(name.as_bytes()).map(|column| column.name),
                Some(name)
            );
        }
        assert!(columns.find(b"password").is_none());
        assert!(Columns::new(None).find(b"name").is_none());
    }
}
