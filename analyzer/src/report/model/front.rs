//! Page one: what, how sure, how complete, how bad.

use serde::{Deserialize, Serialize};

use super::{Grade, Moment, Name, Prose, Severity};
use crate::report::number::Number;

/// What the report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// The site, as the analyst calls it.
    pub site: String,
    /// What was looked at.
    pub scope: Scope,
    /// Start of the oldest bundle used.
    pub from: Moment,
    /// End of the newest bundle used; `now` of the whole report.
    pub to: Moment,
    /// Ids of the bundles that the conclusions rest on, newest last.
    pub bundles: Vec<String>,
    /// Version of the checks.
    pub ruleset: String,
    /// Redaction profile of the bundles: `standard` or `open`.
    pub profile: String,
}

/// Objects the report covers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Scope {
    pub clusters: Vec<Name>,
    pub appliances: Vec<Name>,
    pub pools: Vec<Name>,
}

impl Scope {
    pub(super) fn sort(&mut self) {
        self.clusters.sort();
        self.appliances.sort();
        self.pools.sort();
    }
}

/// How far the input can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The result in one word.
    pub state: TrustState,
    /// `7 of 7` bundles verified.
    pub verified: Number,
    /// Keys that signed them.
    pub keys: Vec<Key>,
    /// Unsafe options that were used, each with the harm it can do.
    pub marks: Vec<Mark>,
}

impl Trust {
    pub(super) fn sort(&mut self) {
        self.keys.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        self.marks.sort_by(|a, b| a.option.cmp(&b.option));
    }

    /// Words for the band over every page; none when everything was verified and nothing unsafe was done.
    #[must_use]
    pub fn band(&self) -> Option<String> {
        let options: Vec<&str> = self.marks.iter().map(|mark| mark.option.as_str()).collect();
        let used = if options.is_empty() {
            String::new()
        } else {
            format!("; used {}", options.join(", "))
        };
        match self.state {
            TrustState::Verified if options.is_empty() => None,
            TrustState::Verified => Some(format!("Unsafe options{used}")),
            TrustState::Partly => Some(format!(
                "Only {} bundles verified{used}",
                self.verified.text
            )),
            TrustState::Unverified => Some(format!("Input not verified{used}")),
        }
    }
}

/// Whether signatures and checksums held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustState {
    /// Every bundle was verified against a trusted key.
    Verified,
    /// Some were.
    Partly,
    /// None was.
    Unverified,
}

/// A key that signed bundles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// SHA-256 of the public key in hexadecimal.
    pub fingerprint: String,
    /// Who holds it, as the trust store says.
    pub holder: String,
    /// Since when it is trusted.
    pub trusted_since: Option<Moment>,
}

/// One unsafe option that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The option.
    pub option: String,
    /// What can be wrong because of it.
    pub harm: Prose,
}

/// How complete the input is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Lists read to the end.
    pub n_complete: i64,
    /// Lists that are short.
    pub n_partial: i64,
    /// Lists that were planned and failed.
    pub n_missing: i64,
    /// Oldest read that a conclusion rests on.
    pub oldest: Option<Moment>,
    /// Newest read.
    pub newest: Option<Moment>,
    /// `(check, scope)` pairs that could not be judged.
    pub n_not_evaluated: i64,
    /// Clocks of the sources against the collector's.
    pub clocks: Vec<ClockOffset>,
    /// Conclusions on page one that are weaker because of this; shown in red.
    pub limits: Vec<Prose>,
}

impl Quality {
    pub(super) fn sort(&mut self) {
        self.clocks.sort_by(|a, b| a.source.cmp(&b.source));
    }
}

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockOffset {
    /// The cluster or appliance.
    pub source: Name,
    /// Its distance from the collector's clock.
    pub offset: Number,
    /// Whether it is too far away to compare ages.
    pub is_limiting: bool,
}

/// The five categories of page one, in their fixed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Category {
    Protection,
    Capacity,
    Configuration,
    Hygiene,
    Performance,
}

impl Category {
    /// All, in order.
    pub const ALL: [Self; 5] = [
        Self::Protection,
        Self::Capacity,
        Self::Configuration,
        Self::Hygiene,
        Self::Performance,
    ];

    /// The word readers see.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Protection => "Protection",
            Self::Capacity => "Capacity",
            Self::Configuration => "Configuration",
            Self::Hygiene => "Hygiene",
            Self::Performance => "Performance",
        }
    }
}

/// One category at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    /// Which category.
    pub category: Category,
    /// The state that colour and shape show.
    pub state: TileState,
    /// Score from 0 to 100; absent without checks.
    pub score: Option<Number>,
    /// `+3 since last report`; absent in the first.
    pub change: Option<Number>,
    /// Worst open finding in one line, or why there is none.
    pub worst: Prose,
    /// `18 of 21` checks evaluated.
    pub coverage: Number,
}

impl Tile {
    /// A tile that says that nothing was checked.
    #[must_use]
    pub fn without_checks(category: Category) -> Self {
        Self {
            category,
            state: TileState::NoChecks,
            score: None,
            change: None,
            worst: Prose::words("No check of this category ran; this is not a pass."),
            coverage: Number::part(0, 0).worded(|_| "no checks".to_owned()),
        }
    }
}

/// State of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TileState {
    /// An open finding that is effectively critical or high.
    Act,
    /// An open finding that is effectively medium.
    Plan,
    /// Nothing above low.
    Fine,
    /// No check ran.
    NoChecks,
}

impl TileState {
    /// The state that the worst effective severity gives.
    #[must_use]
    pub fn of(worst: Option<Severity>) -> Self {
        match worst {
            Some(Severity::Critical | Severity::High) => Self::Act,
            Some(Severity::Medium) => Self::Plan,
            Some(Severity::Low | Severity::Info) | None => Self::Fine,
        }
    }
}

/// One of the three numbers that matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyNumber {
    /// What it counts.
    pub label: String,
    /// The number.
    pub number: Number,
    /// One sentence: over what, and what is not in it.
    pub note: Prose,
}

/// One of the top risks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// Effective severity.
    pub severity: Severity,
    /// How sure.
    pub grade: Grade,
    /// What is wrong.
    pub what: String,
    /// The object.
    pub subject: Name,
    /// Evidence in one line.
    pub evidence: Prose,
    /// What to do.
    pub action: Prose,
    /// How long it takes: `10 min`, `1 h, needs a window`.
    pub effort: String,
    /// Fingerprint of the finding.
    pub finding: String,
}
