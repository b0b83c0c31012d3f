//! What an auditor needs: method, data quality, provenance, words.

use serde::{Deserialize, Serialize};

use super::{Authority, Coverage, Moment, Name, Prose};
use crate::report::number::Number;

/// The appendices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appendix {
    /// How numbers are made, one paragraph each.
    pub method: Vec<Prose>,
    /// Effective parameters.
    pub parameters: Vec<Parameter>,
    /// Lists that were read.
    pub sources: Vec<Source>,
    /// Check by scope.
    pub coverage: Coverage,
    /// Where everything comes from.
    pub provenance: Provenance,
    /// Words of the report.
    pub glossary: Vec<Term>,
}

impl Appendix {
    pub(super) fn new(provenance: Provenance) -> Self {
        Self {
            method: Vec::new(),
            parameters: Vec::new(),
            sources: Vec::new(),
            coverage: Coverage::default(),
            provenance,
            glossary: Vec::new(),
        }
    }

    pub(super) fn sort(&mut self) {
        self.parameters
            .sort_by(|a, b| (&a.name, &a.scope).cmp(&(&b.name, &b.scope)));
        self.sources
            .sort_by(|a, b| (&a.scope, &a.list).cmp(&(&b.scope, &b.list)));
        self.coverage.rows.sort_by(|a, b| a.check.cmp(&b.check));
        self.provenance
            .bundles
            .sort_by(|a, b| (a.to.unix_s, &a.id).cmp(&(b.to.unix_s, &b.id)));
        self.provenance
            .files
            .sort_by(|a, b| (&a.bundle, &a.file).cmp(&(&b.bundle, &b.file)));
        self.glossary.sort_by(|a, b| a.word.cmp(&b.word));
    }
}

/// One effective parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// `pool_fill.high`.
    pub name: String,
    /// The object it applies to; absent for all.
    pub scope: Option<Name>,
    /// Its value.
    pub value: String,
    /// The value that ships; different means that the site changed it.
    pub default: String,
    /// Who says that the default is right.
    pub authority: Authority,
}

impl Parameter {
    /// Whether the site left it alone.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.value == self.default
    }
}

/// One list that was read, or should have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The cluster or appliance.
    pub scope: Name,
    /// `k8s/pv`.
    pub list: String,
    /// `ok`, `empty`, `denied`, `timed-out`, ...
    pub outcome: String,
    /// Whether a planned list is short or missing.
    pub is_limiting: bool,
    /// Rows.
    pub records: Number,
    /// How long it took.
    pub duration: Number,
    /// When it was read.
    pub read_at: Moment,
}

/// Where everything comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Name and version of the program.
    pub tool: String,
    /// Version of the checks.
    pub ruleset: String,
    /// SHA-256 over the checks.
    pub ruleset_sha256: String,
    /// SHA-256 over the effective parameters.
    pub parameters_sha256: String,
    /// Bundles, oldest first.
    pub bundles: Vec<Bundle>,
    /// Files that evidence was read from.
    pub files: Vec<File>,
    /// Commands that verify the input and make this report again.
    pub reproduce: Vec<Vec<String>>,
}

/// One bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Its id.
    pub id: String,
    /// End of the collection.
    pub to: Moment,
    /// SHA-256 of the sealed file.
    pub sha256: String,
    /// Fingerprint of the key that signed it.
    pub key: String,
    /// `verified`, or why not.
    pub verification: String,
}

/// One file inside a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Id of the bundle.
    pub bundle: String,
    /// Path inside it.
    pub file: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub size: Number,
}

/// One word of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The word.
    pub word: String,
    /// What it means here.
    pub meaning: Prose,
}
