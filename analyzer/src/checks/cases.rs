//! Cases: small estates in TOML, and the findings that a check must or must not make of them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use polars::prelude::{Column, DataFrame, NamedFrom as _, Series};
use serde::Deserialize;
use toml::{Table, Value as Toml};

use crate::checks::completeness::{Completeness, TableState};
use crate::checks::finding::Finding;
use crate::checks::run::{Overrides, RunInput, State, TOO_FEW, run_check};
use crate::checks::view::needed;
use crate::checks::{Check, Page, View};
use crate::query::{Catalog, CatalogColumn, ColumnKind, Limits, ParamValue, Session, Statement};

/// Scope ids of rows that name none.
const DEFAULT_APPLIANCE: &str = "a";
const DEFAULT_CLUSTER: &str = "c";

/// Time of a case that names none: 2025-01-01.
const DEFAULT_NOW_UNIX_SECS: i64 = 1_735_689_600;

/// Domain of the fingerprints in cases.
const DOMAIN: &str = "case";

/// Fewest cases of each sort.
const MIN_CASES: usize = 2;

/// One case file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// `finds_*` or `ignores_*`, without the extension.
    pub name: String,
    /// TOML.
    pub text: String,
}

/// A case that does not hold, or that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{check_id}, case {case}: {reason}")]
pub struct CaseFailure {
    /// The check.
    pub check_id: String,
    /// The case; `-` for the set of them.
    pub case: String,
    /// What differs.
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    subject: String,
    subject_table: Option<String>,
    scope: Option<String>,
    grade: Option<String>,
    severity: Option<String>,
    effective_severity: Option<String>,
    bytes: Option<i64>,
    points: Option<String>,
    /// Items of the fix that are for it, when the page makes a difference.
    items: Option<Vec<usize>>,
    #[serde(default)]
    evidence: Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListState {
    table: String,
    scope: String,
    state: String,
    #[serde(default)]
    outcome: String,
}

/// A scope with too little to judge.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct TooFew {
    scope: String,
    words: String,
}

/// Reads the case files of a check's directory, sorted by name.
pub fn read_cases(directory: &Path) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(directory.join("cases"))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().filter(|_| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        }) else {
            continue;
        };
        cases.push(Case {
            name: name.to_string_lossy().into_owned(),
            text: fs::read_to_string(&path)?,
        });
    }
    cases.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(cases)
}

/// Runs the cases of a check over the views; no failure means that all hold and that there are enough of them.
pub fn run_cases(
    check: &Check,
    cases: &[Case],
    views: &[View],
    catalog: &Catalog,
) -> Vec<CaseFailure> {
    let failure = |case: &str, reason| CaseFailure {
        check_id: check.page.id.clone(),
        case: case.to_owned(),
        reason,
    };
    let mut failures = Vec::new();
    for prefix in ["finds_", "ignores_"] {
        let n_cases = cases
            .iter()
            .filter(|case| case.name.starts_with(prefix))
            .count();
        if n_cases < MIN_CASES {
            failures.push(failure(
                "-",
                format!("{n_cases} {prefix} cases in place of at least {MIN_CASES}"),
            ));
        }
    }
    for case in cases {
        if let Err(reason) = run_case(check, case, views, catalog) {
            failures.push(failure(&case.name, reason));
        }
    }
    failures
}

fn run_case(check: &Check, case: &Case, views: &[View], catalog: &Catalog) -> Result<(), String> {
    let mut content: Table = case
        .text
        .parse()
        .map_err(|error: toml::de::Error| error.message().to_owned())?;
    let expects: Vec<Expect> = part(&mut content, "expect")?.unwrap_or_default();
    let states: Vec<ListState> = part(&mut content, "complete")?.unwrap_or_default();
    let params: std::collections::BTreeMap<String, ParamValue> =
        part(&mut content, "params")?.unwrap_or_default();
    let too_few: Option<Vec<TooFew>> = part(&mut content, "too_few")?;
    let now_unix_secs = part(&mut content, "now")?.unwrap_or(DEFAULT_NOW_UNIX_SECS);
    match (
        case.name.starts_with("finds_"),
        case.name.starts_with("ignores_"),
        expects.is_empty(),
    ) {
        (true, _, false) | (_, true, true) => {}
        (true, _, true) => return Err("a finds_ case expects nothing".to_owned()),
        (_, true, false) => return Err("an ignores_ case expects a finding".to_owned()),
        _ => return Err("the name starts with neither finds_ nor ignores_".to_owned()),
    }
    let mut completeness = Completeness {
        appliances: vec![DEFAULT_APPLIANCE.to_owned()],
        clusters: vec![DEFAULT_CLUSTER.to_owned()],
        ..Completeness::default()
    };
    let mut read = check.sql.relations().map_err(|error| chain(&error))?;
    read.extend(check.page.population.clone());
    let session = session(content, read, views, catalog, &mut completeness)?;
    fill_states(&mut completeness, check, &states)?;
    let thresholds = Overrides::from([(check.page.id.clone(), params)]);
    let input = RunInput {
        session: &session,
        completeness: &completeness,
        thresholds: &thresholds,
        limits: Limits::default(),
        domain: DOMAIN,
        now_unix_secs,
    };
    let results = run_check(check, &input);
    let broken = |state: &State| matches!(state, State::NotEvaluated(reason) if reason.starts_with("broken"));
    if let Some(result) = results.iter().find(|result| broken(&result.state)) {
        return Err(format!("{:?}", result.state));
    }
    let found = results.iter().filter_map(|result| match &result.state {
        State::NotApplicable(reason) => Some(TooFew {
            scope: result.scope.clone(),
            words: reason.strip_prefix(TOO_FEW)?.strip_prefix(": ")?.to_owned(),
        }),
        _ => None,
    });
    let found: Vec<TooFew> = found.collect();
    if let Some(too_few) = too_few.filter(|too_few| *too_few != found) {
        return Err(format!("expected {too_few:?}, found {found:?}"));
    }
    let findings: Vec<_> = results
        .into_iter()
        .flat_map(|result| result.findings)
        .collect();
    for finding in &findings {
        suits(&check.page, finding)?;
    }
    compare(&check.page, &expects, &findings)
}

/// Checks that the columns by which the page chooses items of its fix are there, and that one is for the finding.
fn suits(page: &Page, finding: &Finding) -> Result<(), String> {
    let is_there = |column: &&String| finding.evidence.iter().any(|(name, _)| name == *column);
    let columns = page.when.values().flat_map(|when| when.keys());
    if let Some(column) = columns.into_iter().find(|column| !is_there(column)) {
        return Err(format!(
            "`when` names the column `{column}`, which no row has"
        ));
    }
    match page.items_for(&finding.evidence) {
        Some(items) if items.is_empty() => {
            Err(format!("no item of the fix is for {}", finding.subject))
        }
        _ => Ok(()),
    }
}

/// The tables of a case, and the views among the given names with those that they read.
fn session(
    content: Table,
    read: BTreeSet<String>,
    views: &[View],
    catalog: &Catalog,
    completeness: &mut Completeness,
) -> Result<Session, String> {
    let mut session = Session::new(catalog.clone());
    for (table, rows) in content {
        let columns = catalog
            .columns(&table)
            .ok_or_else(|| format!("there is no table `{table}`"))?;
        let rows: Vec<Table> = rows
            .try_into()
            .map_err(|_| format!("`{table}` is no array of tables"))?;
        let frame = frame(&table, columns, &rows)?;
        learn_scopes(completeness, &frame);
        session
            .register(&table, frame, columns.to_vec())
            .map_err(|error| chain(&error))?;
    }
    let views = needed(read, views).map_err(|error| chain(&error))?;
    let views: Vec<(&str, &Statement)> = views
        .into_iter()
        .map(|view| (&*view.name, &view.sql))
        .collect();
    session
        .create_views(&views)
        .map_err(|(view, error)| format!("view {view}: {}", chain(&error)))?;
    Ok(session)
}

/// The tables of a case with some views, for those who ask the same in another way.
#[cfg(test)]
pub(crate) fn case_session(case: &Case, views: &[View], read: &[&str]) -> Result<Session, String> {
    let mut content: Table = case
        .text
        .parse()
        .map_err(|error: toml::de::Error| error.message().to_owned())?;
    content.retain(|name, _| !matches!(name, "expect" | "complete" | "params" | "too_few" | "now"));
    let read = read.iter().map(|name| (*name).to_owned()).collect();
    let (catalog, mut completeness) = (crate::tables::catalog(), Completeness::default());
    session(content, read, views, &catalog, &mut completeness)
}

fn part<T: serde::de::DeserializeOwned>(
    content: &mut Table,
    key: &str,
) -> Result<Option<T>, String> {
    let Some(value) = content.remove(key) else {
        return Ok(None);
    };
    value
        .try_into()
        .map(Some)
        .map_err(|error: toml::de::Error| format!("`{key}`: {}", error.message()))
}

fn frame(table: &str, columns: &[CatalogColumn], rows: &[Table]) -> Result<DataFrame, String> {
    for name in rows.iter().flat_map(Table::keys) {
        if !columns.iter().any(|column| column.name == *name) {
            return Err(format!("`{table}` has no column `{name}`"));
        }
    }
    let columns = columns
        .iter()
        .map(|column| series(table, column, rows))
        .collect::<Result<Vec<_>, _>>()?;
    DataFrame::new(rows.len(), columns).map_err(|error| error.to_string())
}

fn series(table: &str, column: &CatalogColumn, rows: &[Table]) -> Result<Column, String> {
    let name = column.name.as_str();
    let wrong = |value: &Toml| format!("`{table}.{name}` is {:?}, not {value:?}", column.kind);
    let cells = || rows.iter().map(|row| row.get(name));
    let series = match column.kind {
        ColumnKind::Text => {
            let default = default_scope(table, name);
            let texts = cells().map(|cell| match cell {
                None => Ok(default),
                Some(value) => value.as_str().map(Some).ok_or_else(|| wrong(value)),
            });
            Series::new(
                name.into(),
                texts.collect::<Result<Vec<Option<&str>>, _>>()?,
            )
        }
        ColumnKind::Integer => Series::new(name.into(), all(cells(), Toml::as_integer, wrong)?),
        ColumnKind::Float => {
            let number = |value: &Toml| {
                value
                    .as_float()
                    .or_else(|| value.as_integer().map(|integer| integer as f64))
            };
            Series::new(name.into(), all(cells(), number, wrong)?)
        }
        ColumnKind::Bool => Series::new(name.into(), all(cells(), Toml::as_bool, wrong)?),
    };
    Ok(series.into())
}

fn all<'c, T>(
    cells: impl Iterator<Item = Option<&'c Toml>>,
    convert: impl Fn(&Toml) -> Option<T>,
    wrong: impl Fn(&Toml) -> String,
) -> Result<Vec<Option<T>>, String> {
    cells
        .map(|cell| {
            cell.map(|value| convert(value).ok_or_else(|| wrong(value)))
                .transpose()
        })
        .collect()
}

fn default_scope(table: &str, column: &str) -> Option<&'static str> {
    let is_nas = table.starts_with("nas_") || table.starts_with("zfs_");
    match column {
        "appliance" if is_nas => Some(DEFAULT_APPLIANCE),
        "cluster" if table.starts_with("k8s_") => Some(DEFAULT_CLUSTER),
        _ => None,
    }
}

fn learn_scopes(completeness: &mut Completeness, frame: &DataFrame) {
    let scopes = [
        ("appliance", &mut completeness.appliances),
        ("cluster", &mut completeness.clusters),
    ];
    for (name, known) in scopes {
        let Ok(column) = frame.column(name).and_then(Column::str) else {
            continue;
        };
        for id in column.iter().flatten() {
            if !known.iter().any(|scope| scope == id) {
                known.push(id.to_owned());
            }
        }
    }
}

/// Every needed list is complete unless the case says otherwise.
fn fill_states(
    completeness: &mut Completeness,
    check: &Check,
    states: &[ListState],
) -> Result<(), String> {
    let ids: Vec<_> = completeness
        .appliances
        .iter()
        .chain(&completeness.clusters)
        .cloned()
        .collect();
    for table in check.page.needs.iter().chain(&check.page.where_served) {
        for id in &ids {
            completeness
                .states
                .insert((table.clone(), id.clone()), TableState::Complete);
        }
    }
    for ListState {
        table,
        scope,
        state,
        outcome,
    } in states
    {
        let state = match state.as_str() {
            "complete" => TableState::Complete,
            "incomplete" => TableState::Incomplete(outcome.clone()),
            "not-collected" => TableState::NotCollected,
            "not-served" => TableState::NotServed,
            other => return Err(format!("`{other}` is no state of a list")),
        };
        let key = (table.clone(), scope.clone());
        if !completeness.states.contains_key(&key) {
            return Err(format!("the check needs no list `{table}` of `{scope}`"));
        }
        completeness.states.insert(key, state);
    }
    Ok(())
}

/// Pairs every expectation with one finding; what stays on either side is the difference.
fn compare(page: &Page, expects: &[Expect], findings: &[Finding]) -> Result<(), String> {
    let mut open: BTreeSet<usize> = (0..findings.len()).collect();
    let mut missing = Vec::new();
    for expect in expects {
        match open
            .iter()
            .copied()
            .find(|index| expect.matches(page, &findings[*index]))
        {
            Some(index) => _ = open.remove(&index),
            None => missing.push(format!("{expect:?}")),
        }
    }
    if missing.is_empty() && open.is_empty() {
        return Ok(());
    }
    let extra: Vec<_> = open
        .into_iter()
        .map(|index| format!("{:?}", findings[index]))
        .collect();
    Err(format!(
        "expected and not found: [{}]; found and not expected: [{}]",
        missing.join(", "),
        extra.join(", ")
    ))
}

impl Expect {
    fn matches(&self, page: &Page, finding: &Finding) -> bool {
        let is = |expect: &Option<String>, found: &str| {
            expect.as_deref().is_none_or(|expect| expect == found)
        };
        let evidence = |name: &String| finding.evidence.iter().find(|(column, _)| column == name);
        self.subject == finding.subject
            && is(&self.subject_table, &finding.subject_table)
            && is(&self.scope, &finding.scope)
            && is(&self.grade, finding.grade.word())
            && is(&self.severity, finding.severity.word())
            && is(&self.effective_severity, finding.effective_severity.word())
            && self.bytes.is_none_or(|bytes| finding.bytes == Some(bytes))
            && (self.points.is_none() || self.points == finding.points)
            && (self.items.is_none() || self.items == page.items_for(&finding.evidence))
            && self
                .evidence
                .iter()
                .all(|(name, value)| evidence(name).is_some_and(|(_, found)| same(value, found)))
    }
}

fn same(expect: &Toml, found: &crate::query::Value) -> bool {
    use crate::query::Value;
    match (expect, found) {
        (Toml::String(expect), Value::Text(found)) => expect == found,
        (Toml::Integer(expect), Value::Integer(found)) => expect == found,
        (Toml::Float(expect), Value::Float(found)) => expect == found,
        (Toml::Boolean(expect), Value::Bool(found)) => expect == found,
        _ => false,
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
