//! Runs checks and gives a three-valued result for each check and scope; a part that fails blinds only itself.

use std::collections::BTreeMap;
use std::error::Error;

use crate::checks::Check;
use crate::checks::completeness::Completeness;
use crate::checks::finding::{Finding, Judged, findings, scope_column};
use crate::checks::page::{Page, Scope};
use crate::query::{Limits, ParamValue, Params, Session};

/// Values of thresholds that differ from the default, by check and name.
pub type Overrides = BTreeMap<String, BTreeMap<String, ParamValue>>;

/// What checks are run on.
pub struct RunInput<'i> {
    /// Tables and views.
    pub session: &'i Session,
    /// Which lists were read to their end.
    pub completeness: &'i Completeness,
    /// Thresholds that the site set.
    pub thresholds: &'i Overrides,
    /// Bounds of each statement.
    pub limits: Limits,
    /// Pseudonymisation domain of the tables.
    pub domain: &'i str,
    /// Time of the newest bundle.
    pub now_unix_secs: i64,
}

#[cfg(test)]
impl<'i> RunInput<'i> {
    /// The domain `d` at second 1000, without bounds of its own.
    pub(super) fn sample(
        session: &'i Session,
        completeness: &'i Completeness,
        thresholds: &'i Overrides,
    ) -> Self {
        Self {
            session,
            completeness,
            thresholds,
            limits: Limits::default(),
            domain: "d",
            now_unix_secs: 1000,
        }
    }
}

/// Result of a check in one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It found something.
    Fail,
    /// It looked at complete lists and found nothing.
    Pass,
    /// It has nothing to say here; why.
    NotApplicable(String),
    /// It could not look; why.
    NotEvaluated(String),
}

/// What one check says about one scope.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckResult {
    /// The check.
    pub check_id: String,
    /// Appliance or cluster; empty for the estate.
    pub scope: String,
    /// Result.
    pub state: State,
    /// Objects that were judged, when the page names them.
    pub n_population: Option<i64>,
    /// Findings, worst first; none unless the state is `Fail`.
    pub findings: Vec<Finding>,
}

/// Begin of the reason why a scope with too little to judge has no result.
pub(super) const TOO_FEW: &str = "too few";

/// Runs one check in all its scopes.
pub fn run_check(check: &Check, input: &RunInput<'_>) -> Vec<CheckResult> {
    let page = &check.page;
    let scopes = input.completeness.scopes(page.scope);
    let (mut by_scope, too_few, populations) = match evaluate(check, input) {
        Ok(evaluated) => evaluated,
        Err(reason) => {
            let broken = State::NotEvaluated(format!("broken: {reason}"));
            return scopes
                .into_iter()
                .map(|scope| result(page, scope, broken.clone()))
                .collect();
        }
    };
    scopes
        .into_iter()
        .map(|scope| {
            if let Some(obstacle) = input.completeness.obstacle(page, &scope) {
                return result(page, scope, obstacle);
            }
            let findings = by_scope.remove(&scope).unwrap_or_default();
            let n_population = populations
                .as_ref()
                .map(|populations| populations.get(&scope).copied().unwrap_or_default());
            let state = match (findings.is_empty(), n_population, too_few.get(&scope)) {
                (false, ..) => State::Fail,
                (true, Some(0), _) => State::NotApplicable("nothing to check".to_owned()),
                (true, _, Some(words)) => State::NotApplicable(format!("{TOO_FEW}: {words}")),
                (true, _, None) => State::Pass,
            };
            CheckResult {
                n_population,
                findings,
                ..result(page, scope, state)
            }
        })
        .collect()
}

type ByScope = BTreeMap<String, Vec<Finding>>;
type TooFew = BTreeMap<String, String>;
type Populations = BTreeMap<String, i64>;

/// Findings, what there is too little of, and populations by scope, or why the check is broken, on one line.
fn evaluate(
    check: &Check,
    input: &RunInput<'_>,
) -> Result<(ByScope, TooFew, Option<Populations>), String> {
    let params = params(check, input)?;
    let frame = input
        .session
        .run_statement(&check.sql, &params, &input.limits)
        .map_err(|error| one_line(&error))?;
    let Judged {
        mut findings,
        too_few,
    } = findings(&check.page, input.domain, &frame).map_err(|error| one_line(&error))?;
    findings.sort_by(order);
    let mut by_scope = ByScope::new();
    for finding in findings {
        by_scope
            .entry(finding.scope.clone())
            .or_default()
            .push(finding);
    }
    let populations = check
        .page
        .population
        .as_ref()
        .map(|table| populations(table, check.page.scope, input));
    Ok((by_scope, too_few, populations.transpose()?))
}

/// Worst first.
pub(super) fn order(left: &Finding, right: &Finding) -> std::cmp::Ordering {
    let key = |finding: &Finding| (finding.effective_severity, finding.severity);
    (key(left), &left.subject, &left.fingerprint).cmp(&(
        key(right),
        &right.subject,
        &right.fingerprint,
    ))
}

/// The parameters of a check: its thresholds as they are in force, and the time.
///
/// # Errors
/// Says on one line which threshold does not exist or has another type.
pub fn params(check: &Check, input: &RunInput<'_>) -> Result<Params, String> {
    let page = &check.page;
    let mut params: Params = page
        .thresholds
        .iter()
        .map(|(name, threshold)| (name.clone(), threshold.default.clone()))
        .collect();
    for (name, value) in input.thresholds.get(&page.id).into_iter().flatten() {
        let default = params
            .get_mut(name)
            .ok_or_else(|| format!("the check has no threshold `{name}`"))?;
        *default = match (&*default, value) {
            (ParamValue::Integer(_), ParamValue::Integer(_))
            | (ParamValue::Float(_), ParamValue::Float(_))
            | (ParamValue::Text(_), ParamValue::Text(_))
            | (ParamValue::Bool(_), ParamValue::Bool(_)) => value.clone(),
            (ParamValue::Float(_), ParamValue::Integer(integer)) => {
                ParamValue::Float(*integer as f64)
            }
            _ => {
                return Err(format!(
                    "the threshold `{name}` has a value of another type than its default"
                ));
            }
        };
    }
    if check
        .sql
        .placeholders()
        .map_err(|error| one_line(&error))?
        .contains("now")
    {
        params.insert("now".to_owned(), ParamValue::Integer(input.now_unix_secs));
    }
    Ok(params)
}

/// Rows of a table or view by cluster or appliance.
fn populations(table: &str, scope: Scope, input: &RunInput<'_>) -> Result<Populations, String> {
    let frame = input.session.frame(table);
    let frame = frame.ok_or_else(|| format!("population: there is no table `{table}`"))?;
    let count = |n_rows: usize| i64::try_from(n_rows).unwrap_or(i64::MAX);
    let Some(column) = scope_column(scope) else {
        return Ok([(String::new(), count(frame.height()))].into());
    };
    let owners = frame.column(column).and_then(|owners| owners.str());
    let owners = owners.map_err(|error| format!("population: {}", one_line(&error)))?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for owner in owners.iter().flatten() {
        *counts.entry(owner).or_default() += 1;
    }
    let counts = counts.into_iter();
    Ok(counts
        .map(|(owner, n_rows)| (owner.to_owned(), count(n_rows)))
        .collect())
}

fn result(page: &Page, scope: String, state: State) -> CheckResult {
    CheckResult {
        check_id: page.id.clone(),
        scope,
        state,
        n_population: None,
        findings: Vec::new(),
    }
}

fn one_line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
