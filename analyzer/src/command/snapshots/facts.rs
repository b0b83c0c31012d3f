//! What the sections are told: the views of the checks, and what the checks say over them. Nothing is judged here.

use std::collections::BTreeSet;

use polars::prelude::df;

use super::section::Gap;
use crate::analysis::{self, Analysis, AnalysisError};
use crate::assemble::Rows;
use crate::checks::{self, CheckResult, Finding, Page, Scope, State, Subject};
use crate::cli::Show;
use crate::history::Estate;
use crate::query::value::rows;
use crate::query::{
    CatalogColumn, ColumnKind, Limits, ParamValue, Params, QueryError, Session, Value,
};
use crate::settings::Settings;

/// How a check says that it looked at complete lists without any object.
const NOTHING: &str = "nothing to check";

/// Checks whose findings the sections repeat.
const CHECKS: [(Show, &[&str]); 4] = [
    (Show::Coverage, &["SNP-011", "SNP-012"]),
    (Show::Retention, &["SCH-001", "SCH-002", "SNP-007"]),
    (Show::Operations, &["ORP-019", "SNP-005", "SNP-016"]),
    (Show::RestorePoints, &["RST-001"]),
];

/// Views and tables that their statements read.
const VIEWS: [(Show, &[&str]); 6] = [
    (Show::Creators, &["snapshot_maker", "detached_copy"]),
    (Show::Growth, &["snapshot_space"]),
    (
        Show::Coverage,
        &["claim_point", "claim_protection", "clock_offset"],
    ),
    (
        Show::Retention,
        &[
            "clock_offset",
            "retained_snapshot",
            "snapshot_maker",
            "task_coverage",
            "task_lifetime",
        ],
    ),
    (Show::Operations, &["clock_offset", "snapshot_operation"]),
    (Show::RestorePoints, &["clock_offset", "point_backing"]),
];

/// Tables with a threshold of a check for each dataset.
const SPREAD: [(Show, &str, &str, &str); 1] =
    [(Show::Retention, "dataset_slack", "SNP-007", "slack_periods")];

/// An estate with the checks and views of the sections that were asked for.
pub(super) struct Facts {
    analysis: Analysis,
    /// Any page: how complete lists are is asked of one.
    page: Page,
}

impl Facts {
    pub(super) fn new(
        estate: Estate,
        settings: &Settings,
        shown: &BTreeSet<Show>,
    ) -> Result<Self, AnalysisError> {
        let mut wanted = checks::built_in().map_err(AnalysisError::Page)?;
        let page = wanted.first().map(|check| check.page.clone());
        let page = page.ok_or_else(|| defect("checks", "there are none"))?;
        let ids = asked(&CHECKS, shown);
        wanted.retain(|check| ids.contains(check.page.id.as_str()));
        let mut analysis = Analysis::set(estate, wanted, settings)?;
        let views = asked(&VIEWS, shown).into_iter().map(str::to_owned);
        analysis::create_views(&mut analysis.session, views.collect())?;
        let mut facts = Self { analysis, page };
        for (show, table, id, name) in SPREAD {
            if shown.contains(&show) {
                facts.spread(table, id, name)?;
            }
        }
        Ok(facts)
    }

    /// End of the newest bundle, Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.analysis.estate.now
    }

    /// Rows of a statement, which may know the time as `:now`.
    pub(super) fn ask<const N: usize>(&self, sql: &str) -> Result<Vec<[Value; N]>, AnalysisError> {
        let mut params = Params::new();
        if sql.contains(":now") {
            params.insert("now".to_owned(), ParamValue::Integer(self.now()));
        }
        let session: &Session = &self.analysis.session;
        let frame = session.run(sql, &params, &Limits::default());
        let frame = frame.map_err(|source| AnalysisError::Views { source })?;
        let row = |row: Vec<Value>| <[Value; N]>::try_from(row).ok();
        Ok(rows(&frame).into_iter().filter_map(row).collect())
    }

    /// A threshold of a check as it is in force for an object: that of its class, its pool, or every object.
    pub(super) fn threshold(
        &self,
        id: &str,
        name: &str,
        subject: Subject<'_>,
    ) -> Result<ParamValue, AnalysisError> {
        let analysis = &self.analysis;
        let page = analysis.page(id);
        let default = page.and_then(|page| page.thresholds.get(name));
        let default =
            default.ok_or_else(|| defect(id, &format!("it has no threshold `{name}`")))?;
        let (thresholds, placed) = (&analysis.thresholds, &analysis.placed);
        let values = analysis.places.values_of(id, subject, thresholds, placed);
        Ok(values.get(name).unwrap_or(&default.default).clone())
    }

    /// Makes a table of what a whole threshold of a check is for each dataset: `appliance`, `path` and `value`.
    fn spread(&mut self, table: &str, id: &str, name: &str) -> Result<(), AnalysisError> {
        let rows = Rows::of(&self.analysis.estate, "zfs_dataset");
        let (mut scopes, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows.indexes() {
            let key = rows.text("appliance", row).zip(rows.text("path", row));
            let Some((scope, key)) = key else {
                continue;
            };
            let subject = Subject {
                table: "zfs_dataset",
                scope,
                key,
            };
            if let ParamValue::Integer(value) = self.threshold(id, name, subject)? {
                scopes.push(scope.to_owned());
                keys.push(key.to_owned());
                values.push(value);
            }
        }
        let frame = df!("appliance" => scopes, "path" => keys, "value" => values);
        let frame = frame.map_err(AnalysisError::Estate)?;
        let kinds = vec![
            CatalogColumn::token("appliance"),
            CatalogColumn::token("path"),
            CatalogColumn::plain("value", ColumnKind::Integer),
        ];
        let made = self.analysis.session.register(table, frame, kinds);
        made.map_err(|source| AnalysisError::Table {
            table: table.to_owned(),
            source,
        })
    }

    /// Findings of a check, in all its scopes.
    pub(super) fn findings(&self, id: &str) -> impl Iterator<Item = &Finding> {
        let results = self.results(id);
        results.flat_map(|result| &result.findings)
    }

    /// Where a check could say nothing, and why. Nothing to look at is an answer.
    pub(super) fn gaps(&self, id: &str) -> Vec<Gap> {
        let gap = |result: &CheckResult| gap(&result.scope, &result.state);
        self.results(id).filter_map(gap).collect()
    }

    /// Where these lists, beside those that a check needs, are not complete.
    pub(super) fn gaps_beside(&self, id: &str, needs: &[&str]) -> Vec<Gap> {
        let page = self.analysis.page(id).cloned();
        page.map_or_else(Vec::new, |page| self.gaps_of(&more(page, needs)))
    }

    /// Appliances of which these lists are not complete, or to which those of the clusters are missing.
    pub(super) fn gaps_without(&self, needs: &[&str], where_served: &[&str]) -> Vec<Gap> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        self.gaps_of(&Page {
            scope: Scope::Appliance,
            needs: names(needs),
            where_served: names(where_served),
            ..self.page.clone()
        })
    }

    fn gaps_of(&self, page: &Page) -> Vec<Gap> {
        let completeness = &self.analysis.completeness;
        let scopes = completeness.scopes(page.scope).into_iter();
        let state = |scope: String| gap(&scope, &completeness.obstacle(page, &scope)?);
        scopes.filter_map(state).collect()
    }

    fn results(&self, id: &str) -> impl Iterator<Item = &CheckResult> {
        let results = self.analysis.results.iter();
        results.filter(move |result| result.check_id == id)
    }
}

/// The page with more lists that must be complete; what may be absent stays so.
fn more(mut page: Page, needs: &[&str]) -> Page {
    for table in needs {
        if !page
            .needs
            .iter()
            .chain(&page.where_served)
            .any(|known| known == table)
        {
            page.needs.push((*table).to_owned());
        }
    }
    page
}

fn gap(scope: &str, state: &State) -> Option<Gap> {
    let (reason, is_hole) = match state {
        State::NotEvaluated(reason) => (reason, true),
        State::NotApplicable(reason) if reason != NOTHING => (reason, false),
        State::NotApplicable(_) | State::Fail | State::Pass => return None,
    };
    Some(Gap {
        scope: scope.to_owned(),
        reason: reason.clone(),
        is_hole,
    })
}

fn defect(table: &str, reason: &str) -> AnalysisError {
    AnalysisError::Views {
        source: QueryError::Table {
            table: table.to_owned(),
            reason: reason.to_owned(),
        },
    }
}

fn asked<'n>(names: &[(Show, &[&'n str])], shown: &BTreeSet<Show>) -> BTreeSet<&'n str> {
    let ours = names.iter().filter(|(show, _)| shown.contains(show));
    ours.flat_map(|(_, names)| names.iter().copied()).collect()
}

/// A finding in a few words: its check, what points at the cause, and how sure it is.
pub(super) fn found(finding: &Finding) -> String {
    let cause = evidence(finding, "cause").and_then(Value::as_text);
    let cause = cause.map_or_else(String::new, |cause| format!(" {cause}"));
    format!("{}{cause} ({})", finding.check_id, finding.grade.word())
}

/// A column of the row behind a finding.
pub(super) fn evidence<'f>(finding: &'f Finding, column: &str) -> Option<&'f Value> {
    let mut cells = finding.evidence.iter();
    cells.find_map(|(name, value)| (name == column).then_some(value))
}
