//! Views: statements that are run once, and whose rows are tables from then on.

mod order;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use polars::prelude::DataFrame;
use rayon::Scope;

use super::{QueryError, Session, ViewText};
use crate::query::catalog::{CatalogColumn, ColumnKind, is_plain_name};
use crate::query::engine::{self, Tables};
use crate::query::lint::{Linted, Mode};
use crate::query::params::Params;
use crate::query::rewrite::{Prepared, prepare};
use crate::query::session::Limits;
use crate::query::statement::Statement;
use order::ViewOrder;

/// A view that can be run; the session is not needed meanwhile.
struct ViewStep {
    name: String,
    linted: Linted,
    prepared: Prepared,
    tables: Tables,
}

/// A view that has been run.
struct ViewRows {
    name: String,
    text: ViewText,
    frame: DataFrame,
    columns: Vec<CatalogColumn>,
}

impl Session {
    /// Runs a view once, keeps its rows, and makes it known under its name.
    ///
    /// # Errors
    /// A statement outside the dialect, a name that is taken, and what the engine says.
    pub fn create_view(&mut self, name: &str, sql: &str) -> Result<(), QueryError> {
        let view = self.view_step(name, &sql.into())?.run()?;
        let text = self.keep_view(view);
        self.views.push(text);
        Ok(())
    }

    /// As [`Session::create_view`] for views that may read each other: each is run as soon as those that it reads have been.
    ///
    /// # Errors
    /// The first view that cannot be made, by name; all that do not read such a one are made.
    pub fn create_views(
        &mut self,
        views: &[(&str, &Statement)],
    ) -> Result<(), (String, QueryError)> {
        let order = ViewOrder::new(views);
        let (mut texts, failed) = {
            let crew = Crew::new(self, views, &order);
            rayon::scope(|scope| {
                for at in order.first() {
                    crew.spawn(scope, at);
                }
            });
            crew.end()
        };
        // Known in the order in which they need each other, whichever was ready first.
        let known = order.iter().filter_map(|at| texts.remove(&at));
        self.views.extend(known);
        match failed {
            Some((at, error)) => Err((views[at].0.to_owned(), error)),
            None => Ok(()),
        }
    }

    fn keep_view(&mut self, view: ViewRows) -> ViewText {
        self.put(view.name, view.frame, view.columns);
        view.text
    }

    fn view_step(&self, name: &str, statement: &Statement) -> Result<ViewStep, QueryError> {
        let refuse = |reason: &str| {
            Err(QueryError::Table {
                table: name.to_owned(),
                reason: reason.to_owned(),
            })
        };
        if !is_plain_name(name) {
            return refuse("the name is not lower case");
        }
        if self.catalog.columns(name).is_some() {
            return refuse("the name is taken");
        }
        let linted = self.linted(statement, Mode::Strict)?;
        let prepared =
            prepare(&linted, &Params::new()).map_err(|source| QueryError::Params { source })?;
        Ok(ViewStep {
            name: name.to_owned(),
            tables: self.tables_of(&prepared),
            linted,
            prepared,
        })
    }
}

impl ViewStep {
    fn run(self) -> Result<ViewRows, QueryError> {
        let frame = engine::run(self.tables, &self.prepared, &Limits::default())?;
        let schema = frame.schema();
        let mut columns = Vec::with_capacity(self.linted.columns.len());
        for output in self.linted.columns {
            // A frame's type is what the engine made of it; the class is what the lint derived.
            let Some(kind) = schema.get(&output.name).and_then(ColumnKind::of) else {
                return Err(QueryError::Table {
                    table: self.name,
                    reason: format!("column `{}` has no type of the dialect", output.name),
                });
            };
            columns.push(CatalogColumn {
                name: output.name,
                kind,
                is_token: output.is_token,
                nullable: output.nullable,
            });
        }
        Ok(ViewRows {
            text: ViewText {
                name: self.name.clone(),
                sql: self.prepared.portable_sql().to_owned(),
            },
            name: self.name,
            frame,
            columns,
        })
    }
}

/// Views that are being made, side by side.
struct Crew<'a> {
    session: RwLock<&'a mut Session>,
    views: &'a [(&'a str, &'a Statement)],
    order: &'a ViewOrder,
    /// For each view, how many of those that it reads are not there yet.
    n_missing: Vec<AtomicUsize>,
    texts: Mutex<BTreeMap<usize, ViewText>>,
    failed: Mutex<BTreeMap<usize, QueryError>>,
}

impl<'a> Crew<'a> {
    fn new(
        session: &'a mut Session,
        views: &'a [(&'a str, &'a Statement)],
        order: &'a ViewOrder,
    ) -> Self {
        let n_missing = (0..views.len()).map(|at| AtomicUsize::new(order.n_sources(at)));
        Self {
            session: RwLock::new(session),
            views,
            order,
            n_missing: n_missing.collect(),
            texts: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    fn spawn<'s>(&'s self, scope: &Scope<'s>, at: usize) {
        scope.spawn(move |scope| {
            if let Err(error) = self.make(at) {
                locked(&self.failed).insert(at, error);
                return;
            }
            for reader in self.order.readers(at) {
                if self.n_missing[reader].fetch_sub(1, Ordering::AcqRel) == 1 {
                    self.spawn(scope, reader);
                }
            }
        });
    }

    fn make(&self, at: usize) -> Result<(), QueryError> {
        let (name, statement) = self.views[at];
        let step = {
            let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
            session.view_step(name, statement)?
        };
        let rows = step.run()?;
        let mut session = self.session.write().unwrap_or_else(PoisonError::into_inner);
        let text = session.keep_view(rows);
        locked(&self.texts).insert(at, text);
        Ok(())
    }

    /// The views that were made, and of those that could not be the first.
    fn end(self) -> (BTreeMap<usize, ViewText>, Option<(usize, QueryError)>) {
        let texts = self
            .texts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let failed = self
            .failed
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (texts, failed.into_iter().next())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
