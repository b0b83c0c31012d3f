//! The query session: registered frames, views over them, and statements that passed the lint.

mod views;

use std::collections::BTreeMap;
use std::time::Duration;

use polars::prelude::{DataFrame, PolarsError};

use crate::query::catalog::{Catalog, CatalogColumn, ColumnKind, is_plain_name};
use crate::query::engine::{self, Tables};
use crate::query::lint::{LintError, LintWarning, Linted, Mode, lint_statement};
use crate::query::params::Params;
use crate::query::rewrite::{Prepared, RewriteError, prepare};
use crate::query::rows::sorted_rows;
use crate::query::statement::Statement;

/// Why a statement gave no rows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The statement is outside the dialect.
    #[error("statement refused")]
    Lint {
        /// Where and why.
        source: LintError,
    },
    /// The parameters do not fit the statement.
    #[error("parameters do not fit the statement")]
    Params {
        /// Which and why.
        source: RewriteError,
    },
    /// The engine failed.
    #[error("query engine failed")]
    Engine {
        /// What it says.
        source: PolarsError,
    },
    /// The result is larger than the limit.
    #[error("result has more than {rows} rows; add a condition or raise the row limit")]
    TooManyRows {
        /// The limit.
        rows: usize,
    },
    /// The result needs more memory than the limit.
    #[error("result takes {found} bytes, above the limit of {limit}; select fewer columns or rows")]
    TooLarge {
        /// Size of the result.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The statement ran longer than the limit.
    #[error("query stopped after {seconds} s; add a condition or raise the time limit")]
    TooSlow {
        /// The limit.
        seconds: u64,
    },
    /// A frame does not have the columns it was registered with, or its name is no plain name.
    #[error("table `{table}` cannot be registered: {reason}")]
    Table {
        /// Name of the table or view.
        table: String,
        /// What is wrong.
        reason: String,
    },
}

/// Bounds of one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most rows of the result.
    pub rows: usize,
    /// Most bytes of the result; what the engine needs on the way is not bounded by this.
    pub bytes: usize,
    /// Longest run, or nothing for built-in work.
    pub time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 10_000_000,
            bytes: 1 << 30,
            time: None,
        }
    }
}

/// The result of a typed query.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The rows, in the order of the statement's ORDER BY, else by all columns.
    pub frame: DataFrame,
    /// Constructs on which other engines would answer differently.
    pub warnings: Vec<LintWarning>,
}

/// A view as other engines create it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewText {
    /// Name.
    pub name: String,
    /// Portable SELECT.
    pub sql: String,
}

/// Registered frames and the views over them.
pub struct Session {
    catalog: Catalog,
    frames: BTreeMap<String, DataFrame>,
    views: Vec<ViewText>,
}

impl Session {
    /// A session whose catalogued tables are all empty until they are registered.
    pub fn new(catalog: Catalog) -> Self {
        let mut session = Self {
            catalog: Catalog::default(),
            frames: BTreeMap::new(),
            views: Vec::new(),
        };
        for (name, columns) in catalog.tables {
            let frame = crate::query::catalog::empty_frame(&columns);
            session.put(name, frame, columns);
        }
        session
    }

    /// The tables and views known so far.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The views in the order of creation.
    pub fn views(&self) -> &[ViewText] {
        &self.views
    }

    /// The registered tables that are no views.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &DataFrame)> {
        let is_view = |name: &str| self.views.iter().any(|view| view.name == name);
        self.frames
            .iter()
            .map(|(name, frame)| (name.as_str(), frame))
            .filter(move |(name, _)| !is_view(name))
    }

    /// Registers a table, in place of an empty or an earlier one.
    pub fn register(
        &mut self,
        name: &str,
        frame: DataFrame,
        columns: Vec<CatalogColumn>,
    ) -> Result<(), QueryError> {
        let refuse = |reason: String| {
            Err(QueryError::Table {
                table: name.to_owned(),
                reason,
            })
        };
        if !is_plain_name(name) {
            return refuse("the name is not lower case".to_owned());
        }
        if self.views.iter().any(|view| view.name == name) {
            return refuse("a view has this name".to_owned());
        }
        let schema = frame.schema();
        for column in &columns {
            match schema.get(&column.name).map(ColumnKind::of) {
                Some(Some(kind)) if kind == column.kind => {}
                Some(_) => {
                    return refuse(format!("column `{}` is not {:?}", column.name, column.kind));
                }
                None => return refuse(format!("column `{}` is missing", column.name)),
            }
        }
        if schema.len() != columns.len() {
            return refuse(format!(
                "{} columns are catalogued and the frame has {}",
                columns.len(),
                schema.len()
            ));
        }
        self.put(name.to_owned(), frame, columns);
        Ok(())
    }

    /// Rows of a table or view.
    pub fn frame(&self, name: &str) -> Option<&DataFrame> {
        self.frames.get(name)
    }

    /// Runs a statement of this program that is asked once.
    ///
    /// # Errors
    /// As for [`Session::run_statement`].
    pub fn run(
        &self,
        sql: &str,
        params: &Params,
        limits: &Limits,
    ) -> Result<DataFrame, QueryError> {
        self.run_statement(&sql.into(), params, limits)
    }

    /// Runs a statement of a view or check.
    ///
    /// # Errors
    /// A statement outside the dialect, parameters that do not fit it, and what the engine says.
    pub fn run_statement(
        &self,
        statement: &Statement,
        params: &Params,
        limits: &Limits,
    ) -> Result<DataFrame, QueryError> {
        let prepared = self.prepare_statement(statement, params)?;
        engine::run(self.tables_of(&prepared), &prepared, limits)
    }

    /// Lints and prepares a statement of a view or check without running it.
    ///
    /// # Errors
    /// A statement outside the dialect, and parameters that do not fit it.
    pub fn prepare(&self, sql: &str, params: &Params) -> Result<Prepared, QueryError> {
        self.prepare_statement(&sql.into(), params)
    }

    /// Runs a statement that a person typed, and says on what other engines would differ.
    pub fn ask(&self, sql: &str, params: &Params, limits: &Limits) -> Result<Answer, QueryError> {
        let linted = self.linted(&sql.into(), Mode::Lenient)?;
        let prepared = prepare(&linted, params).map_err(|source| QueryError::Params { source })?;
        let mut frame = engine::run(self.tables_of(&prepared), &prepared, limits)?;
        if linted.query.order_by.is_none() {
            frame = sorted_rows(&frame).map_err(|source| QueryError::Engine { source })?;
        }
        Ok(Answer {
            frame,
            warnings: linted.warnings,
        })
    }

    fn prepare_statement(
        &self,
        statement: &Statement,
        params: &Params,
    ) -> Result<Prepared, QueryError> {
        let linted = self.linted(statement, Mode::Strict)?;
        prepare(&linted, params).map_err(|source| QueryError::Params { source })
    }

    fn linted(&self, statement: &Statement, mode: Mode) -> Result<Linted, QueryError> {
        lint_statement(statement, &self.catalog, mode).map_err(|source| QueryError::Lint { source })
    }

    fn put(&mut self, name: String, frame: DataFrame, columns: Vec<CatalogColumn>) {
        self.catalog.tables.insert(name.clone(), columns);
        self.frames.insert(name, frame);
    }

    /// The frames that a statement reads.
    fn tables_of(&self, prepared: &Prepared) -> Tables {
        let found = prepared.reads().filter_map(|name| {
            let frame = self.frames.get(name)?;
            Some((name.to_owned(), frame.clone()))
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests;
