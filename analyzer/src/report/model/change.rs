//! What changed since the report before.

use serde::{Deserialize, Serialize};

use super::{Moment, Name, Prose, Severity};
use crate::report::number::Number;

/// Differences to an earlier report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// Time of the report compared with; absent in the first report of a site.
    pub since: Option<Moment>,
    /// New findings.
    pub n_new: i64,
    /// Findings that were resolved before and are back.
    pub n_regressed: i64,
    /// Findings that are still there.
    pub n_persisting: i64,
    /// Findings that are gone, by reason.
    pub resolved: Vec<Resolved>,
    /// One row for each.
    pub rows: Vec<Change>,
    /// Changes of drivers, storage classes, snapshot tasks and versions.
    pub configuration: Vec<Prose>,
}

impl Changes {
    pub(super) fn sort(&mut self) {
        self.resolved.sort_by_key(|resolved| resolved.reason);
        self.rows.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    }

    /// All that are gone, whatever the reason.
    #[must_use]
    pub fn n_resolved(&self) -> i64 {
        self.resolved.iter().map(|resolved| resolved.n).sum()
    }
}

/// Findings that are gone for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolved {
    /// Why.
    pub reason: Resolution,
    /// How many.
    pub n: i64,
}

/// Why a finding is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// The object is there and the problem is not.
    Fixed,
    /// The object is gone.
    ObjectRemoved,
    /// Somebody accepted it.
    Suppressed,
    /// The check asks something else now.
    CheckChanged,
    /// The list it came from was not read this time: not resolved, only unseen.
    NotCollected,
}

impl Resolution {
    /// All, in the order they are shown.
    pub const ALL: [Self; 5] = [
        Self::Fixed,
        Self::ObjectRemoved,
        Self::Suppressed,
        Self::CheckChanged,
        Self::NotCollected,
    ];

    /// The words readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::ObjectRemoved => "presumed resolved, object removed",
            Self::Suppressed => "suppressed",
            Self::CheckChanged => "check changed",
            Self::NotCollected => "not collected this time",
        }
    }
}

/// How a finding changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// First seen in this report.
    New,
    /// Was resolved, is back.
    Regressed,
    /// Still there.
    Persisting,
    /// Gone.
    Resolved(Resolution),
}

impl ChangeKind {
    /// The words readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Regressed => "back again",
            Self::Persisting => "persisting",
            Self::Resolved(reason) => reason.word(),
        }
    }
}

/// One finding that is new, persisting or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// How it changed.
    pub kind: ChangeKind,
    /// `ORP-001`.
    pub check: String,
    /// What is wrong.
    pub title: String,
    /// The object.
    pub subject: Name,
    /// Effective severity.
    pub severity: Severity,
    /// How long it has been there, or was.
    pub age: Number,
    /// Fingerprint of the finding.
    pub finding: String,
}

impl Change {
    fn sort_key(&self) -> impl Ord + '_ {
        (self.kind, self.severity, &self.check, &self.finding)
    }
}
