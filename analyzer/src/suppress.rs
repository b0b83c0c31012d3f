//! Findings that somebody accepted, for a reason and for a time, and the list of findings that were there at the start.
//!
//! An entry names the finding and the evidence that was accepted. When the evidence changes, the finding is open again:
//! nobody accepted that.

mod document;
mod entry;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::analysis::Analysis;
use crate::checks::{Finding, digest};
use crate::query::{Mode, Value, lint};

pub use document::Document;
pub use entry::{Entry, EntryError, MAX_DAYS, day};

/// What an entry does to the present findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It hides its finding from gates and scores.
    Active,
    /// Its time is over.
    Expired,
    /// The evidence is not what was accepted.
    Void,
    /// There is no such finding.
    Unused,
}

impl Status {
    /// The word that readers see.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Void => "void, the evidence changed",
            Self::Unused => "unused",
        }
    }
}

/// The status of each entry, in the order given.
pub fn judge(entries: &[Entry], analysis: &Analysis) -> Vec<Status> {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in analysis.findings() {
        findings
            .entry(&finding.fingerprint)
            .or_default()
            .push(finding);
    }
    let evidence = Evidence::of(analysis);
    let status = |entry: &Entry| {
        let Some(found) = findings.get(entry.finding.as_str()) else {
            return Status::Unused;
        };
        if entry.has_expired(analysis.estate.now) {
            return Status::Expired;
        }
        let is_same = |finding: &&Finding| evidence.sha256(finding) == entry.evidence;
        if found.iter().all(is_same) {
            Status::Active
        } else {
            Status::Void
        }
    };
    entries.iter().map(status).collect()
}

/// Digest of a check's statement, and its columns of names.
type Statement = (String, BTreeSet<String>);

/// What somebody accepts who accepts a finding.
pub struct Evidence<'a> {
    analysis: &'a Analysis,
    /// Statement and columns of names of each check, found once each.
    statements: RefCell<BTreeMap<&'a str, Rc<Statement>>>,
}

impl<'a> Evidence<'a> {
    /// The evidence of the findings of an analysis.
    pub fn of(analysis: &'a Analysis) -> Self {
        Self {
            analysis,
            statements: RefCell::default(),
        }
    }

    /// Digest of the statement of the check, of how sure and how bad the finding is, and of the words and truth values of
    /// its evidence. Numbers and names move from day to day and are not in it.
    pub fn sha256(&self, finding: &Finding) -> String {
        let statement = self.statement(&finding.check_id);
        let (sql, names) = statement.as_ref();
        let words = finding
            .evidence
            .iter()
            .filter_map(|(name, value)| match value {
                Value::Text(text) if !names.contains(name) => Some(format!("{name}={text}")),
                Value::Bool(truth) => Some(format!("{name}={truth}")),
                _ => None,
            });
        let start = [
            sql.clone(),
            finding.grade.word().to_owned(),
            finding.effective_severity.word().to_owned(),
        ];
        digest(start.into_iter().chain(words))
    }

    /// An entry without owner, reason and end, as baselines hold them.
    pub fn entry(&self, finding: &Finding) -> Entry {
        Entry {
            check: Some(finding.check_id.clone()),
            subject: Some(finding.subject.clone()),
            finding: finding.fingerprint.clone(),
            evidence: self.sha256(finding),
            owner: None,
            reason: None,
            since: None,
            until: None,
        }
    }

    fn statement(&self, check_id: &str) -> Rc<(String, BTreeSet<String>)> {
        let mut checks = self.analysis.checks.iter();
        let Some(check) = checks.find(|check| check.page.id == check_id) else {
            return Rc::default();
        };
        if let Some(held) = self.statements.borrow().get(check.page.id.as_str()) {
            return Rc::clone(held);
        }
        let linted = lint(&check.sql, self.analysis.session.catalog(), Mode::Strict);
        let columns = linted.map(|linted| linted.columns).unwrap_or_default();
        let names = columns.into_iter().filter(|column| column.is_token);
        let sql = check.sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let statement = Rc::new((sql, names.map(|column| column.name).collect()));
        let held = Rc::clone(&statement);
        self.statements.borrow_mut().insert(&check.page.id, held);
        statement
    }
}

/// The only finding whose fingerprint starts with the given digits.
///
/// # Errors
/// None or several; the message names them.
pub fn find<'a>(analysis: &'a Analysis, prefix: &str) -> Result<&'a Finding, String> {
    let prefix = prefix.to_ascii_lowercase();
    let mut found: BTreeMap<&str, &Finding> = BTreeMap::new();
    for finding in analysis.findings() {
        if !prefix.is_empty() && finding.fingerprint.starts_with(&prefix) {
            found.insert(&finding.fingerprint, finding);
        }
    }
    let mut findings = found.values();
    match (findings.next(), findings.len()) {
        (Some(finding), 0) => Ok(*finding),
        (None, _) => Err(format!(
            "no finding has a fingerprint that starts with `{prefix}`; `check --format csv` lists them"
        )),
        (Some(_), _) => {
            let names = found.values().map(|finding| {
                format!(
                    "{} {} {}",
                    finding.fingerprint, finding.check_id, finding.subject
                )
            });
            let names: Vec<String> = names.take(5).collect();
            Err(format!(
                "{} findings have a fingerprint that starts with `{prefix}`; give more digits: {}",
                found.len(),
                names.join(", ")
            ))
        }
    }
}
