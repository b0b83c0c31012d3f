//! One section of the answer as data: columns, rows and what stands in the way; the printers know nothing else.

use crate::cli::Show;

/// What one `--show` asks for.
pub(super) struct Section {
    pub(super) show: Show,
    pub(super) gaps: Vec<Gap>,
    /// The whole in a few figures, by name.
    pub(super) totals: Vec<Total>,
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Cell>>,
    /// What a reader must know of the figures.
    pub(super) note: &'static str,
}

/// A cluster or an appliance of which the section says nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    pub(super) scope: String,
    pub(super) reason: String,
    /// Whether it was to be known: what nobody planned to read, or nothing serves, is no hole.
    pub(super) is_hole: bool,
}

/// A figure of the whole section.
pub(super) struct Total {
    pub(super) name: &'static str,
    /// Its noun in a sentence.
    pub(super) words: &'static str,
    pub(super) cell: Cell,
}

/// A column of a section.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) place: Place,
}

/// Where a text has a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the line of names, which is as long as it is.
    Title,
    /// In the line of figures, below this head, so many characters wide.
    Figure(&'static str, usize),
    /// In a line of its own behind this word, where there is a value.
    Below(&'static str),
    /// In no text.
    Machine,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Not known, or not for this row.
    None,
    Text(String),
    Count(i64),
    /// Bytes, rounded up for people.
    Bytes(i64),
    /// Bytes that are at least held, for people.
    Least(i64),
    BytesPerDay(i64),
    /// A length of time in seconds.
    Secs(i64),
    /// Unix seconds.
    At(i64),
    PerMille(i64),
    Truth(bool),
    Words(Vec<String>),
    /// Counts over time, Unix seconds first.
    Series(Vec<(i64, i64)>),
}

/// Adds the holes of another list; of one scope, what was to be known says more than what was not.
pub(super) fn merge(gaps: &mut Vec<Gap>, holes: &[Gap]) {
    for hole in holes {
        let is_other = |gap: &Gap| gap.scope != hole.scope || gap.is_hole;
        gaps.retain(is_other);
        if !gaps.iter().any(|gap| gap.scope == hole.scope) {
            gaps.push(hole.clone());
        }
    }
    gaps.sort();
}

impl Section {
    /// Whether everything that was to be read was read.
    pub(super) fn is_whole(&self) -> bool {
        !self.gaps.iter().any(|gap| gap.is_hole)
    }

    /// Whether the section can say anything at all.
    pub(super) fn is_blind(&self) -> bool {
        !self.gaps.is_empty() && self.rows.is_empty()
    }
}

impl Column {
    pub(super) const fn title(name: &'static str) -> Self {
        Self {
            name,
            place: Place::Title,
        }
    }

    pub(super) const fn figure(name: &'static str, head: &'static str, width: usize) -> Self {
        Self {
            name,
            place: Place::Figure(head, width),
        }
    }

    pub(super) const fn below(name: &'static str, word: &'static str) -> Self {
        Self {
            name,
            place: Place::Below(word),
        }
    }

    pub(super) const fn machine(name: &'static str) -> Self {
        Self {
            name,
            place: Place::Machine,
        }
    }
}

impl Total {
    pub(super) fn count(name: &'static str, words: &'static str, n: i64) -> Self {
        Self {
            name,
            words,
            cell: Cell::Count(n),
        }
    }
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// The value behind `make`, or none.
    pub(super) fn of<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::None, make)
    }
}
