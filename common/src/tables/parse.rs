//! Reads one JSON line of a table against its declaration.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::schema::{Cell, Kind, Table};
use crate::time::Time;

/// Longest text of a cell, in bytes. The longest real value is a path of a few hundred.
pub const MAX_TEXT_BYTES: usize = 4096;

/// Values in column order, and how many fields the declaration does not know.
#[derive(Debug, PartialEq, Eq)]
pub struct ParsedRow<'a> {
    /// One entry a column.
    pub cells: Vec<Option<Cell<'a>>>,
    /// Fields of a newer format.
    pub n_unknown: usize,
}

/// A line is not a row of its table.
#[derive(Debug, thiserror::Error)]
#[error("line is not a row of table `{table}`")]
pub struct RowError {
    /// Table.
    pub table: &'static str,
    /// What is wrong; never contains values.
    #[source]
    pub source: serde_json::Error,
}

/// Reads one line.
///
/// # Errors
/// Not JSON, a value of another type than declared, a required value missing, a field given twice, text with control
/// characters or longer than [`MAX_TEXT_BYTES`].
pub fn parse_line<'a>(table: &'static Table, line: &'a str) -> Result<ParsedRow<'a>, RowError> {
    let mut deserializer = serde_json::Deserializer::from_str(line);
    RowSeed(table)
        .deserialize(&mut deserializer)
        .and_then(|row| deserializer.end().map(|()| row))
        .map_err(|source| RowError {
            table: table.name,
            source,
        })
}

struct RowSeed(&'static Table);

impl<'de> DeserializeSeed<'de> for RowSeed {
    type Value = ParsedRow<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed {
    type Value = ParsedRow<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let columns = self.0.columns;
        let mut cells: Vec<Option<Cell<'de>>> = vec![None; columns.len()];
        let mut n_unknown = 0;
        let mut expected = 0;
        while let Some(found) = map.next_key_seed(NameSeed {
            table: self.0,
            expected,
        })? {
            let Some(index) = found else {
                map.next_value::<IgnoredAny>()?;
                n_unknown += 1;
                continue;
            };
            if cells[index].is_some() {
                return Err(A::Error::custom(format_args!(
                    "field `{}` appears twice",
                    columns[index].name
                )));
            }
            cells[index] = map.next_value_seed(CellSeed(columns[index].kind))?;
            expected = index;
        }
        let missing = columns
            .iter()
            .zip(&cells)
            .find(|(column, cell)| cell.is_none() && !column.nullable);
        if let Some((column, _)) = missing {
            return Err(A::Error::custom(format_args!(
                "field `{}` is missing",
                column.name
            )));
        }
        Ok(ParsedRow { cells, n_unknown })
    }
}

/// Finds the column of a name without a copy of the name.
struct NameSeed {
    table: &'static Table,
    /// Our own writer keeps the declared order, so the column from here on is nearly always the right one.
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let mut ahead = self.table.columns[self.expected..].iter();
        let offset = ahead.position(|column| column.name == name);
        Ok(offset
            .map(|offset| self.expected + offset)
            .or_else(|| self.table.column(name).map(|(index, _)| index)))
    }
}

struct CellSeed(Kind);

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Option<Cell<'de>>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> CellSeed {
    fn text<E: serde::de::Error>(&self, text: Cow<'de, str>) -> Result<Option<Cell<'de>>, E> {
        match self.0 {
            Kind::Time => {
                let time = Time::parse(&text).ok_or_else(|| E::custom("not an RFC 3339 time"))?;
                Ok(Some(Cell::Integer(time.unix_secs())))
            }
            Kind::Text if text.len() > MAX_TEXT_BYTES => Err(E::custom("text is too long")),
            Kind::Text if has_control(&text) => Err(E::custom("text has control characters")),
            Kind::Text => Ok(Some(Cell::Text(text))),
            Kind::Integer | Kind::Bool => {
                Err(E::custom("text where a number or truth value is declared"))
            }
        }
    }
}

/// Whether text has control characters, those beyond ASCII too; nearly all text is plain.
fn has_control(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    !is_plain && text.chars().any(char::is_control)
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Option<Cell<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a value of kind {:?}", self.0)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<Self::Value, E> {
        match self.0 {
            Kind::Bool => Ok(Some(Cell::Bool(truth))),
            _ => Err(E::custom("truth value where another kind is declared")),
        }
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        match self.0 {
            Kind::Integer => Ok(Some(Cell::Integer(number))),
            _ => Err(E::custom("number where another kind is declared")),
        }
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        let number = i64::try_from(number).map_err(|_| E::custom("number beyond 63 bits"))?;
        self.visit_i64(number)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.text(Cow::Borrowed(text))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        self.text(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{Profile, PseudonymKey, Redactor};
    use crate::schema::{Row as _, write_line};
    use crate::tables::code::{AddressOrigin, Phase, ReclaimPolicy};
    use crate::tables::{K8sAgain, NasAddress};

    #[track_caller]
    fn check(line: &str, expected: Result<usize, &str>) {
        let outcome = parse_line(K8sAgain::TABLE, line);
        match (outcome, expected) {
            (Ok(row), Ok(n_unknown)) => assert_eq!(row.n_unknown, n_unknown),
            (Err(error), Err(part)) => {
                let text = error.source.to_string();
                assert!(text.contains(part), "{text}");
            }
            (outcome, expected) => panic!("{outcome:?} is not {expected:?}"),
        }
    }

    #[test]
    fn lines_are_held_to_their_declaration() {
        let good = r#"{"list":"persistentvolumes","uid":"u","phase":"Bound","is_deleting":false}"#;
        check(good, Ok(0));
        check(&good.replace("}", r#","later":{"x":[1]}}"#), Ok(1));
        check(&good.replace("false", "0"), Err("number where"));
        check(&good.replace(r#""uid":"u","#, ""), Err("`uid` is missing"));
        check(
            &good.replace(r#""uid":"u","#, r#""uid":"u","uid":"u","#),
            Err("appears twice"),
        );
        check(
            &good.replace(r#""u""#, r#""\u001b[2J""#),
            Err("control characters"),
        );
        check(
            &good.replace(r#""u""#, r#""\u0085""#),
            Err("control characters"),
        );
        check(&good.replace(r#""u""#, r#""h\u00e9""#), Ok(0));
        check(&good.replace(r#""uid""#, r#""\u0075id""#), Ok(0));
        check(
            &good.replace(r#""u""#, &format!("\"{}\"", "x".repeat(5000))),
            Err("too long"),
        );
        check(&good.replace("}", "} {}"), Err("trailing"));
        check("[]", Err("expected an object"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        let row = NasAddress {
            appliance: redactor.name("a \"quoted\" name"),
            host: redactor.host("nas.example.com"),
            origin: AddressOrigin::Portal,
            network: None,
        };
        let mut line = Vec::new();
        write_line(&row, &mut line);
        let parsed = parse_line(NasAddress::TABLE, std::str::from_utf8(&line).unwrap()).unwrap();
        assert_eq!(
            parsed.cells[0],
            Some(Cell::Text("a \"quoted\" name".into()))
        );
        assert_eq!(parsed.cells[2], Some(Cell::Text("portal".into())));
        assert_eq!(
            (Phase::parse("acme"), ReclaimPolicy::parse("Retain")),
            (Phase::Other, ReclaimPolicy::Retain)
        );
    }
}
