//! The report as one versioned value: every number rounded and worded, every name in a typed field.
//!
//! A builder fills the parts in any order and calls [`ReportModel::finish`], which sorts them and counts the findings.
//! Renderers read it and compute nothing but geometry. New parts of a report go into [`ReportModel::more`] as
//! [`Section`]s, which every renderer already knows, or become a field here with a template of their own.

mod appendix;
mod capacity;
mod change;
mod check;
mod finding;
mod front;
mod moment;
mod name;
mod orphan;
mod prose;
mod section;
mod table;

use std::io::{self, BufWriter, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use appendix::{Appendix, Bundle, File, Parameter, Provenance, Source, Term};
pub use capacity::{History, HistoryPoint, HistoryState, Line, PoolCapacity, Slice, SliceKind};
pub use change::{Change, ChangeKind, Changes, Resolution, Resolved};
pub use check::{
    AreaScore, CheckOutcome, CheckRow, CheckState, Coverage, Grade, Scorecard, Severity,
    SeverityTally,
};
pub use finding::{
    Authority, Evidence, EvidenceSource, Finding, FindingState, GradePoint, Plan, Step, StepKind,
    Threshold,
};
pub use front::{
    Category, ClockOffset, Key, KeyNumber, Mark, Quality, Risk, Scope, Tile, TileState, Title,
    Trust, TrustState,
};
pub use moment::Moment;
pub use name::{Name, NameError};
pub use orphan::{Orphan, Orphans, SnapshotWithoutBacking};
pub use prose::{Prose, Span};
pub use section::{Block, Section};
pub use table::{Align, Cell, Column, Table};

/// The schema this program writes and reads.
pub const SCHEMA: &str = "tsm.report/1";

/// Everything a report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportModel {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// What the report is about.
    pub title: Title,
    /// The most important fact, in one sentence.
    pub verdict: Prose,
    /// How far the input can be trusted.
    pub trust: Trust,
    /// How complete the input is.
    pub quality: Quality,
    /// One tile for each category, in the order of [`Category`].
    pub tiles: Vec<Tile>,
    /// The three numbers that matter.
    pub key_numbers: Vec<KeyNumber>,
    /// The largest risks, worst first; page one shows at most five.
    pub risks: Vec<Risk>,
    /// What changed since the report before.
    pub changes: Changes,
    /// Checks by area and findings by severity.
    pub scorecard: Scorecard,
    /// Space of each pool.
    pub pools: Vec<PoolCapacity>,
    /// Objects that one side knows and the other does not.
    pub orphans: Orphans,
    /// Snapshots that Kubernetes promises and storage does not have.
    pub snapshots_without_backing: Vec<SnapshotWithoutBacking>,
    /// Further sections between the orphans and the findings, in the order given.
    pub more: Vec<Section>,
    /// Every finding, open and suppressed.
    pub findings: Vec<Finding>,
    /// Method, data quality, provenance, glossary.
    pub appendix: Appendix,
}

/// Takes bytes into a digest as they come: the JSON of a model is as long as the estate is large.
struct Digesting(Sha256);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ReportModel {
    /// A report with a title and nothing else: every part is empty and says so when rendered.
    #[must_use]
    pub fn new(title: Title, trust: Trust, provenance: Provenance) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            title,
            verdict: Prose::default(),
            trust,
            quality: Quality::default(),
            tiles: Category::ALL.map(Tile::without_checks).to_vec(),
            key_numbers: Vec::new(),
            risks: Vec::new(),
            changes: Changes::default(),
            scorecard: Scorecard::default(),
            pools: Vec::new(),
            orphans: Orphans::default(),
            snapshots_without_backing: Vec::new(),
            more: Vec::new(),
            findings: Vec::new(),
            appendix: Appendix::new(provenance),
        }
    }

    /// Sorts every part and counts the findings, so that the order of filling does not show.
    #[must_use]
    pub fn finish(mut self) -> Self {
        self.title.scope.sort();
        self.trust.sort();
        self.quality.sort();
        self.tiles.sort_by_key(|tile| tile.category);
        self.changes.sort();
        self.pools
            .sort_by(|a, b| (&a.appliance, &a.pool).cmp(&(&b.appliance, &b.pool)));
        self.orphans.sort();
        self.snapshots_without_backing
            .sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.findings
            .sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.scorecard.sort();
        self.scorecard.count(&self.findings);
        self.appendix.sort();
        self
    }

    /// SHA-256 of the model's JSON, in hexadecimal: what a reader quotes to say which report is meant.
    ///
    /// # Errors
    /// Never for a model that can be serialised; passes on what the JSON library says.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        let mut digest = BufWriter::new(Digesting(Sha256::new()));
        serde_json::to_writer(&mut digest, self)?;
        let digest = digest.into_inner().map_err(|error| error.into_error());
        let Digesting(digest) = digest.map_err(serde_json::Error::io)?;
        Ok(data_encoding::HEXLOWER.encode(&digest.finalize()))
    }

    /// Gives every name in every typed field to `rename`; prose between names is not looked at.
    ///
    /// # Errors
    /// What `rename` refuses, or a model that does not survive JSON.
    pub fn map_names<E: std::error::Error + 'static>(
        &self,
        mut rename: impl FnMut(&mut Name) -> Result<(), E>,
    ) -> Result<Self, NameError<E>> {
        let mut value = serde_json::to_value(self).map_err(|source| NameError::Json { source })?;
        name::map(&mut value, &mut rename)?;
        serde_json::from_value(value).map_err(|source| NameError::Json { source })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn order_of_filling_does_not_show() {
        let model = ReportModel::sample();
        let mut shuffled = model.clone();
        shuffled.findings.reverse();
        shuffled.pools.reverse();
        shuffled.orphans.on_storage.reverse();
        shuffled.appendix.parameters.reverse();
        shuffled.tiles.reverse();
        assert_eq!(shuffled.finish(), model);
    }

    #[test]
    fn names_are_replaced_in_typed_fields_only() {
        let model = ReportModel::sample();
        let mut n_names = 0;
        let renamed = model
            .map_names(|name| {
                n_names += 1;
                name.text = format!("real-{}", name.token);
                Ok::<(), Infallible>(())
            })
            .expect("renaming does not fail here");
        assert!(n_names > 50);
        assert_eq!(
            renamed.findings[0].subject.text,
            format!("real-{}", model.findings[0].subject.token)
        );
        assert_eq!(
            renamed.findings[0].fingerprint,
            model.findings[0].fingerprint
        );
        assert_eq!(renamed.title.site, model.title.site);
    }

    #[test]
    fn scorecard_totals_reconcile() {
        let scorecard = ReportModel::sample().scorecard;
        for area in scorecard.areas.iter().chain([&scorecard.total]) {
            assert!(area.reconciles(), "{}", area.area);
        }
        let n_open: i64 = scorecard.severities.iter().map(|tally| tally.n_open).sum();
        let n_suppressed: i64 = scorecard
            .severities
            .iter()
            .map(|tally| tally.n_suppressed)
            .sum();
        assert_eq!(
            (n_open, n_suppressed),
            (scorecard.n_open, scorecard.n_suppressed)
        );
        assert_eq!(scorecard.n_found, n_open + n_suppressed);
    }
}
