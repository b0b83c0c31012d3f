//! One finding in full.

use serde::{Deserialize, Serialize};

use super::{Cell, Grade, Moment, Name, Prose, Severity};
use crate::report::number::Number;

/// Something a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// SHA-256 in hexadecimal; also the anchor, so that links survive between reports.
    pub fingerprint: String,
    /// `ORP-001`.
    pub check: String,
    /// What is wrong.
    pub title: String,
    /// The object.
    pub subject: Name,
    /// How sure.
    pub grade: Grade,
    /// How bad if true.
    pub severity: Severity,
    /// What gates and scores use; set by [`Severity::effective`].
    pub effective: Severity,
    /// New, persisting, back again or suppressed.
    pub state: FindingState,
    /// First bundle that showed it.
    pub first_seen: Moment,
    /// Newest bundle that showed it.
    pub last_seen: Moment,
    /// Why it matters, in two sentences.
    pub why: Prose,
    /// What it rests on; at least one row.
    pub evidence: Vec<Evidence>,
    /// The limit that was crossed; none for checks that compare states.
    pub threshold: Option<Threshold>,
    /// What could make it false, and whether that was looked at.
    pub traps: Vec<Prose>,
    /// What to do.
    pub plan: Plan,
    /// How the grade came about.
    pub points: Vec<GradePoint>,
    /// Lines to paste into the suppression file; they name the fingerprint, never an object.
    pub suppression: Vec<String>,
}

impl Finding {
    pub(super) fn sort_key(&self) -> impl Ord + '_ {
        (
            self.state == FindingState::Suppressed,
            self.effective,
            self.grade,
            &self.check,
            &self.fingerprint,
        )
    }

    /// Sum of the points.
    #[must_use]
    pub fn n_points(&self) -> i64 {
        self.points.iter().map(|point| point.points).sum()
    }
}

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum FindingState {
    New,
    Regressed,
    Persisting,
    Suppressed,
}

impl FindingState {
    /// The words readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Regressed => "back again",
            Self::Persisting => "persisting",
            Self::Suppressed => "suppressed",
        }
    }
}

/// One fact a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What was read: `used`, `managed_resource`.
    pub label: String,
    /// Its value; numbers carry their unit.
    pub value: Cell,
    /// Where it can be read again.
    pub source: EvidenceSource,
}

/// Where a fact can be read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceSource {
    /// Id of the bundle.
    pub bundle: String,
    /// `zfs_dataset`.
    pub table: String,
    /// `data/zfs_dataset/000000.jsonl`.
    pub file: String,
    /// SHA-256 of that file in hexadecimal.
    pub sha256: String,
    /// Key of the row, where the table holds the finding's own object.
    #[serde(default)]
    pub row: Prose,
}

/// A limit that was crossed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Name of the parameter.
    pub parameter: String,
    /// Its effective value.
    pub value: Number,
    /// Whether the site changed it.
    pub is_default: bool,
    /// Who says so.
    pub authority: Authority,
}

/// Who says that a threshold is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// `OpenZFS manual`; `ours` when nobody does.
    pub text: String,
    /// Where it can be read; printed, never loaded.
    pub url: Option<String>,
}

/// What to do. Nothing here was run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What must be true before the first step.
    pub preconditions: Vec<Prose>,
    /// In this order.
    pub steps: Vec<Step>,
    /// Space that comes back at least, rounded down.
    pub expected: Option<Number>,
    /// Space that comes back at most, rounded up.
    #[serde(default)]
    pub at_most: Option<Number>,
    /// How to go back, or that there is no way back.
    pub undo: Prose,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What the step does.
    pub kind: StepKind,
    /// Why, in a few words.
    pub note: Prose,
    /// The command; each argument is a list of spans because names in it can be un-masked.
    pub arguments: Vec<Prose>,
}

impl Step {
    /// A step whose arguments have no names; add others with [`Step::with`].
    #[must_use]
    pub fn new(kind: StepKind, note: Prose, words: &[&str]) -> Self {
        Self {
            kind,
            note,
            arguments: words.iter().map(|word| Prose::words(word)).collect(),
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn with(mut self, argument: Prose) -> Self {
        self.arguments.push(argument);
        self
    }
}

/// What a step does to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Only looks.
    Look,
    /// Changes something that can be changed back.
    Change,
    /// Cannot be undone.
    Destroy,
}

impl StepKind {
    /// The words readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Change => "change",
            Self::Destroy => "cannot be undone",
        }
    }
}

/// One contribution to a grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradePoint {
    /// The evidence.
    pub evidence: String,
    /// Its weight; negative speaks against.
    pub points: i64,
}
