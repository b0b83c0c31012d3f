//! Turns an analysis into the report's model: the only place that words facts of the estate for readers.
//!
//! Says only what the data allows: what was not read is called so, and no time but that of the bundles is used.

mod appendix;
mod bridge;
mod capacity;
mod chain;
mod change;
mod declaration;
mod finding;
pub(crate) mod frame;
mod front;
mod lists;
mod name;
mod orphan;
mod page_text;
mod plan;
mod points;
mod scorecard;
mod suppression;
#[cfg(test)]
mod tests;
mod threshold;
mod tile;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Analysis;
use crate::checks::{self, CheckResult, Page, State};
use crate::history::History;
use crate::lifecycle::{Life, Lifecycle, Standing};
use crate::report::ReportModel;
use crate::report::model::{EvidenceSource, Grade, Severity};
use crate::settings::Settings;
use crate::suppress::{Entry, Evidence, Status};
pub(crate) use frame::{Rows, holds};
use lists::List;
use name::Names;
pub(crate) use tile::lowest;

/// What a report needs beside the analysis.
pub struct Options<'a> {
    /// The site, as the analyst calls it.
    pub site_label: String,
    /// Fingerprint in hexadecimal and holder of each trusted key.
    pub key_holders: &'a [(String, String)],
    /// The same domain at the bundle before.
    pub previous: Option<&'a Analysis>,
    /// New chains of sites that somebody has accepted, by id.
    pub accepted_chains: &'a BTreeSet<String>,
    /// The findings against those of earlier moments.
    pub lifecycle: &'a Lifecycle,
    /// Thresholds and declarations of the configuration.
    pub settings: &'a Settings,
    /// Entries of the file of suppressions, with what each does.
    pub suppressions: &'a [(Entry, Status)],
    /// Commands that verify the input and make the report again.
    pub reproduce: Vec<Vec<String>>,
}

/// A report cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// The analysis rests on no bundle.
    #[error(
        "domain `{domain}` has no bundle, so there is nothing to report on; ingest bundles first"
    )]
    NoBundle {
        /// Domain.
        domain: String,
    },
    /// A result names a check that the analysis does not hold; a defect.
    #[error("there is a result of check `{check}`, which is none of the checks that ran")]
    NoPage {
        /// Check.
        check: String,
    },
}

/// Makes the report's model of an analysis.
///
/// # Errors
/// An analysis without a bundle, or with a result of an unknown check.
pub fn report(
    analysis: &Analysis,
    history: &History,
    options: &Options<'_>,
) -> Result<ReportModel, AssembleError> {
    let estate = &analysis.estate;
    if estate.bundles.is_empty() {
        return Err(AssembleError::NoBundle {
            domain: estate.domain.clone(),
        });
    }
    let context = Context {
        analysis,
        history,
        options,
        names: Names::new(estate, analysis.session.catalog()),
        lists: lists::lists(estate),
        sources: RefCell::default(),
        evidence: Evidence::of(analysis),
    };
    for result in &analysis.results {
        context.page(&result.check_id)?;
    }
    let mut model = ReportModel::new(
        front::title(&context),
        front::trust(&context),
        appendix::provenance(&context),
    );
    model.findings = finding::cards(&context)?;
    model.pools = capacity::pools(&context);
    model.orphans = orphan::orphans(&context);
    model.snapshots_without_backing = orphan::snapshots_without_backing(&context);
    model.quality = lists::quality(&context);
    model.tiles = tile::tiles(&context);
    model.risks = front::risks(&context)?;
    model.key_numbers = front::key_numbers(&context, &model.orphans, &model.pools);
    model.verdict = front::verdict(&context, &model.risks, &model.orphans);
    model.changes = change::changes(&context);
    model.scorecard.areas = scorecard::areas(&analysis.results);
    model.appendix = appendix::appendix(&context, model.appendix.provenance);
    model.more.extend(bridge::section(&context));
    model.more.extend(declaration::section(&context));
    model.more.extend(suppression::section(&context));
    Ok(model.finish())
}

/// What every part of the report is made of.
struct Context<'a> {
    analysis: &'a Analysis,
    history: &'a History,
    options: &'a Options<'a>,
    names: Names,
    lists: Vec<List>,
    /// Where tables of scopes were read from, found once each.
    sources: RefCell<BTreeMap<(String, String), EvidenceSource>>,
    /// What somebody would accept who accepts a finding.
    evidence: Evidence<'a>,
}

impl<'a> Context<'a> {
    fn now(&self) -> i64 {
        self.analysis.estate.now
    }

    fn page(&self, check: &str) -> Result<&'a Page, AssembleError> {
        self.analysis
            .page(check)
            .ok_or_else(|| AssembleError::NoPage {
                check: check.to_owned(),
            })
    }

    /// The life of a finding; one that no moment knows is new.
    fn life(&self, finding: &checks::Finding) -> Life {
        let held = self.options.lifecycle.lives.get(&finding.fingerprint);
        held.copied().unwrap_or(Life {
            standing: Standing::New,
            first_seen: self.now(),
            since: self.now(),
            is_exact: false,
        })
    }

    /// Time of the oldest bundle known to show the finding. It may have been there before.
    fn first_seen(&self, finding: &checks::Finding) -> i64 {
        self.life(finding).first_seen
    }

    /// Open findings, worst first, then by the space at stake.
    fn ranked(&self) -> Vec<&'a checks::Finding> {
        let mut findings: Vec<_> = self.analysis.open_findings().collect();
        findings.sort_by_key(|finding| {
            let bytes = std::cmp::Reverse(finding.bytes.unwrap_or_default());
            (
                finding.effective_severity,
                bytes,
                finding.grade,
                &finding.check_id,
                &finding.fingerprint,
            )
        });
        findings
    }
}

/// Whether a result says something about the estate.
fn is_evaluated(result: &CheckResult) -> bool {
    matches!(result.state, State::Pass | State::Fail)
}

fn severity(severity: checks::Severity) -> Severity {
    match severity {
        checks::Severity::Critical => Severity::Critical,
        checks::Severity::High => Severity::High,
        checks::Severity::Medium => Severity::Medium,
        checks::Severity::Low => Severity::Low,
        checks::Severity::Info => Severity::Info,
    }
}

fn grade(grade: checks::Grade) -> Grade {
    match grade {
        checks::Grade::Confirmed => Grade::Confirmed,
        checks::Grade::Probable => Grade::Probable,
        checks::Grade::Candidate => Grade::Candidate,
    }
}

/// Length of a list as the model counts.
fn n(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
