//! What is said of pools.

use serde_json::{Value as Json, json};

use super::words::{bytes, day, missed, pace, plain, said, time};
use super::{Answer, LEVELS, Pool, Space, TOP, TOP_PARTS, frame, near};
use crate::command::csv_line;
use crate::command::snapshots::Reclaim;
use crate::report::number::{Number, Round};

pub(super) fn text(answer: &Answer<'_>) -> String {
    let args = answer.args;
    let mut text = frame::head(answer.estate) + &frame::what_if(args);
    if answer.pools.is_empty() {
        text += frame::NO_POOL;
    }
    for pool in &answer.pools {
        text += &frame::pool(&pool.name, &pool.appliance);
        text += &match &pool.space {
            Some(space) => space_text(space, pool.reclaim.as_ref()),
            None => "  not evaluated: the space of its root dataset was not read\n".to_owned(),
        };
        text += &answer.whose.text(pool, args.top.unwrap_or(TOP_PARTS));
    }
    text += &near::text(&answer.near, answer.since, args.top.unwrap_or(TOP));
    text + &frame::gaps(&answer.gaps)
}

fn space_text(space: &Space, reclaim: Option<&Result<Reclaim, String>>) -> String {
    let trend = &space.trend;
    let used = plain(&Number::bytes(space.used, Round::Up));
    let size = plain(&Number::bytes(space.size, Round::Down));
    let share = plain(&Number::share(space.used, space.size, Round::Up));
    let mut text = format!(
        "  used      {used} of {size}, {share}, read {}\n",
        day(space.read_at)
    );
    text += &reclaim
        .map(|reclaim| reclaim_text(space, reclaim))
        .unwrap_or_default();
    text += &format!("  growth    {}\n", pace(trend.line.slope, trend.slope));
    let n = trend.n_readings;
    text += &format!("  rests on  {n} readings over {:.0} days\n", trend.span);
    text += &frame::since(trend);
    if let Some(newest) = trend.outliers.last() {
        let n = trend.outliers.len();
        let newest = day(*newest);
        text += &format!("  marked    {n} far from the line, the newest {newest}\n");
    }
    if let Some(missed) = missed(trend, bytes) {
        text += &format!("  missed    {missed}\n");
    }
    for (at, (level, _)) in LEVELS.iter().enumerate() {
        let date = said(space.read_at, trend.dates.get(at)).text();
        text += &format!("  {level:<8}  {date}\n");
    }
    text
}

fn reclaim_text(space: &Space, reclaim: &Result<Reclaim, String>) -> String {
    frame::reclaim(reclaim, "; dates are without it", |freed_bytes| {
        let left = space.used.saturating_sub(freed_bytes).max(0);
        plain(&Number::share(left, space.size, Round::Up))
    })
}

pub(super) fn csv(pools: &[Pool]) -> String {
    let head = [
        "appliance",
        "pool",
        "used_bytes",
        "size_bytes",
        "slope_bytes_per_day",
        "slope_low",
        "slope_high",
        "level",
        "state",
        "early",
        "median",
        "late",
        "reason",
    ];
    let mut text = csv_line(&head.map(str::to_owned));
    for pool in pools {
        for (at, (level, _)) in LEVELS.iter().enumerate() {
            let mut line = vec![pool.appliance.clone(), pool.name.clone()];
            let hole = pool
                .reclaim
                .as_ref()
                .and_then(|reclaim| reclaim.as_ref().err());
            match (&pool.space, hole) {
                (Some(space), None) => line.extend(space_cells(space, at, level)),
                (_, hole) => {
                    line.extend(std::iter::repeat_n(String::new(), 5));
                    line.extend([(*level).to_owned(), "not-evaluated".to_owned()]);
                    line.extend(std::iter::repeat_n(String::new(), 3));
                    line.push(hole.cloned().unwrap_or_default());
                }
            }
            text += &csv_line(&line);
        }
    }
    text
}

fn space_cells(space: &Space, at: usize, level: &str) -> Vec<String> {
    let said = said(space.read_at, space.trend.dates.get(at));
    let slopes = [
        space.trend.line.slope,
        space.trend.slope.0,
        space.trend.slope.1,
    ];
    let mut line = vec![space.used.to_string(), space.size.to_string()];
    line.extend(slopes.map(|slope| format!("{slope:.0}")));
    line.extend([level.to_owned(), said.state.to_owned()]);
    line.extend(said.dates.map(Option::unwrap_or_default));
    line.push(said.reason.unwrap_or_default());
    line
}

pub(super) fn json(answer: &Answer<'_>) -> Json {
    let args = answer.args;
    let most = args.top.unwrap_or(usize::MAX);
    let pools = answer.pools.iter().map(|pool| {
        let mut json = pool_json(pool);
        json["changes"] = answer.whose.json(pool, most);
        json
    });
    json!({
        "at": time(answer.estate.now),
        "what_if": frame::what_if_json(args),
        "pools": pools.collect::<Vec<_>>(),
        "near_limit": answer.near.iter().take(most).map(near::Near::json).collect::<Vec<_>>(),
        "not_evaluated": answer.gaps,
    })
}

fn pool_json(pool: &Pool) -> Json {
    let Some(space) = &pool.space else {
        return json!({"appliance": pool.appliance, "pool": pool.name, "state": "not-evaluated"});
    };
    let trend = &space.trend;
    let level = |(at, (level, _)): (usize, &(&str, i128))| {
        let mut said = said(space.read_at, trend.dates.get(at)).json();
        said["level"] = (*level).into();
        said
    };
    let backtest = trend.backtest.map(|backtest| {
        json!({
            "ahead_days": (trend.span / 3.0).round(),
            "n_forecasts": backtest.n_forecasts,
            "median_bytes": backtest.median.round(),
            "max_bytes": backtest.max.round(),
            "unchanged_bytes": backtest.unchanged.round(),
        })
    });
    let mut json = json!({
        "appliance": pool.appliance,
        "pool": pool.name,
        "state": "evaluated",
        "used_bytes": space.used,
        "size_bytes": space.size,
        "read_at": time(space.read_at),
        "slope_bytes_per_day": trend.line.slope.round(),
        "slope_low": trend.slope.0.round(),
        "slope_high": trend.slope.1.round(),
        "n_readings": trend.n_readings,
        "since": time(trend.since),
        "is_after_step": trend.is_after_step,
        "outliers": trend.outliers.iter().map(|at| time(*at)).collect::<Vec<_>>(),
        "p": trend.significance.map(|significance| significance.p),
        "backtest": backtest,
        "levels": LEVELS.iter().enumerate().map(level).collect::<Vec<_>>(),
    });
    if let Some(reclaim) = &pool.reclaim {
        json["reclaim"] = frame::reclaim_json(reclaim);
    }
    json
}
