//! Which tables and views exist, and what the lint may assume about their columns.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, DataType, Schema};

/// How the values of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8 text.
    Text,
    /// 64-bit signed integer: bytes, counts, ids, Unix seconds.
    Integer,
    /// 64-bit float.
    Float,
    /// True or false.
    Bool,
}

/// One column of a table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogColumn {
    /// Lower-case name.
    pub name: String,
    /// Storage kind.
    pub kind: ColumnKind,
    /// Whether the values are pseudonyms: they may be joined and grouped, never ordered or taken apart.
    pub is_token: bool,
    /// Whether a row may lack the value.
    pub nullable: bool,
}

/// The tables and views that a statement may name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Columns in stored order by table name.
    pub tables: BTreeMap<String, Vec<CatalogColumn>>,
}

impl ColumnKind {
    /// The column type that holds this kind in a frame.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Bool => DataType::Boolean,
        }
    }

    /// The kind of a frame column, or nothing for types that the dialect has no use for.
    pub fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::String => Some(Self::Text),
            DataType::Float32 | DataType::Float64 => Some(Self::Float),
            DataType::Boolean => Some(Self::Bool),
            integer if integer.is_integer() => Some(Self::Integer),
            _ => None,
        }
    }
}

impl CatalogColumn {
    /// A nullable column that is no pseudonym.
    pub fn plain(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
            is_token: false,
            nullable: true,
        }
    }

    /// A nullable column of pseudonyms.
    pub fn token(name: impl Into<String>) -> Self {
        Self {
            is_token: true,
            ..Self::plain(name, ColumnKind::Text)
        }
    }
}

impl Catalog {
    /// The columns of a table or view.
    pub fn columns(&self, table: &str) -> Option<&[CatalogColumn]> {
        self.tables.get(table).map(Vec::as_slice)
    }

    /// Whether the table or view has a column of this name.
    pub fn has_column(&self, table: &str, column: &str) -> bool {
        self.columns(table)
            .is_some_and(|columns| columns.iter().any(|known| known.name == column))
    }
}

/// A frame without rows that has these columns.
pub fn empty_frame(columns: &[CatalogColumn]) -> DataFrame {
    let schema: Schema = columns
        .iter()
        .map(|column| (column.name.as_str().into(), column.kind.data_type()))
        .collect();
    DataFrame::empty_with_schema(&schema)
}

/// Whether the text is a name that every engine reads the same way without quotes.
pub fn is_plain_name(text: &str) -> bool {
    let mut letters = text.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && letters
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_words_are_plain_names() {
        for (text, plain) in [
            ("used_bytes", true),
            ("_x1", true),
            ("", false),
            ("1x", false),
            ("Used", false),
            ("a-b", false),
        ] {
            assert_eq!(is_plain_name(text), plain, "{text}");
        }
    }

    #[test]
    fn an_empty_frame_keeps_names_order_and_types() {
        let frame = empty_frame(&[
            CatalogColumn::token("path"),
            CatalogColumn::plain("used_bytes", ColumnKind::Integer),
        ]);
        assert_eq!(frame.height(), 0);
        assert_eq!(frame.get_column_names(), ["path", "used_bytes"]);
        assert_eq!(frame.dtypes(), [DataType::String, DataType::Int64]);
    }
}
