//! `history_list_growth`: how the time of each list of an appliance grows with its length, as rows that checks can judge.
//!
//! A line through the logarithms of both: its slope is the exponent, one for a list whose time is proportional to its
//! length. A run in which the other lists took long too met a busy appliance, and is left out.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::assemble::frame::Rows;
use crate::history::{Estate, listing};
use crate::query::{CatalogColumn, ColumnKind};
use crate::trend::{Line, Reading, slope_interval};

/// Name in SQL.
pub(crate) const NAME: &str = "history_list_growth";

/// Days looked back: another release of the appliance lists at another pace.
const MAX_DAYS: i64 = 90;
/// The other lists of a run took more than so many times their median, and so many seconds more: the appliance was busy.
const BUSY_TIMES: i64 = 2;
const BUSY_SECS: i64 = 5;
/// Standard deviations of the interval of an exponent: 95 %.
const DEVIATIONS: f64 = 1.96;

/// One list in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    at: i64,
    secs: i64,
    n_items: i64,
}

/// One table of one appliance.
#[derive(Debug)]
struct Growth {
    appliance: String,
    table: String,
    taken: Vec<Taken>,
    n_busy: i64,
    /// Exponent and its lower bound, in hundredths.
    exponent: Option<(i64, Option<i64>)>,
}

type Figure = fn(&Growth) -> Option<i64>;

const FIGURES: [(&str, Figure); 9] = [
    ("n_lists", |row| i64::try_from(row.taken.len()).ok()),
    ("n_busy", |row| Some(row.n_busy)),
    ("least_items", |row| {
        row.taken.iter().map(|taken| taken.n_items).min()
    }),
    ("most_items", |row| {
        row.taken.iter().map(|taken| taken.n_items).max()
    }),
    ("last_items", |row| Some(row.taken.last()?.n_items)),
    ("median_secs", |row| median_secs(&row.taken)),
    ("last_secs", |row| Some(row.taken.last()?.secs)),
    ("exponent_percent", |row| Some(row.exponent?.0)),
    ("least_exponent_percent", |row| row.exponent?.1),
];

/// Columns as SQL sees them.
pub(crate) fn columns() -> Vec<CatalogColumn> {
    let names = [
        CatalogColumn::token("appliance"),
        CatalogColumn::plain("table_name", ColumnKind::Text),
    ];
    let figures = FIGURES.map(|(name, _)| CatalogColumn::plain(name, ColumnKind::Integer));
    names.into_iter().chain(figures).collect()
}

/// The rows of an estate.
///
/// # Errors
/// Polars refuses a column; a defect.
pub(crate) fn frame(estate: &Estate) -> PolarsResult<DataFrame> {
    let rows = growths(estate);
    let text = |name: &str, value: fn(&Growth) -> &str| {
        Column::new(name.into(), rows.iter().map(value).collect::<Vec<_>>())
    };
    let mut columns = vec![
        text("appliance", |row| &row.appliance),
        text("table_name", |row| &row.table),
    ];
    for (name, figure) in FIGURES {
        let values: Vec<Option<i64>> = rows.iter().map(figure).collect();
        columns.push(Column::new(name.into(), values));
    }
    DataFrame::new(rows.len(), columns)
}

fn growths(estate: &Estate) -> Vec<Growth> {
    let rows = Rows::of(estate, listing::NAME);
    let since = estate.now - MAX_DAYS * 86_400;
    let mut lists: BTreeMap<(&str, &str), Vec<Taken>> = BTreeMap::new();
    for row in rows.indexes() {
        let (Some(appliance), Some(table)) =
            (rows.text("appliance", row), rows.text("table_name", row))
        else {
            continue;
        };
        let number = |column| rows.integer(column, row);
        let (Some(at), Some(started_at), Some(ended_at), Some(n_items)) = (
            number("bundle_ended_at"),
            number("started_at"),
            number("ended_at"),
            number("n_items"),
        ) else {
            continue;
        };
        if at > since {
            let taken = Taken {
                at,
                secs: (ended_at - started_at).max(0),
                n_items,
            };
            lists.entry((appliance, table)).or_default().push(taken);
        }
    }
    let growth = |((appliance, table), taken): (&(&str, &str), &Vec<Taken>)| {
        let others = lists
            .iter()
            .filter(|((of, other), _)| of == appliance && other != table)
            .flat_map(|(_, taken)| taken);
        Growth::of(appliance, table, taken, &busy_runs(others))
    };
    lists.iter().map(growth).collect()
}

/// Runs in which lists took long together.
fn busy_runs<'t>(lists: impl Iterator<Item = &'t Taken>) -> BTreeSet<i64> {
    let mut secs: BTreeMap<i64, i64> = BTreeMap::new();
    for taken in lists {
        *secs.entry(taken.at).or_default() += taken.secs;
    }
    let mut sorted: Vec<i64> = secs.values().copied().collect();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let is_busy = |secs: i64| secs > median * BUSY_TIMES && secs > median.saturating_add(BUSY_SECS);
    let busy = secs.into_iter().filter(|(_, secs)| is_busy(*secs));
    busy.map(|(at, _)| at).collect()
}

impl Growth {
    fn of(appliance: &str, table: &str, taken: &[Taken], busy: &BTreeSet<i64>) -> Self {
        let mut taken = taken.to_vec();
        taken.sort_by_key(|taken| taken.at);
        let n_all = taken.len();
        // An empty list has no logarithm, and takes as long as asking does.
        taken.retain(|taken| !busy.contains(&taken.at));
        let n_busy = i64::try_from(n_all - taken.len()).unwrap_or_default();
        taken.retain(|taken| taken.n_items > 0);
        Self {
            appliance: appliance.to_owned(),
            table: table.to_owned(),
            exponent: exponent(&taken),
            taken,
            n_busy,
        }
    }
}

/// Times are whole seconds: below one there is none.
fn exponent(taken: &[Taken]) -> Option<(i64, Option<i64>)> {
    let log = |number: i64| (number.max(1) as f64).ln();
    let points: Vec<Reading> = taken
        .iter()
        .map(|taken| Reading {
            day: log(taken.n_items),
            bytes: log(taken.secs),
        })
        .collect();
    let mut points = points;
    points.sort_by(|a, b| a.day.total_cmp(&b.day));
    let differ = points.first()?.day < points.last()?.day;
    let hundredths = |slope: f64| (slope * 100.0).floor() as i64;
    differ.then(|| {
        let least = slope_interval(&points, DEVIATIONS).map(|(least, _)| hundredths(least));
        (hundredths(Line::through(&points).slope), least)
    })
}

fn median_secs(taken: &[Taken]) -> Option<i64> {
    let mut secs: Vec<i64> = taken.iter().map(|taken| taken.secs).collect();
    secs.sort_unstable();
    secs.get(secs.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists of so many objects on as many days.
    fn taken(n_days: i64, n_items: impl Fn(i64) -> i64, secs: impl Fn(i64) -> f64) -> Vec<Taken> {
        let day = |day: i64| Taken {
            at: day * 86_400,
            secs: secs(n_items(day)).round() as i64,
            n_items: n_items(day),
        };
        (0..n_days).map(day).collect()
    }

    fn figures(taken: &[Taken], others: &[Taken]) -> BTreeMap<&'static str, Option<i64>> {
        let growth = Growth::of("a", "zfs_snapshot", taken, &busy_runs(others.iter()));
        let figure = |(name, figure): (&'static str, Figure)| (name, figure(&growth));
        FIGURES.map(figure).into()
    }

    #[test]
    fn exponent_of_a_power_comes_back() {
        for (power, expect) in [(1.0_f64, 100), (1.5, 150), (2.0, 200)] {
            let lists = taken(
                30,
                |day| 10_000 + day * 1_000,
                |n| 60.0 * (n as f64 / 10_000.0).powf(power),
            );
            let figures = figures(&lists, &[]);
            let found = figures["exponent_percent"].unwrap();
            assert!((found - expect).abs() <= 4, "{found} for {expect}");
            let least = figures["least_exponent_percent"].unwrap();
            assert!(
                least <= found && least > expect - 10,
                "{least} for {expect}"
            );
        }
    }

    #[test]
    fn length_that_stays_has_no_exponent() {
        let figures = figures(&taken(30, |_| 5_000, |_| 20.0), &[]);
        assert_eq!(figures["exponent_percent"], None);
        assert_eq!(figures["median_secs"], Some(20));
        assert!(exponent(&[]).is_none());
    }

    #[test]
    fn runs_that_met_a_busy_appliance_are_left_out() {
        let mut lists = taken(30, |day| 10_000 + day * 1_000, |n| n as f64 / 500.0);
        let mut others = taken(30, |_| 300, |_| 4.0);
        let steady = figures(&lists, &others);
        // The longest lists meet a scrub, as everything else does.
        for day in 16..30 {
            lists[day].secs *= 4;
            others[day].secs = 30;
        }
        let met = figures(&lists, &others);
        assert_eq!((met["n_lists"], met["n_busy"]), (Some(16), Some(14)));
        let found = met["exponent_percent"].unwrap();
        assert!(
            (found - steady["exponent_percent"].unwrap()).abs() <= 5,
            "{found}"
        );
        // Had only this list become slower, it would count.
        let alone = figures(&lists, &taken(30, |_| 300, |_| 4.0));
        assert_eq!(alone["n_busy"], Some(0));
        assert!(alone["exponent_percent"].unwrap() > 130);
    }

    #[test]
    fn a_few_slow_nights_do_not_turn_the_line() {
        let mut lists = taken(40, |day| 10_000 + day * 500, |n| n as f64 / 500.0);
        for day in [33, 35, 37, 39] {
            lists[day].secs *= 5;
        }
        let found = figures(&lists, &[])["exponent_percent"].unwrap();
        assert!((95..=120).contains(&found), "{found}");
    }

    #[test]
    fn busy_is_twice_the_median_and_five_seconds_more() {
        let run = |at: i64, secs: i64| Taken {
            at,
            secs,
            n_items: 1,
        };
        let quiet = (0..9).map(|at| run(at, 10));
        let lists: Vec<Taken> = quiet.chain([run(9, 20), run(10, 21)]).collect();
        assert_eq!(busy_runs(lists.iter()), BTreeSet::from([10]));
        let quick = (0..9).map(|at| run(at, 1));
        let lists: Vec<Taken> = quick.chain([run(9, 6), run(10, 7)]).collect();
        assert_eq!(busy_runs(lists.iter()), BTreeSet::from([10]));
    }
}
