//! One accepted finding.

use serde::Deserialize;
use truenas_common::time::Time;

const DAY_SECS: i64 = 86_400;
/// A suppression ends, so that somebody looks again.
pub const MAX_DAYS: i64 = 90;

/// An entry of a file of suppressions, or of a baseline, which has no owner, reason and end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Check, for people.
    pub check: Option<String>,
    /// Object, for people.
    pub subject: Option<String>,
    /// Fingerprint of the finding.
    pub finding: String,
    /// Digest of the evidence that was accepted.
    pub evidence: String,
    /// Who accepted it.
    pub owner: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// End of the bundle at which it was accepted, Unix seconds.
    pub since: Option<i64>,
    /// Last day on which it holds: its midnight, Unix seconds.
    pub until: Option<i64>,
}

/// An entry that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct EntryError {
    /// Line, from 1.
    pub line: u64,
    /// What is wrong, and what to write.
    pub reason: String,
}

/// An entry as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEntry {
    check: Option<String>,
    subject: Option<String>,
    finding: String,
    evidence: String,
    owner: Option<String>,
    reason: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl RawEntry {
    pub(super) fn check(self, line: u64) -> Result<Entry, EntryError> {
        let fail = |reason: &str| EntryError {
            line,
            reason: reason.to_owned(),
        };
        let is_digest =
            |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_digest(&self.finding) || !is_digest(&self.evidence) {
            return Err(fail(
                "`finding` and `evidence` are 64 digits each, as the finding's card prints them",
            ));
        }
        let until = self.until.as_deref().map(|text| day(text).ok_or(text));
        let since = self
            .since
            .as_deref()
            .map(|text| Time::parse(text).ok_or(text));
        Ok(Entry {
            check: self.check,
            subject: self.subject,
            finding: self.finding.to_ascii_lowercase(),
            evidence: self.evidence.to_ascii_lowercase(),
            owner: self.owner,
            reason: self.reason,
            since: since
                .transpose()
                .map_err(|_| fail("`since` is no time such as 2026-11-23T00:00:00Z"))?
                .map(Time::unix_secs),
            until: until
                .transpose()
                .map_err(|_| fail("`until` is no day such as 2027-01-31"))?,
        })
    }
}

impl Entry {
    /// Whether its last day is over.
    pub fn has_expired(&self, now: i64) -> bool {
        self.until.is_some_and(|until| now >= until + DAY_SECS)
    }

    /// Days that it still holds.
    pub fn days_left(&self, now: i64) -> Option<i64> {
        self.until
            .map(|until| (until + DAY_SECS - now).div_euclid(DAY_SECS))
    }

    /// Asks for what a suppression needs beside what a baseline has.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn suppression(self, line: u64) -> Result<Self, EntryError> {
        let is_empty =
            |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        let missing = if is_empty(&self.owner) {
            "owner"
        } else if is_empty(&self.reason) {
            "reason"
        } else if self.until.is_none() {
            "until"
        } else {
            return Ok(self);
        };
        Err(EntryError {
            line,
            reason: format!(
                "`{missing}` is missing or empty; a suppression has an owner, a reason and an end"
            ),
        })
    }

    /// The lines of a file.
    pub fn lines(&self) -> String {
        let quoted = |text: &String| serde_json::Value::String(text.clone()).to_string();
        let cells = [
            ("check", self.check.clone()),
            ("subject", self.subject.as_ref().map(quoted)),
            ("finding", Some(quoted(&self.finding))),
            ("evidence", Some(quoted(&self.evidence))),
            ("owner", self.owner.as_ref().map(quoted)),
            ("reason", self.reason.as_ref().map(quoted)),
            (
                "since",
                self.since
                    .map(|at| quoted(&Time::from_unix_secs(at).to_string())),
            ),
            (
                "until",
                self.until.map(|at| quoted(&Time::from_unix_secs(at).day())),
            ),
        ];
        let mut text = String::new();
        for (key, value) in cells {
            let Some(value) = value else {
                continue;
            };
            let lead = if text.is_empty() { "- " } else { "  " };
            text += &format!("{lead}{key}: {value}\n");
        }
        text
    }
}

/// Midnight of a day such as 2027-01-31.
pub fn day(text: &str) -> Option<i64> {
    let is_day = text.len() == 10;
    Time::parse(&format!("{text}T00:00:00Z"))
        .filter(|_| is_day)
        .map(Time::unix_secs)
}
