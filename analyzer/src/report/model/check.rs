//! Checks: their words, their results and how they add up.

use serde::{Deserialize, Serialize};

use super::{Finding, FindingState, Name};

/// How bad it is if the finding is true; worst first in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Self; 5] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Info,
    ];

    /// The word readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }

    /// What gates, scores and tiles use: a candidate is at most low, a probable finding at most medium.
    #[must_use]
    pub fn effective(self, grade: Grade) -> Self {
        let cap = match grade {
            Grade::Confirmed => Self::Critical,
            Grade::Probable => Self::Medium,
            Grade::Candidate => Self::Low,
        };
        self.max(cap)
    }
}

/// How sure the finding is; surest first in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum Grade {
    Confirmed,
    Probable,
    Candidate,
}

impl Grade {
    /// All, surest first.
    pub const ALL: [Self; 3] = [Self::Confirmed, Self::Probable, Self::Candidate];

    /// The word readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Probable => "probable",
            Self::Candidate => "candidate",
        }
    }
}

/// What came of one check in one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum CheckState {
    Fail,
    NotEvaluated,
    Pass,
    NotApplicable,
}

impl CheckState {
    /// The words readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotEvaluated => "not evaluated",
            Self::Pass => "pass",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// One cell of the matrix check by scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckOutcome {
    /// The result.
    pub state: CheckState,
    /// Why it was not evaluated or does not apply.
    pub reason: Option<String>,
}

/// One check over all scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRow {
    /// `ORP-001`.
    pub check: String,
    /// What the check looks for.
    pub title: String,
    /// One outcome for each scope of [`Coverage::scopes`], in that order.
    pub outcomes: Vec<CheckOutcome>,
}

/// Which check could see what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Clusters, appliances and pools.
    pub scopes: Vec<Name>,
    /// Checks by id.
    pub rows: Vec<CheckRow>,
}

/// Results of one area; each `(check, scope)` counts once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaScore {
    /// `ORP`.
    pub area: String,
    /// `Orphans`.
    pub title: String,
    /// Passed or failed.
    pub n_evaluated: i64,
    /// Failed.
    pub n_fail: i64,
    /// Passed.
    pub n_pass: i64,
    /// Does not apply here.
    pub n_not_applicable: i64,
    /// Could not be judged.
    pub n_not_evaluated: i64,
}

impl AreaScore {
    /// Whether evaluated is the sum of fail and pass.
    #[must_use]
    pub fn reconciles(&self) -> bool {
        self.n_evaluated == self.n_fail + self.n_pass
    }

    /// Everything that was looked at or should have been.
    #[must_use]
    pub fn n_all(&self) -> i64 {
        self.n_evaluated + self.n_not_applicable + self.n_not_evaluated
    }
}

/// Findings of one effective severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeverityTally {
    /// The effective severity.
    pub severity: Severity,
    /// Open findings.
    pub n_open: i64,
    /// Suppressed findings.
    pub n_suppressed: i64,
}

/// Checks by area and findings by severity. Only `areas` is filled by the builder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// One row for each area.
    pub areas: Vec<AreaScore>,
    /// Sum of the areas.
    pub total: AreaScore,
    /// All findings: open and suppressed.
    pub n_found: i64,
    /// Open findings.
    pub n_open: i64,
    /// Suppressed findings.
    pub n_suppressed: i64,
    /// The same by effective severity, worst first, zeros included.
    pub severities: Vec<SeverityTally>,
}

impl Scorecard {
    pub(super) fn sort(&mut self) {
        self.areas.sort_by(|a, b| a.area.cmp(&b.area));
    }

    pub(super) fn count(&mut self, findings: &[Finding]) {
        let sum = |part: fn(&AreaScore) -> i64| self.areas.iter().map(part).sum();
        self.total = AreaScore {
            area: String::new(),
            title: "Total".to_owned(),
            n_evaluated: sum(|area| area.n_evaluated),
            n_fail: sum(|area| area.n_fail),
            n_pass: sum(|area| area.n_pass),
            n_not_applicable: sum(|area| area.n_not_applicable),
            n_not_evaluated: sum(|area| area.n_not_evaluated),
        };
        let n_of = |severity: Severity, is_suppressed: bool| {
            findings
                .iter()
                .filter(|finding| finding.effective == severity)
                .filter(|finding| (finding.state == FindingState::Suppressed) == is_suppressed)
                .map(|_| 1_i64)
                .sum()
        };
        self.severities = Severity::ALL
            .map(|severity| SeverityTally {
                severity,
                n_open: n_of(severity, false),
                n_suppressed: n_of(severity, true),
            })
            .to_vec();
        self.n_open = self.severities.iter().map(|tally| tally.n_open).sum();
        self.n_suppressed = self.severities.iter().map(|tally| tally.n_suppressed).sum();
        self.n_found = self.n_open + self.n_suppressed;
    }
}
