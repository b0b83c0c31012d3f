//! The lint every statement passes before it runs: an allow-list over the parsed statement.
//!
//! Outside the subset on which the engines agree the engine is silently wrong, and outside the column classes a finding
//! would depend on the pseudonym key. What is not named here as allowed is refused.

mod correlation;
mod expression;
mod function;
mod operator;
mod relation;
mod scope;
mod select;
mod statement;
mod token;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use sqlparser::ast::Query;
use sqlparser::tokenizer::Location;

use crate::query::catalog::{Catalog, ColumnKind};
use crate::query::statement::Statement;

/// How strict the lint is about constructs on which the engines differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Views and checks: every difference is an error.
    Strict,
    /// Typed queries: a difference is a warning; what could read files, write or expose pseudonyms stays refused.
    Lenient,
}

/// Why a statement is not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {construct} is not portable; write {instead}")]
pub struct LintError {
    /// Line of the construct, from 1.
    pub line: u64,
    /// Column of the construct, from 1.
    pub column: u64,
    /// What was found.
    pub construct: String,
    /// What to write in its place.
    pub instead: String,
}

/// A construct on which engines differ, in a statement that runs nevertheless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintWarning {
    /// Line of the construct, from 1.
    pub line: u64,
    /// Column of the construct, from 1.
    pub column: u64,
    /// The row of the table of silent differences.
    pub construct: String,
    /// What to write in its place.
    pub instead: String,
}

/// One column of a statement's result, as far as the lint can know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Name.
    pub name: String,
    /// Kind, when the lint can derive it.
    pub kind: Option<ColumnKind>,
    /// Whether any value may be a pseudonym.
    pub is_token: bool,
    /// Whether a row may lack the value.
    pub nullable: bool,
}

/// A statement that passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Linted {
    /// The parsed statement.
    pub query: Query,
    /// The result's columns in order.
    pub columns: Vec<OutputColumn>,
    /// Tables and views that the statement reads.
    pub tables: BTreeSet<String>,
    /// Differences between engines, in the order found.
    pub warnings: Vec<LintWarning>,
}

/// Checks one statement against the dialect and the column classes of the catalogue.
///
/// # Errors
/// Where it leaves the dialect first, and what to write in its place.
pub fn lint(sql: &str, catalog: &Catalog, mode: Mode) -> Result<Linted, LintError> {
    lint_statement(&sql.into(), catalog, mode)
}

/// As [`lint`] for a statement that is asked more than once.
///
/// # Errors
/// As for [`lint`].
pub fn lint_statement(
    statement: &Statement,
    catalog: &Catalog,
    mode: Mode,
) -> Result<Linted, LintError> {
    let query = statement.query()?;
    let mut linter = Linter {
        catalog,
        mode,
        warnings: Vec::new(),
        ctes: BTreeMap::new(),
        tables: BTreeSet::new(),
        mentioned: BTreeSet::new(),
        depth: 0,
    };
    let columns = linter.statement(query)?;
    let Linter {
        warnings, tables, ..
    } = linter;
    Ok(Linted {
        query: query.clone(),
        columns,
        tables,
        warnings,
    })
}

/// The state of one walk over a statement.
struct Linter<'c> {
    catalog: &'c Catalog,
    mode: Mode,
    warnings: Vec<LintWarning>,
    ctes: BTreeMap<String, Vec<OutputColumn>>,
    tables: BTreeSet<String>,
    /// Relations named by the columns resolved since the set was last taken; outer ones are not in it.
    mentioned: BTreeSet<usize>,
    depth: usize,
}

impl Linter<'_> {
    /// Refuses a construct on which the engines differ, or notes it when the statement was typed by a person.
    fn differs(
        &mut self,
        at: Location,
        construct: impl Into<String>,
        instead: impl Into<String>,
    ) -> Result<(), LintError> {
        let error = LintError::new(at, construct, instead);
        if self.mode == Mode::Strict {
            return Err(error);
        }
        self.warn(error);
        Ok(())
    }

    /// Notes a construct that runs in every mode.
    fn warn(
        &mut self,
        LintError {
            line,
            column,
            construct,
            instead,
        }: LintError,
    ) {
        let warning = LintWarning {
            line,
            column,
            construct,
            instead,
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

impl LintError {
    pub(super) fn new(
        at: Location,
        construct: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        let (construct, instead) = (construct.into(), instead.into());
        Self {
            line: at.line.max(1),
            column: at.column.max(1),
            construct,
            instead,
        }
    }
}

impl std::fmt::Display for LintWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            line,
            column,
            construct,
            instead,
        } = self;
        write!(
            f,
            "line {line}, column {column}: engines differ on {construct}; write {instead}"
        )
    }
}

#[cfg(test)]
mod tests;
