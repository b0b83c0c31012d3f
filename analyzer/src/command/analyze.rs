//! `analyze`: what changed in a window of time before the newest bundle, and whose change it is.

mod machine;
mod print;

use std::collections::BTreeMap;

use truenas_common::exit::Exit;

use super::capacity::change::{Change, Owners, every_secs, first_moment};
use super::capacity::{Input, Line, gone, lines};
use super::stdout::{out, outln};
use super::volumes;
use crate::analysis::Analysis;
use crate::assemble::frame::Rows;
use crate::checks;
use crate::cli::{Analyze, CapacityBy, Print};
use crate::growth::COLUMNS;
use crate::history::Estate;

/// Lines of each kind in a text, unless it is told how many.
const TOP: usize = 10;

/// Everything that is said.
struct Answer<'a> {
    args: &'a Analyze,
    estate: &'a Estate,
    /// First moment of the window, Unix seconds.
    from: i64,
    /// End of the oldest bundle.
    begins_at: i64,
    pools: Vec<Pool>,
    namespaces: Vec<Line>,
    classes: Vec<Line>,
    owners: Owners,
    most: usize,
    gaps: Vec<String>,
}

/// One pool.
struct Pool {
    appliance: String,
    name: String,
    change: Option<Change>,
    /// Number of snapshots at both ends of the readings that have the list.
    n_snapshots: Option<(i64, i64)>,
}

pub(crate) fn run(args: &Analyze) -> anyhow::Result<Exit> {
    let config = super::config(&args.input)?;
    let settings = config.settings(&checks::built_in()?)?;
    let (estate, history, _) = super::estate(&args.input)?;
    let analysis = Analysis::set_beside(estate, Vec::new(), &settings, &volumes::VIEWS)?;
    let estate = &analysis.estate;
    let from = first_moment(estate.now, args.trend);
    let holes = volumes::holes(estate, &history);
    let now = volumes::volumes(estate, &analysis.session, &holes)?;
    let gone = gone(estate, &history, &now, from)?;
    let space = history.readings(&estate.domain, "zfs_dataset_space", COLUMNS, estate.now);
    let counts = history.counts_by_pool(&estate.domain, "zfs_snapshot", "dataset", estate.now);
    let most = match args.format {
        Print::Text => args.top.unwrap_or(TOP),
        Print::Json | Print::Csv => args.top.unwrap_or(usize::MAX),
    };
    let of = |by| {
        let input = Input {
            by,
            is_one: estate.clusters.len() == 1,
            now: &now,
            gone: &gone,
            space: &space,
            since: from,
            pace: 1.0,
            reclaims: None,
        };
        lines(&input, None, most)
    };
    let pool = |row: usize| {
        let rows = Rows::of(estate, "nas_pool");
        let (appliance, name) = (rows.text("appliance", row)?, rows.text("name", row)?);
        let every = every_secs(estate, &history, appliance);
        let space = space.get(appliance);
        let change = space.and_then(|space| Change::of(space, name, from, (every, estate.now)));
        let key = (appliance.to_owned(), name.to_owned());
        let n_snapshots = n_snapshots(estate, &counts, &key, from);
        Some(Pool {
            change,
            n_snapshots,
            appliance: key.0,
            name: key.1,
        })
    };
    let mut gaps: Vec<String> = holes.into_values().collect();
    gaps.extend(snapshot_gaps(estate));
    let answer = Answer {
        args,
        estate,
        from,
        begins_at: estate
            .bundles
            .first()
            .map_or(estate.now, |row| row.entry.ended_at),
        pools: Rows::of(estate, "nas_pool")
            .indexes()
            .filter_map(pool)
            .collect(),
        namespaces: of(CapacityBy::Namespace),
        classes: of(CapacityBy::Class),
        owners: Owners::of(now.iter().chain(&gone), &estate.clusters),
        most,
        gaps,
    };
    match args.format {
        Print::Text => out!("{}", print::text(&answer)),
        Print::Csv => out!("{}", machine::csv(&answer)),
        Print::Json => outln!("{:#}", machine::json(&answer)),
    }
    let is_whole = answer.gaps.is_empty() && answer.pools.iter().all(|pool| pool.change.is_some());
    Ok(if is_whole {
        Exit::Ok
    } else {
        Exit::NotEvaluated
    })
}

/// Appliances whose snapshots were not read to their end in the newest bundle.
fn snapshot_gaps(estate: &Estate) -> Vec<String> {
    let gap = |appliance: &String| {
        let key = ("zfs_snapshot".to_owned(), appliance.clone());
        match estate.outcomes.get(&key).map(String::as_str) {
            Some("ok" | "empty") => None,
            Some(outcome) => Some(format!("zfs_snapshot of {appliance}: {outcome}")),
            None => Some(format!("zfs_snapshot of {appliance}: not collected")),
        }
    };
    estate.appliances.iter().filter_map(gap).collect()
}

/// Snapshots of a pool at the first and the last reading of the window that has the list.
fn n_snapshots(
    estate: &Estate,
    counts: &BTreeMap<(String, String), Vec<(i64, i64)>>,
    pool: &(String, String),
    from: i64,
) -> Option<(i64, i64)> {
    let Some(points) = counts.get(pool) else {
        let list = ("zfs_snapshot".to_owned(), pool.0.clone());
        let outcome = estate.outcomes.get(&list).map(String::as_str);
        return matches!(outcome, Some("ok" | "empty")).then_some((0, 0));
    };
    let mut inside = points.iter().filter(|(at, _)| *at >= from);
    let first = inside.next()?;
    let last = inside.next_back().unwrap_or(first);
    Some((first.1, last.1))
}

#[cfg(test)]
mod tests;
