//! Space of one pool: where it went, and how it got there.

use serde::{Deserialize, Serialize};

use super::{Moment, Name, Prose};
use crate::report::number::Number;

/// One pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolCapacity {
    /// The pool.
    pub pool: Name,
    /// The appliance it is on.
    pub appliance: Name,
    /// What the pool can hold: used and available of its root dataset.
    pub size: Number,
    /// Used, all kinds together.
    pub used: Number,
    /// The same as a share of the size.
    pub used_share: Number,
    /// One sentence that says what the charts show; also their text alternative.
    pub headline: Prose,
    /// The size in parts, in the order of [`SliceKind`]; the raw values add up to it.
    pub slices: Vec<Slice>,
    /// Used space over time.
    pub history: HistoryState,
}

/// One part of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// What fills it.
    pub kind: SliceKind,
    /// How large it is.
    pub number: Number,
    /// Share of the pool.
    pub share: Number,
}

/// What fills a part of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SliceKind {
    /// Data that files and volumes refer to now.
    Live,
    /// Data that only snapshots refer to.
    Snapshots,
    /// Promised by reservations, not written yet.
    Reservation,
    /// Free below the fill level of 80 %.
    FreeTo80,
    /// Free above it, where pools slow down.
    FreeTo100,
}

impl SliceKind {
    /// All, from left to right.
    pub const ALL: [Self; 5] = [
        Self::Live,
        Self::Snapshots,
        Self::Reservation,
        Self::FreeTo80,
        Self::FreeTo100,
    ];

    /// The words readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live data",
            Self::Snapshots => "snapshots",
            Self::Reservation => "reservation",
            Self::FreeTo80 => "free to 80\u{202F}%",
            Self::FreeTo100 => "free to 100\u{202F}%",
        }
    }
}

/// Whether there is enough history to draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryState {
    /// Too little, and what is missing.
    TooShort(Prose),
    /// Enough.
    Enough(History),
}

/// Used space over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Oldest first.
    pub points: Vec<HistoryPoint>,
    /// Levels that matter, lowest first.
    pub lines: Vec<Line>,
    /// The table the points come from.
    pub source: String,
    /// Growth over the period.
    pub growth: Number,
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryPoint {
    /// When it was read.
    pub at: Moment,
    /// Used space.
    pub used: Number,
}

/// A level drawn across a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// `80 %`.
    pub label: String,
    /// Where it is.
    pub number: Number,
}
