//! A finding: one row of a check, graded and named so that the next report can recognise it.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::checks::page::{Page, Scope, Severity};
use crate::query::Value;
use crate::query::value::rows;

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Two independent keys and complete lists agree.
    Confirmed,
    /// One key, or one list of two.
    Probable,
    /// A hint.
    Candidate,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Check that found it.
    pub check_id: String,
    /// Appliance or cluster; empty for the estate.
    pub scope: String,
    /// Table that holds the subject.
    pub subject_table: String,
    /// Key of the object.
    pub subject: String,
    /// How sure it is.
    pub grade: Grade,
    /// How bad it is if true.
    pub severity: Severity,
    /// How bad it is, given how sure it is; gates, scores and tiles use this.
    pub effective_severity: Severity,
    /// Bytes at stake.
    pub bytes: Option<i64>,
    /// What points at the cause.
    pub points: Option<String>,
    /// Every other column of the row.
    pub evidence: Vec<(String, Value)>,
    /// Same text for the same finding in every report.
    pub fingerprint: String,
}

/// A row that is no finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindingError {
    /// A required column is absent, or empty in a row.
    #[error("column `{column}` is missing or not text; every row needs it")]
    Missing {
        /// Name of the column.
        column: String,
    },
    /// A column has a value outside its words or of another type.
    #[error("column `{column}` holds `{value}`, which is none of its values")]
    Value {
        /// Name of the column.
        column: String,
        /// What it holds.
        value: String,
    },
}

/// Column of a row that is no finding: what there is too little of for its scope to be judged, in words.
const TOO_FEW: &str = "too_few";

/// What the rows of a check say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judged {
    /// Findings.
    pub findings: Vec<Finding>,
    /// Scopes with too little to judge, in words.
    pub too_few: BTreeMap<String, String>,
}

/// Makes findings of the rows of a check; the domain is that of the pseudonyms.
pub fn findings(page: &Page, domain: &str, frame: &DataFrame) -> Result<Judged, FindingError> {
    let names: Vec<String> = frame
        .get_column_names()
        .into_iter()
        .map(|name| name.to_string())
        .collect();
    for required in ["subject", "subject_table"]
        .into_iter()
        .chain(scope_column(page.scope))
    {
        if !names.iter().any(|name| name == required) {
            return Err(FindingError::Missing {
                column: required.to_owned(),
            });
        }
    }
    let too_few = names.iter().position(|name| name == TOO_FEW);
    let mut judged = Judged::default();
    for row in rows(frame) {
        let words = too_few.and_then(|index| row.get(index)?.as_text().map(str::to_owned));
        let finding = finding(page, domain, names.iter().zip(row))?;
        match words {
            // Of several rows that which sorts first: statements give no order.
            Some(words) => {
                let told = judged.too_few.entry(finding.scope);
                let told = told.or_insert_with(|| words.clone());
                *told = words.min(told.clone());
            }
            None => judged.findings.push(finding),
        }
    }
    Ok(judged)
}

/// The column that names the scope of a row.
pub(super) fn scope_column(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::Appliance => Some("appliance"),
        Scope::Cluster => Some("cluster"),
        Scope::Estate => None,
    }
}

fn finding<'n>(
    page: &Page,
    domain: &str,
    cells: impl Iterator<Item = (&'n String, Value)>,
) -> Result<Finding, FindingError> {
    let (mut scope, mut subject, mut subject_table) = (None, None, None);
    let (mut grade, mut severity) = (Grade::Confirmed, page.severity);
    let (mut bytes, mut points) = (None, None);
    let (mut owner_kind, mut evidence_class) = (String::new(), String::new());
    let mut evidence = Vec::new();
    for (name, value) in cells {
        match name.as_str() {
            "subject" => subject = text(value),
            "subject_table" => subject_table = text(value),
            "grade" => grade = optional(name, value, Grade::parse)?.unwrap_or(grade),
            "severity" => severity = optional(name, value, Severity::parse)?.unwrap_or(severity),
            "bytes" => bytes = integer(name, value)?,
            "points" => points = text(value),
            "owner_kind" => owner_kind = text(value).unwrap_or_default(),
            "evidence_class" => evidence_class = text(value).unwrap_or_default(),
            TOO_FEW => {}
            other if Some(other) == scope_column(page.scope) => scope = text(value),
            _ => evidence.push((name.clone(), value)),
        }
    }
    let missing = |column: &str| FindingError::Missing {
        column: column.to_owned(),
    };
    let subject = subject.ok_or_else(|| missing("subject"))?;
    let subject_table = subject_table.ok_or_else(|| missing("subject_table"))?;
    let scope = match scope_column(page.scope) {
        Some(column) => scope.ok_or_else(|| missing(column))?,
        None => String::new(),
    };
    // Equal paths exist on two appliances, so the scope is part of the key.
    let key = format!("{subject_table}:{scope}:{subject}");
    Ok(Finding {
        check_id: page.id.clone(),
        fingerprint: fingerprint([&page.id, domain, &owner_kind, &key, &evidence_class]),
        effective_severity: grade.limit(severity),
        scope,
        subject_table,
        subject,
        grade,
        severity,
        bytes,
        points,
        evidence,
    })
}

/// Hash over check, domain, owner kind, subject key and evidence class.
fn fingerprint(parts: [&str; 5]) -> String {
    Sha256::digest(parts.join("|"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Grade {
    /// The word in rows and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Probable => "probable",
            Self::Candidate => "candidate",
        }
    }

    /// The grade that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Confirmed, Self::Probable, Self::Candidate]
            .into_iter()
            .find(|grade| grade.word() == word)
    }

    /// A severity no worse than the grade allows.
    pub fn limit(self, severity: Severity) -> Severity {
        match self {
            Self::Confirmed => severity,
            Self::Probable => severity.max(Severity::Medium),
            Self::Candidate => severity.max(Severity::Low),
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn optional<T>(
    name: &str,
    value: Value,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, FindingError> {
    if value == Value::Null {
        return Ok(None);
    }
    match value.as_text().and_then(parse) {
        Some(parsed) => Ok(Some(parsed)),
        None => Err(FindingError::Value {
            column: name.to_owned(),
            value: value.to_string(),
        }),
    }
}

fn integer(name: &str, value: Value) -> Result<Option<i64>, FindingError> {
    match value {
        Value::Null => Ok(None),
        Value::Integer(integer) => Ok(Some(integer)),
        other => Err(FindingError::Value {
            column: name.to_owned(),
            value: other.to_string(),
        }),
    }
}
