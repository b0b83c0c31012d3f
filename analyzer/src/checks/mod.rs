//! Checks: a page, one SELECT and cases for each, and the three-valued result of running them.

pub mod built_in;
pub mod cases;
pub mod completeness;
pub mod document;
pub mod finding;
pub mod folder;
pub mod page;
pub mod place;
mod ruleset;
pub mod run;
pub mod view;

pub use built_in::{built_in, built_in_views};
#[cfg(test)]
pub(crate) use cases::case_session;
pub use cases::{Case, CaseFailure, read_cases, run_cases};
pub use completeness::{Completeness, NOT_COLLECTED, TableState};
pub use document::{Mode, document, modes};
pub use finding::{Finding, Grade};
pub use folder::{FolderError, read_checks, read_views};
pub use page::{Page, PageError, Scope, Severity, Threshold};
pub use place::{Place, Places, Subject, run_placed};
pub(crate) use ruleset::digest;
pub use ruleset::ruleset_sha256;
pub use run::{CheckResult, Overrides, RunInput, State, params, run_check};
pub use view::{View, reads};

use crate::query::Statement;

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What it says about itself.
    pub page: Page,
    /// One SELECT whose rows are the findings.
    pub sql: Statement,
    /// `<area>/<id>-<problem>`, below the folder of checks.
    pub directory: String,
}

impl Check {
    /// Makes a check of the texts in its directory.
    pub fn parse(directory: &str, page: &str, sql: &str) -> Result<Self, PageError> {
        let page = page::parse(&format!("{directory}/check.md"), page)?;
        let leaf = directory.rsplit('/').next().unwrap_or(directory);
        if !leaf.starts_with(&format!("{}-", page.id.to_ascii_lowercase())) {
            let reason = format!(
                "the directory `{leaf}` does not start with the id `{}` in lower case",
                page.id
            );
            return Err(PageError {
                file: format!("{directory}/check.md"),
                line: 1,
                reason,
            });
        }
        Ok(Self {
            page,
            sql: sql.into(),
            directory: directory.to_owned(),
        })
    }
}
