//! Runs prepared statements on the engine, within limits.

mod threads;

use std::time::{Duration, Instant};

use polars::prelude::{DataFrame, IntoLazy, LazyFrame};
use polars::sql::SQLContext;

use crate::query::engine::threads::Work;
use crate::query::rewrite::Prepared;
use crate::query::session::{Limits, QueryError};

/// How often a query with a time limit is looked after.
const POLL: Duration = Duration::from_millis(2);

/// Rows of a table from which on the work is shared between threads: below, handing it over takes longer than doing it.
const LARGE_ROWS: usize = 250_000;

/// What a statement reads, by name.
pub(super) type Tables = Vec<(String, DataFrame)>;

/// Runs a statement over the tables that it names.
///
/// # Errors
/// What the engine says, and a result or a time above the limits.
pub(super) fn run(
    tables: Tables,
    prepared: &Prepared,
    limits: &Limits,
) -> Result<DataFrame, QueryError> {
    let (prepared, limits) = (prepared.clone(), *limits);
    let is_large = tables.iter().any(|(_, frame)| frame.height() >= LARGE_ROWS);
    // A plan that may be given up runs beside who looks after it.
    let work = match is_large || limits.time.is_some() {
        true => Work::Shared,
        false => Work::Alone,
    };
    threads::run(work, move || run_here(tables, &prepared, &limits))
}

fn run_here(tables: Tables, prepared: &Prepared, limits: &Limits) -> Result<DataFrame, QueryError> {
    let engine = |source| QueryError::Engine { source };
    // Clones of a context share their tables, and the rows of CTEs are nobody else's; the engine also copies the map of
    // tables for each subquery.
    let mut context = SQLContext::new();
    for (name, frame) in tables {
        context.register(&name, frame.lazy());
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
