//! `capacity`: where the used space of each pool is going, with the uncertainty of it, or why nobody can tell.

use serde_json::{Value as Json, json};
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use super::csv_line;
use super::stdout::{out, outln};
use crate::assemble::frame::Rows;
use crate::cli::{Capacity, Print};
use crate::history::{Estate, History};
use crate::report::escape::visible;
use crate::report::number::{Number, Round, THIN};
use crate::trend::{Band, Forecast, Quality, Trend, daily, trend};

const DAY_SECS: f64 = 86_400.0;
const LEVELS: [(&str, i128); 3] = [("80 %", 8), ("90 %", 9), ("full", 10)];
/// Lists without which nothing is known of a pool.
const LISTS: [&str; 2] = ["nas_pool", "zfs_dataset_space"];

/// One pool: its space as its root dataset reports it, and what is expected of it.
struct Pool {
    appliance: String,
    name: String,
    space: Option<Space>,
}

struct Space {
    used: i64,
    size: i64,
    read_at: i64,
    trend: Trend,
}

pub(crate) fn run(args: &Capacity) -> anyhow::Result<Exit> {
    let (estate, history, _) = super::estate(&args.input)?;
    let pools = pools(args, &estate, &history);
    let gaps = gaps(&estate);
    match args.format {
        Print::Text => print_text(args, &estate, &pools, &gaps),
        Print::Csv => out!("{}", csv(&pools)),
        Print::Json => outln!(
            "{:#}",
            json!({
                "at": Time::from_unix_secs(estate.now).to_string(),
                "what_if": {"growth_percent": args.growth, "add_bytes": args.add},
                "pools": pools.iter().map(pool_json).collect::<Vec<_>>(),
                "not_evaluated": gaps,
            })
        ),
    }
    let is_whole = gaps.is_empty() && pools.iter().all(|pool| pool.space.is_some());
    Ok(if is_whole {
        Exit::Ok
    } else {
        Exit::NotEvaluated
    })
}

fn pools(args: &Capacity, estate: &Estate, history: &History) -> Vec<Pool> {
    let rows = Rows::of(estate, "nas_pool");
    let pool = |row: usize| {
        let (appliance, name) = (rows.text("appliance", row)?, rows.text("name", row)?);
        Some(Pool {
            appliance: appliance.to_owned(),
            name: name.to_owned(),
            space: space(args, estate, history, (appliance, name)),
        })
    };
    rows.indexes().filter_map(pool).collect()
}

fn space(
    args: &Capacity,
    estate: &Estate,
    history: &History,
    (appliance, pool): (&str, &str),
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
    let points = history.used_over_time(&estate.domain, appliance, pool, estate.now);
    let points = daily(&points);
    let pace = 1.0 + args.growth as f64 / 100.0;
    let levels = LEVELS.map(|(_, tenth)| (i128::from(size) * tenth / 10) as f64);
    let trend = trend(&points, &levels, pace)?;
    Some(Space {
        used,
        size,
        read_at: points.last()?.0,
        trend,
    })
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

fn bytes(value: f64, round: Round) -> String {
    plain(&Number::bytes(value as i64, round))
}

fn plain(number: &Number) -> String {
    number.text.replace(THIN, " ")
}

/// The day so many days after a reading, early dates rounded down and late ones up.
fn date(read_at: i64, days: f64) -> Option<String> {
    days.is_finite().then(|| {
        let secs = (days * DAY_SECS).round() as i64;
        Time::from_unix_secs(read_at.saturating_add(secs)).day()
    })
}

/// What is said of a level: state, early, median, late, reason.
fn cells(space: &Space, at: usize) -> (&'static str, [Option<String>; 3], Option<String>) {
    match space.trend.dates.get(at) {
        Some(Forecast::Reached) => ("reached", [None, None, None], None),
        Some(Forecast::Within(
            Band {
                early,
                median,
                late,
            },
            quality,
        )) => {
            let word = match quality {
                Quality::Good => "good",
                Quality::Weak => "weak",
            };
            let late = (late + 1.0).floor();
            let days = [early.floor(), *median, late];
            (word, days.map(|days| date(space.read_at, days)), None)
        }
        Some(Forecast::Refused(refusal)) => {
            ("no-date", [None, None, None], Some(refusal.to_string()))
        }
        None => ("no-date", [None, None, None], None),
    }
}

fn print_text(args: &Capacity, estate: &Estate, pools: &[Pool], gaps: &[String]) {
    outln!(
        "Rests on {}, the newest of {}.",
        super::counted(estate.bundles.len(), "bundle", "bundles"),
        Time::from_unix_secs(estate.now).day()
    );
    if args.growth != 0 {
        outln!("What if: growth {:+} %.", args.growth);
    }
    if let Some(add) = args.add {
        let add = bytes(add as f64, Round::Down);
        outln!("What if: {add} more in every pool.");
    }
    if pools.is_empty() {
        outln!("\nNo pool was read.");
    }
    for pool in pools {
        outln!("\n{} of {}", visible(&pool.name), visible(&pool.appliance));
        match &pool.space {
            Some(space) => print_space(space),
            None => outln!("  not evaluated: the space of its root dataset was not read"),
        }
    }
    if !gaps.is_empty() {
        outln!("\nNot evaluated, or from an earlier bundle:");
    }
    for gap in gaps {
        outln!("  {}", visible(gap));
    }
}

fn print_space(space: &Space) {
    let trend = &space.trend;
    let used = plain(&Number::bytes(space.used, Round::Up));
    let size = plain(&Number::bytes(space.size, Round::Down));
    let share = plain(&Number::share(space.used, space.size, Round::Up));
    let day = |at: i64| Time::from_unix_secs(at).day();
    outln!(
        "  used      {used} of {size}, {share}, read {}",
        day(space.read_at)
    );
    let slope = bytes(trend.line.slope, Round::Up);
    let band = match trend.slope {
        (low, high) if low < high => format!(
            " ({} to {})",
            bytes(low, Round::Down),
            bytes(high, Round::Up)
        ),
        _ => String::new(),
    };
    outln!("  growth    {slope}/day{band}");
    let n = trend.n_readings;
    outln!("  rests on  {n} readings over {:.0} days", trend.span);
    if trend.is_after_step {
        outln!("  since     {}: the level changed before", day(trend.since));
    }
    if let Some(newest) = trend.outliers.last() {
        let n = trend.outliers.len();
        outln!(
            "  marked    {n} far from the line, the newest {}",
            day(*newest)
        );
    }
    if let Some(backtest) = &trend.backtest {
        let median = bytes(backtest.median, Round::Up);
        let max = bytes(backtest.max, Round::Up);
        let ahead = trend.span / 3.0;
        outln!("  missed    by {median} (most {max}) when asked {ahead:.0} days before");
    }
    for (at, (level, _)) in LEVELS.iter().enumerate() {
        let text = match cells(space, at) {
            ("reached", ..) => "reached".to_owned(),
            (word, [Some(early), median, late], _) => {
                let median = median.unwrap_or_default();
                let late = late.unwrap_or_else(|| "later".to_owned());
                format!("{early} .. {late}, median {median} ({word})")
            }
            (_, _, reason) => format!("no date: {}", reason.unwrap_or_default()),
        };
        outln!("  {level:<8}  {text}");
    }
}

fn csv(pools: &[Pool]) -> String {
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
            if let Some(space) = &pool.space {
                let (state, dates, reason) = cells(space, at);
                let slopes = [
                    space.trend.line.slope,
                    space.trend.slope.0,
                    space.trend.slope.1,
                ];
                line.extend([space.used.to_string(), space.size.to_string()]);
                line.extend(slopes.map(|slope| format!("{slope:.0}")));
                line.extend([(*level).to_owned(), state.to_owned()]);
                line.extend(dates.map(Option::unwrap_or_default));
                line.push(reason.unwrap_or_default());
            } else {
                line.extend(std::iter::repeat_n(String::new(), 5));
                line.extend([(*level).to_owned(), "not-evaluated".to_owned()]);
                line.extend(std::iter::repeat_n(String::new(), 4));
            }
            text += &csv_line(&line);
        }
    }
    text
}

fn pool_json(pool: &Pool) -> Json {
    let Some(space) = &pool.space else {
        return json!({"appliance": pool.appliance, "pool": pool.name, "state": "not-evaluated"});
    };
    let trend = &space.trend;
    let time = |at: i64| Time::from_unix_secs(at).to_string();
    let level = |(at, (level, _)): (usize, &(&str, i128))| {
        let (state, [early, median, late], reason) = cells(space, at);
        json!({
            "level": level, "state": state, "early": early, "median": median, "late": late,
            "reason": reason,
        })
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
    json!({
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
    })
}
