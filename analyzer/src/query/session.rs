//! The query session: registered frames, views over them, and statements that passed the lint.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use polars::prelude::{DataFrame, IntoLazy, LazyFrame, PolarsError};
use polars::sql::SQLContext;
use rayon::prelude::*;

use crate::query::catalog::{Catalog, CatalogColumn, ColumnKind, is_plain_name};
use crate::query::lint::{LintError, LintWarning, Linted, Mode, lint};
use crate::query::params::Params;
use crate::query::relations;
use crate::query::rewrite::{Prepared, RewriteError, prepare};
use crate::query::rows::sorted_rows;

/// How often a query with a time limit is looked after.
const POLL: Duration = Duration::from_millis(2);

/// Stack of the thread that runs a statement.
const STACK_BYTES: usize = 64 << 20;

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

/// A view that has been run.
struct ViewRows {
    name: String,
    text: ViewText,
    frame: DataFrame,
    columns: Vec<CatalogColumn>,
}

/// Registered frames and the views over them.
pub struct Session {
    catalog: Catalog,
    frames: BTreeMap<String, LazyFrame>,
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
            let frame = crate::query::catalog::empty_frame(&columns).lazy();
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
    pub fn tables(&self) -> impl Iterator<Item = (&str, &LazyFrame)> {
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
        frame: impl IntoLazy,
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
        let mut frame = frame.lazy();
        let schema = frame
            .collect_schema()
            .map_err(|source| QueryError::Engine { source })?;
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

    /// Runs a view once, keeps its rows, and makes it known under its name.
    pub fn create_view(&mut self, name: &str, sql: &str) -> Result<(), QueryError> {
        let view = self.view_rows(name, sql)?;
        self.keep_view(view);
        Ok(())
    }

    /// As [`Session::create_view`] for views that may read each other: those whose sources are known run side by side.
    ///
    /// # Errors
    /// The first view that cannot be made, by name.
    pub fn create_views(&mut self, views: &[(&str, &str)]) -> Result<(), (String, QueryError)> {
        let mut waiting = views.to_vec();
        while !waiting.is_empty() {
            let is_waiting: BTreeSet<&str> = waiting.iter().map(|(name, _)| *name).collect();
            // A statement that cannot be parsed is ready: making it says what is wrong.
            let is_ready = |(_, sql): &(&str, &str)| {
                let read = relations(sql).unwrap_or_default();
                !read.iter().any(|name| is_waiting.contains(name.as_str()))
            };
            let (mut ready, rest): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(is_ready);
            if ready.is_empty() {
                // Views that read each other in a circle: the first of them is refused.
                ready = rest.iter().copied().take(1).collect();
            }
            let made: Vec<_> = ready
                .par_iter()
                .map(|(name, sql)| {
                    self.view_rows(name, sql)
                        .map_err(|error| ((*name).to_owned(), error))
                })
                .collect();
            for view in made {
                self.keep_view(view?);
            }
            waiting = rest;
        }
        Ok(())
    }

    fn keep_view(&mut self, view: ViewRows) {
        self.views.push(view.text);
        self.put(view.name, view.frame.lazy(), view.columns);
    }

    fn view_rows(&self, name: &str, sql: &str) -> Result<ViewRows, QueryError> {
        let refuse = |reason: String| {
            Err(QueryError::Table {
                table: name.to_owned(),
                reason,
            })
        };
        if !is_plain_name(name) {
            return refuse("the name is not lower case".to_owned());
        }
        if self.catalog.columns(name).is_some() {
            return refuse("the name is taken".to_owned());
        }
        let linted = self.linted(sql, Mode::Strict)?;
        let prepared =
            prepare(&linted, &Params::new()).map_err(|source| QueryError::Params { source })?;
        let frame = self.collect(&prepared, &Limits::default())?;
        let schema = frame.schema();
        let mut columns = Vec::with_capacity(linted.columns.len());
        for output in linted.columns {
            // A frame's type is what the engine made of it; the class is what the lint derived.
            let Some(kind) = schema.get(&output.name).and_then(ColumnKind::of) else {
                return refuse(format!(
                    "column `{}` has no type of the dialect",
                    output.name
                ));
            };
            columns.push(CatalogColumn {
                name: output.name,
                kind,
                is_token: output.is_token,
                nullable: output.nullable,
            });
        }
        Ok(ViewRows {
            name: name.to_owned(),
            text: ViewText {
                name: name.to_owned(),
                sql: prepared.portable_sql().to_owned(),
            },
            frame,
            columns,
        })
    }

    /// Runs a statement of a view or check.
    pub fn run(
        &self,
        sql: &str,
        params: &Params,
        limits: &Limits,
    ) -> Result<DataFrame, QueryError> {
        let prepared = self.prepare(sql, params)?;
        self.collect(&prepared, limits)
    }

    /// Lints and prepares a statement of a view or check without running it.
    pub fn prepare(&self, sql: &str, params: &Params) -> Result<Prepared, QueryError> {
        let linted = self.linted(sql, Mode::Strict)?;
        prepare(&linted, params).map_err(|source| QueryError::Params { source })
    }

    /// Runs a statement that a person typed, and says on what other engines would differ.
    pub fn ask(&self, sql: &str, params: &Params, limits: &Limits) -> Result<Answer, QueryError> {
        let linted = self.linted(sql, Mode::Lenient)?;
        let prepared = prepare(&linted, params).map_err(|source| QueryError::Params { source })?;
        let mut frame = self.collect(&prepared, limits)?;
        if linted.query.order_by.is_none() {
            frame = sorted_rows(&frame).map_err(|source| QueryError::Engine { source })?;
        }
        Ok(Answer {
            frame,
            warnings: linted.warnings,
        })
    }

    fn linted(&self, sql: &str, mode: Mode) -> Result<Linted, QueryError> {
        lint(sql, &self.catalog, mode).map_err(|source| QueryError::Lint { source })
    }

    fn put(&mut self, name: String, frame: LazyFrame, columns: Vec<CatalogColumn>) {
        self.catalog.tables.insert(name.clone(), columns);
        self.frames.insert(name, frame);
    }

    fn collect(&self, prepared: &Prepared, limits: &Limits) -> Result<DataFrame, QueryError> {
        // The engine walks a plan by recursion, deeper than the stack of most threads.
        std::thread::scope(|scope| {
            let run = std::thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || self.collect_here(prepared, limits));
            match run.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(result)) => result,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => self.collect_here(prepared, limits),
            }
        })
    }

    fn collect_here(&self, prepared: &Prepared, limits: &Limits) -> Result<DataFrame, QueryError> {
        let engine = |source| QueryError::Engine { source };
        // Clones of a context share their tables, and the rows of CTEs are nobody else's; the engine also copies the map of
        // tables for each subquery.
        let mut context = SQLContext::new();
        for name in prepared.reads() {
            if let Some(frame) = self.frames.get(name) {
                context.register(name, frame.clone());
            }
        }
        let started = Instant::now();
        let collect = |frame: LazyFrame| match limits.time {
            None => frame.collect().map_err(engine),
            Some(time) => collect_within(frame, started, time),
        };
        for (name, sql) in prepared.ctes() {
            let frame = collect(context.execute(sql).map_err(engine)?)?;
            context.register(name, frame.lazy());
        }
        let one_more = u32::try_from(limits.rows.saturating_add(1)).unwrap_or(u32::MAX);
        let frame = context
            .execute(prepared.engine_sql())
            .map_err(engine)?
            .limit(one_more);
        let frame = collect(frame)?;
        if frame.height() > limits.rows {
            return Err(QueryError::TooManyRows { rows: limits.rows });
        }
        let found = frame.estimated_size();
        if found > limits.bytes {
            return Err(QueryError::TooLarge {
                found,
                limit: limits.bytes,
            });
        }
        Ok(frame)
    }
}

/// Runs a plan; gives up when so much time has passed since the statement was started.
fn collect_within(
    frame: LazyFrame,
    started: Instant,
    time: Duration,
) -> Result<DataFrame, QueryError> {
    let engine = |source| QueryError::Engine { source };
    let query = frame.collect_concurrently().map_err(engine)?;
    loop {
        if let Some(result) = query.fetch() {
            return result.map_err(engine);
        }
        if started.elapsed() >= time {
            query.cancel();
            return Err(QueryError::TooSlow {
                seconds: time.as_secs(),
            });
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests;
