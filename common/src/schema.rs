//! What a table is: its columns, the class of each column, and how one row becomes one JSON line.
//!
//! A row type declared with [`crate::table!`] is its schema, its entry in the data dictionary and its redaction rule:
//! a column's class follows from its Rust type, and there is no type for free text.

use std::borrow::Cow;
use std::io::Write as _;

use crate::time;

/// How a column's values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text without control characters.
    Text,
    /// 64-bit signed integer; the unit is the last word of the column name.
    Integer,
    /// True or false.
    Bool,
    /// RFC 3339 text in UTC in a bundle, Unix seconds in the history.
    Time,
}

/// Why a value may leave the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Keyed pseudonym of the named kind.
    Token(&'static str),
    /// One word of a closed list, or `other`.
    Code(&'static [&'static str]),
    /// Lower-case version-4 UUID made by Kubernetes, or its pseudonym.
    Uid,
    /// Digits, dots and a release suffix.
    Version,
    /// Model that a maker prints on hardware.
    Model,
    /// Path of a field of a server: each step a name of the servers' own interfaces, or a pseudonym.
    Field,
    /// One of the constant names this software itself gives to lists and gatherers.
    Constant,
    /// Number, truth value or time.
    Plain,
}

/// Whose state a table describes; completeness is judged per scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One Kubernetes cluster per bundle.
    Cluster,
    /// One TrueNAS appliance; rows name it in the column `appliance`.
    Appliance,
    /// The bundle itself.
    Bundle,
    /// The run that wrote the bundle; not kept in a history.
    Run,
}

/// One column of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Name; the last word is the unit.
    pub name: &'static str,
    /// Storage kind.
    pub kind: Kind,
    /// Redaction class.
    pub class: Class,
    /// Whether a row may lack the value.
    pub nullable: bool,
    /// Whether the column is part of the row's identity.
    pub key: bool,
    /// Format version that added the column.
    pub since: u32,
    /// Meaning, unit and source.
    pub doc: &'static str,
}

/// One table of the bundle.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Name, `<source>_<noun>`.
    pub name: &'static str,
    /// Meaning.
    pub doc: &'static str,
    /// Whose state it describes.
    pub scope: Scope,
    /// Columns in stored order, identity first.
    pub columns: &'static [Column],
}

/// One value of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Integer, or Unix seconds for a time.
    Integer(i64),
    /// Truth value.
    Bool(bool),
}

/// A Rust type that may be a column.
pub trait Field {
    /// Storage kind.
    const KIND: Kind;
    /// Redaction class.
    const CLASS: Class;
    /// Whether the value may be absent.
    const NULLABLE: bool = false;
    /// The value, or nothing when absent.
    fn cell(&self) -> Option<Cell<'_>>;
}

/// A type declared by [`crate::table!`].
pub trait Row {
    /// The table that holds such rows.
    const TABLE: &'static Table;
    /// Visits the values in column order.
    fn visit(&self, visit: &mut dyn FnMut(&'static Column, Option<Cell<'_>>));
}

impl<T: Field> Field for Option<T> {
    const KIND: Kind = T::KIND;
    const CLASS: Class = T::CLASS;
    const NULLABLE: bool = true;
    fn cell(&self) -> Option<Cell<'_>> {
        self.as_ref().and_then(Field::cell)
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Integer;
    const CLASS: Class = Class::Plain;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Integer(*self))
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Bool;
    const CLASS: Class = Class::Plain;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Bool(*self))
    }
}

impl Field for time::Time {
    const KIND: Kind = Kind::Time;
    const CLASS: Class = Class::Plain;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Integer(self.unix_secs()))
    }
}

impl Table {
    /// Finds a column by name.
    pub fn column(&self, name: &str) -> Option<(usize, &'static Column)> {
        self.columns
            .iter()
            .enumerate()
            .find(|(_, column)| column.name == name)
    }

    /// Number of leading columns that identify a row.
    pub fn n_keys(&self) -> usize {
        self.columns.iter().filter(|column| column.key).count()
    }
}

/// Appends one row as a JSON line; absent values are left out.
pub fn write_line<R: Row>(row: &R, line: &mut Vec<u8>) {
    line.push(b'{');
    let mut is_first = true;
    row.visit(&mut |column, cell| {
        let Some(cell) = cell else { return };
        if !is_first {
            line.push(b',');
        }
        is_first = false;
        line.push(b'"');
        line.extend_from_slice(column.name.as_bytes());
        line.extend_from_slice(b"\":");
        write_cell(column.kind, &cell, line);
    });
    line.extend_from_slice(b"}\n");
}

fn write_cell(kind: Kind, cell: &Cell<'_>, line: &mut Vec<u8>) {
    match (kind, cell) {
        (Kind::Time, Cell::Integer(secs)) => {
            line.push(b'"');
            line.extend_from_slice(time::Time::from_unix_secs(*secs).to_string().as_bytes());
            line.push(b'"');
        }
        (_, Cell::Integer(number)) => {
            // Writing to a Vec cannot fail.
            let _ = write!(line, "{number}");
        }
        (_, Cell::Bool(truth)) => line.extend_from_slice(if *truth { b"true" } else { b"false" }),
        (_, Cell::Text(text)) => {
            // A string always serializes, and a Vec always takes it.
            let _ = serde_json::to_writer(&mut *line, text.as_ref());
        }
    }
}

/// Declares a row type: `since`, an optional `[key]`, the name and the type of each column.
///
/// Identity columns come first; a test over all tables holds declarations to that. No column is free text:
///
/// ```compile_fail,E0277
/// truenas_common::table! {
///     /// Rows that would hold what a server says.
///     "k8s_note" as K8sNote in Cluster {
///         /// What it says.
///         1 [key] text: String,
///     }
/// }
/// ```
#[macro_export]
macro_rules! table {
    ($(#[doc = $doc:literal])+ $name:literal as $row:ident in $scope:ident {
        $($(#[doc = $column_doc:literal])+ $since:literal $([$key:ident])? $column:ident : $type:ty,)+
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub struct $row {
            $($(#[doc = $column_doc])+ pub $column: $type,)+
        }

        impl $crate::schema::Row for $row {
            const TABLE: &'static $crate::schema::Table = &$crate::schema::Table {
                name: $name,
                doc: concat!($($doc),+),
                scope: $crate::schema::Scope::$scope,
                columns: &[$($crate::schema::Column {
                    name: stringify!($column),
                    kind: <$type as $crate::schema::Field>::KIND,
                    class: <$type as $crate::schema::Field>::CLASS,
                    nullable: <$type as $crate::schema::Field>::NULLABLE,
                    key: $crate::table!(@key $($key)?),
                    since: $since,
                    doc: concat!($($column_doc),+),
                },)+],
            };

            fn visit(
                &self,
                visit: &mut dyn FnMut(&'static $crate::schema::Column, Option<$crate::schema::Cell<'_>>),
            ) {
                let mut columns = <Self as $crate::schema::Row>::TABLE.columns.iter();
                $(if let Some(column) = columns.next() {
                    visit(column, $crate::schema::Field::cell(&self.$column));
                })+
            }
        }
    };
    (@key key) => { true };
    (@key) => { false };
}

/// Declares a closed list of words: the only text that leaves as it is.
#[macro_export]
macro_rules! code {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
            /// A word that is not on the list; the word itself stays on site.
            Other,
        }

        impl $name {
            /// Every word of the list.
            pub const WORDS: &'static [&'static str] = &[$($word,)+ "other"];

            /// Reads a word as the server spells it; anything unknown becomes `Other`.
            pub fn parse(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    _ => Self::Other,
                }
            }

            /// The word as it is exported.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other => "other",
                }
            }
        }

        impl $crate::schema::Field for $name {
            const KIND: $crate::schema::Kind = $crate::schema::Kind::Text;
            const CLASS: $crate::schema::Class = $crate::schema::Class::Code(Self::WORDS);
            fn cell(&self) -> Option<$crate::schema::Cell<'_>> {
                Some($crate::schema::Cell::Text(std::borrow::Cow::Borrowed(self.word())))
            }
        }
    };
}
