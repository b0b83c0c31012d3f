//! `capacity`: where used space is going, with the uncertainty of it, or why nobody can tell.

mod answer;
pub(crate) mod change;
pub(crate) mod frame;
mod group;
mod limit;
mod near;
mod print;
mod whose;
pub(crate) mod words;

use rayon::prelude::*;
use truenas_common::exit::Exit;

pub(super) use self::answer::{gone, named};
pub(super) use self::group::{Input, Line, lines};
use self::near::Near;
use self::whose::Whose;
use super::amount::DAY_SECS;
use super::snapshots::{self, Reclaim, Reclaims};
use super::stdout::{out, outln};
use crate::analysis::Analysis;
use crate::assemble::frame::Rows;
use crate::checks::{self, Check};
use crate::cli::{Capacity, CapacityBy, Print};
use crate::history::{Estate, History};
use crate::trend::{Trend, daily, trend};

const LEVELS: [(&str, i128); 3] = [("80 %", 8), ("90 %", 9), ("full", 10)];
/// Lists without which nothing is known of a pool.
const LISTS: [&str; 2] = ["nas_pool", "zfs_dataset_space"];
/// Tables whose past nothing rests on.
const NOW_OF: [&str; 1] = ["zfs_snapshot"];
/// Days that the growth of anything but a pool rests on, at most.
const LOOK_BACK_DAYS: i64 = 90;
/// Lines of a text, unless it is told how many.
const TOP: usize = 20;
/// Datasets of a change in a text, unless it is told how many.
const TOP_PARTS: usize = 5;
/// Age of the snapshots that a reclaim deletes, unless it is told.
const RECLAIM_DAYS: i64 = 30;

/// One pool: its space as its root dataset reports it, and what is expected of it.
struct Pool {
    appliance: String,
    name: String,
    space: Option<Space>,
    /// What a reclaim gives back, or why nobody can tell; nothing unless it was asked for.
    reclaim: Option<Result<Reclaim, String>>,
}

struct Space {
    used: i64,
    size: i64,
    read_at: i64,
    /// The daily reading before the newest.
    before_at: Option<i64>,
    trend: Trend,
}

/// Everything that is said of pools.
struct Answer<'a> {
    args: &'a Capacity,
    estate: &'a Estate,
    pools: Vec<Pool>,
    whose: Whose,
    near: Vec<Near>,
    /// First moment of the readings that dates of volumes rest on.
    since: i64,
    gaps: Vec<String>,
}

pub(crate) fn run(args: &Capacity) -> anyhow::Result<Exit> {
    let all = checks::built_in()?;
    let config = super::config(&args.input)?;
    let settings = config.settings(&all)?;
    let (estate, history, _) = super::estate_with_now_of(&args.input, &NOW_OF)?;
    let views: &[&str] = match args.by {
        CapacityBy::Pool => &[],
        _ => &super::volumes::VIEWS,
    };
    let mut analysis = Analysis::set_beside(estate, wanted(all, args.by), &settings, views)?;
    let since = analysis
        .estate
        .now
        .saturating_sub(LOOK_BACK_DAYS * DAY_SECS);
    if args.by != CapacityBy::Pool {
        return answer::run(args, &analysis, &history, since);
    }
    let pools = pools(args, &analysis.estate, &history);
    let whose = Whose::of(&mut analysis, &history, &pools, args.trend)?;
    let estate = &analysis.estate;
    let mut gaps = gaps(estate);
    let more = whose.gaps.iter().filter(|gap| !gaps.contains(gap));
    let more: Vec<String> = more.cloned().collect();
    gaps.extend(more);
    gaps.extend(near::blind(&analysis));
    let answer = Answer {
        args,
        estate,
        near: near::near(&analysis, &history, since, pace(args)),
        since,
        gaps,
        pools,
        whose,
    };
    match args.format {
        Print::Text => out!("{}", print::text(&answer)),
        Print::Csv => out!("{}", print::csv(&answer.pools)),
        Print::Json => outln!("{:#}", print::json(&answer)),
    }
    let is_whole = |pool: &Pool| pool.space.is_some() && !matches!(pool.reclaim, Some(Err(_)));
    Ok(
        if answer.gaps.is_empty() && answer.pools.iter().all(is_whole) && answer.whose.is_whole() {
            Exit::Ok
        } else {
            Exit::NotEvaluated
        },
    )
}

/// The checks whose findings are said.
fn wanted(all: Vec<Check>, by: CapacityBy) -> Vec<Check> {
    let is_ours = |check: &Check| {
        near::is_ours(check) || by == CapacityBy::Pool && check.page.id == whose::CHECK
    };
    all.into_iter().filter(is_ours).collect()
}

/// Age in seconds of the snapshots that a reclaim deletes.
fn reclaim_age(args: &Capacity) -> i64 {
    args.older_than.unwrap_or(RECLAIM_DAYS * DAY_SECS)
}

/// What a reclaim frees, when it was asked for.
fn reclaims(args: &Capacity, estate: &Estate, history: &History) -> Option<Reclaims> {
    let age = reclaim_age(args);
    args.after_reclaim
        .then(|| snapshots::reclaim(estate, history, age))
}

/// What growth is to be taken times.
fn pace(args: &Capacity) -> f64 {
    1.0 + args.growth as f64 / 100.0
}

fn pools(args: &Capacity, estate: &Estate, history: &History) -> Vec<Pool> {
    let rows = Rows::of(estate, "nas_pool");
    let freed = reclaims(args, estate, history);
    let reclaim = |appliance: &str, name: &str| {
        let freed = freed.as_ref()?;
        let key = (appliance.to_owned(), name.to_owned());
        Some(match (freed.holes.get(appliance), freed.pools.get(&key)) {
            (Some(hole), _) => Err(hole.clone()),
            (None, Some(reclaim)) => Ok(*reclaim),
            (None, None) => Ok(Reclaim::default()),
        })
    };
    let names = rows
        .indexes()
        .filter_map(|row| rows.text("appliance", row).zip(rows.text("name", row)));
    let names: Vec<(&str, &str)> = names.collect();
    let pool = |(appliance, name): (&str, &str)| {
        let reclaim = reclaim(appliance, name);
        let freed_bytes = match &reclaim {
            Some(Ok(reclaim)) => reclaim.least_bytes,
            _ => 0,
        };
        let points = history.used_over_time(&estate.domain, appliance, name, estate.now);
        Pool {
            appliance: appliance.to_owned(),
            name: name.to_owned(),
            space: space(args, estate, (appliance, name), &points, freed_bytes),
            reclaim,
        }
    };
    names.into_par_iter().map(pool).collect()
}

fn space(
    args: &Capacity,
    estate: &Estate,
    (appliance, pool): (&str, &str),
    points: &[(i64, i64)],
    freed_bytes: i64,
) -> Option<Space> {
    let rows = Rows::of(estate, "zfs_dataset_space");
    let root = rows.find(&[("appliance", appliance), ("path", pool)])?;
    let used = rows.integer("used_bytes", root)?;
    let available = rows.integer("available_bytes", root)?;
    if used < 0 || available < 0 {
        return None;
    }
    let size = used.saturating_add(available);
    let size = size.saturating_add(args.add.unwrap_or_default());
    let points = daily(points);
    // What is given back moves every level as far away; growth stays as it is.
    let level = |tenth: i128| (i128::from(size) * tenth / 10 + i128::from(freed_bytes)) as f64;
    let levels = LEVELS.map(|(_, tenth)| level(tenth));
    let trend = trend(&points, &levels, pace(args))?;
    Some(Space {
        used,
        size,
        read_at: points.last()?.0,
        before_at: before(&points),
        trend,
    })
}

/// The time of the last reading but one.
fn before(points: &[(i64, i64)]) -> Option<i64> {
    let (_, before) = points.split_last()?;
    before.last().map(|(at, _)| *at)
}

/// Lists of appliances that were not read to their end in the newest bundle.
fn gaps(estate: &Estate) -> Vec<String> {
    let is_ours = |table: &str| LISTS.contains(&table);
    let gaps = estate
        .outcomes
        .iter()
        .filter(|((table, _), outcome)| {
            is_ours(table) && !matches!(outcome.as_str(), "ok" | "empty")
        })
        .map(|((table, scope), outcome)| format!("{table} of {scope}: {outcome}"));
    let unread = estate
        .appliances
        .iter()
        .flat_map(|appliance| LISTS.map(|table| (table, appliance)))
        .filter(|(table, appliance)| {
            let key = ((*table).to_owned(), (*appliance).clone());
            !estate.outcomes.contains_key(&key)
        })
        .map(|(table, appliance)| format!("{table} of {appliance}: not read"));
    gaps.chain(unread).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_failed_and_one_that_was_never_read_are_gaps() {
        let mut estate = Estate::at(&History::in_memory(), "d", None).unwrap();
        assert_eq!(gaps(&estate), [""; 0]);
        estate.appliances = vec!["nas".to_owned()];
        let key = ("zfs_dataset_space".to_owned(), "nas".to_owned());
        estate.outcomes.insert(key.clone(), "failed".to_owned());
        assert_eq!(
            gaps(&estate),
            [
                "zfs_dataset_space of nas: failed",
                "nas_pool of nas: not read"
            ]
        );
        estate.outcomes.insert(key, "ok".to_owned());
        assert_eq!(gaps(&estate), ["nas_pool of nas: not read"]);
    }

    #[test]
    fn nothing_that_is_read_looks_at_the_past_of_snapshots() {
        let catalog = crate::tables::catalog();
        let views = checks::built_in_views();
        for check in wanted(checks::built_in().unwrap(), CapacityBy::Pool) {
            let read = checks::reads(&check, views, &catalog).unwrap();
            assert!(!read.contains("history_snapshot"), "{}", check.page.id);
        }
    }
}
