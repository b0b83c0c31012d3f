//! Tables that every renderer knows how to draw.

use serde::{Deserialize, Serialize};

use super::{CheckState, Grade, Moment, Name, Prose, Severity};
use crate::report::number::Number;

/// A table with a caption; the first column names the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// One for each cell of a row.
    pub columns: Vec<Column>,
    /// The rows in the order to show.
    pub rows: Vec<Vec<Cell>>,
    /// A last row of sums.
    pub total: Option<Vec<Cell>>,
    /// What to say instead of an empty table: `none found (40 checked)`.
    pub when_empty: String,
    /// Whether it needs only part of the width.
    pub is_narrow: bool,
    /// A footnote.
    pub note: Option<Prose>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(caption: &str, columns: Vec<Column>, when_empty: &str) -> Self {
        Self {
            caption: caption.to_owned(),
            columns,
            rows: Vec::new(),
            total: None,
            when_empty: when_empty.to_owned(),
            is_narrow: false,
            note: None,
        }
    }

    /// The same table with these rows.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        self.rows = rows.into_iter().collect();
        self
    }

    /// The same table on part of the width: for few short columns.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        self.is_narrow = true;
        self
    }

    /// The same table with a footnote.
    #[must_use]
    pub fn note(mut self, note: Prose) -> Self {
        self.note = Some(note);
        self
    }

    /// The same table with at most `n` rows; the footnote says how many there are.
    #[must_use]
    pub fn capped(mut self, n: usize) -> Self {
        let n_rows = self.rows.len();
        if n_rows <= n {
            return self;
        }
        self.rows.truncate(n);
        let said = format!("First {n} of {n_rows} rows; all are in the JSON report. ");
        self.note = Some(Prose::words(&said).then(self.note.unwrap_or_default()));
        self
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The heading, with the unit when the column has one.
    pub label: Prose,
    /// Words left, numbers right.
    pub align: Align,
    /// Share of the width on paper.
    pub width: u32,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn words(label: &str, width: u32) -> Self {
        Self {
            label: Prose::words(label),
            align: Align::Left,
            width,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub fn numbers(label: &str, width: u32) -> Self {
        Self {
            label: Prose::words(label),
            align: Align::Right,
            width,
        }
    }

    /// A column of words about one object.
    #[must_use]
    pub fn about(name: &Name, width: u32) -> Self {
        Self {
            label: Prose::new().name(name),
            align: Align::Left,
            width,
        }
    }
}

/// Side of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum Align {
    Left,
    Right,
}

/// One value in a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Words.
    Prose(Prose),
    /// Text to be copied exactly: an id, a hash, a setting.
    Code(String),
    /// The name of an object.
    Name(Name),
    /// A number.
    Number(Number),
    /// A time.
    Moment(Moment),
    /// A severity with its shape.
    Severity(Severity),
    /// A grade.
    Grade(Grade),
    /// A result of a check.
    State(CheckState),
    /// A check id that leads to the finding with this fingerprint, where the format carries that finding.
    Finding {
        /// `ORP-001`.
        check: String,
        /// The fingerprint.
        fingerprint: String,
    },
}

impl Cell {
    /// Words without names or numbers.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self::Prose(Prose::words(text))
    }

    /// An exact count.
    #[must_use]
    pub fn count(n: i64) -> Self {
        Self::Number(Number::count(n))
    }

    /// What a reader reads; not yet escaped.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Prose(prose) => prose.plain(),
            Self::Code(code) => code.clone(),
            Self::Name(name) => name.text.clone(),
            Self::Number(number) => number.text.clone(),
            Self::Moment(moment) => moment.text.clone(),
            Self::Severity(severity) => severity.word().to_owned(),
            Self::Grade(grade) => grade.word().to_owned(),
            Self::State(state) => state.word().to_owned(),
            Self::Finding { check, .. } => check.clone(),
        }
    }
}
