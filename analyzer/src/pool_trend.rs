//! `history_pool_trend`: where the used space of each pool is going, as rows that checks can judge.
//!
//! What would hide in SQL is computed here by [`crate::trend`]; limits and words stand in the checks. A pool has a row when
//! its readings are many and long enough for a forecast: the others are no population, and nothing is said of them.

use polars::prelude::*;
use rayon::prelude::*;

use crate::assemble::frame::Rows;
use crate::history::{Estate, PoolReadings};
use crate::query::{CatalogColumn, ColumnKind};
use crate::trend::{Band, Forecast, MIN_DAYS, MIN_READINGS, Quality, Trend, daily, trend};

/// Name in SQL.
pub(crate) const NAME: &str = "history_pool_trend";

const DAY_SECS: f64 = 86_400.0;

/// One pool.
struct Row<'a> {
    readings: &'a PoolReadings,
    size_bytes: i64,
    daily: Vec<(i64, i64)>,
    trend: Trend,
    pace: Pace,
}

/// Bytes a day between two readings: the last two, and all those before.
struct Pace {
    last: f64,
    mean: f64,
    deviation: f64,
    n_before: usize,
}

type Figure = fn(&Row<'_>) -> Option<i64>;
type Mark = fn(&Row<'_>) -> bool;

/// Numbers of a row, in the order of its columns.
const FIGURES: [(&str, Figure); 17] = [
    ("read_at", |row| Some(row.daily.last()?.0)),
    ("used_bytes", |row| Some(row.daily.last()?.1)),
    ("size_bytes", |row| Some(row.size_bytes)),
    ("n_readings", |row| i64::try_from(row.daily.len()).ok()),
    ("span_days", |row| Some(whole(span_days(&row.daily)))),
    ("grown_bytes_per_day", |row| {
        row.is_growing().then(|| whole(row.trend.line.slope))
    }),
    ("early_days_80", |row| row.days(0, |band| band.early)),
    ("median_days_80", |row| row.days(0, |band| band.median)),
    ("late_days_80", |row| row.days(0, |band| band.late)),
    ("early_days_full", |row| row.days(1, |band| band.early)),
    ("median_days_full", |row| row.days(1, |band| band.median)),
    ("late_days_full", |row| row.days(1, |band| band.late)),
    ("last_bytes_per_day", |row| Some(whole(row.pace.last))),
    ("mean_bytes_per_day", |row| Some(whole(row.pace.mean))),
    ("deviation_bytes_per_day", |row| {
        Some(whole(row.pace.deviation))
    }),
    ("n_paces_before", |row| {
        i64::try_from(row.pace.n_before).ok()
    }),
    ("step_at", |row| {
        row.trend.is_after_step.then_some(row.trend.since)
    }),
];

/// What is true or not of a row.
const MARKS: [(&str, Mark); 2] = [
    // Further ahead than the history is long.
    ("is_weak", |row| {
        let weak = |forecast: &Forecast| matches!(forecast, Forecast::Within(_, Quality::Weak));
        row.trend.dates.iter().any(weak)
    }),
    // The newest reading is far above the line.
    ("is_last_outlier", |row| {
        let newest = row.daily.last().map(|(at, _)| at);
        row.trend.outliers.last() == newest && row.pace.last > 0.0
    }),
];

/// Columns as SQL sees them.
pub(crate) fn columns() -> Vec<CatalogColumn> {
    let names = ["appliance", "pool"].map(CatalogColumn::token);
    let figures = FIGURES.map(|(name, _)| CatalogColumn::plain(name, ColumnKind::Integer));
    let marks = MARKS.map(|(name, _)| CatalogColumn::plain(name, ColumnKind::Bool));
    names.into_iter().chain(figures).chain(marks).collect()
}

/// The rows of an estate.
///
/// # Errors
/// Polars refuses a column; a defect.
pub(crate) fn frame(estate: &Estate) -> PolarsResult<DataFrame> {
    let spaces = Rows::of(estate, "zfs_dataset_space");
    let sized = estate.pool_readings.iter().filter_map(|readings| {
        let root = spaces.find(&[("appliance", &readings.appliance), ("path", &readings.pool)])?;
        let used = spaces.integer("used_bytes", root)?;
        let available = spaces.integer("available_bytes", root)?;
        Some((readings, used.saturating_add(available)))
    });
    let sized: Vec<(&PoolReadings, i64)> = sized.collect();
    let rows: Vec<Row<'_>> = sized
        .into_par_iter()
        .filter_map(|(readings, size_bytes)| Row::new(readings, size_bytes))
        .collect();
    let text = |name: &str, value: fn(&PoolReadings) -> &str| {
        let values: Vec<&str> = rows.iter().map(|row| value(row.readings)).collect();
        Column::new(name.into(), values)
    };
    let mut columns = vec![
        text("appliance", |readings| &readings.appliance),
        text("pool", |readings| &readings.pool),
    ];
    for (name, figure) in FIGURES {
        let values: Vec<Option<i64>> = rows.iter().map(figure).collect();
        columns.push(Column::new(name.into(), values));
    }
    for (name, mark) in MARKS {
        let values: Vec<bool> = rows.iter().map(mark).collect();
        columns.push(Column::new(name.into(), values));
    }
    DataFrame::new(rows.len(), columns)
}

impl<'a> Row<'a> {
    fn new(readings: &'a PoolReadings, size_bytes: i64) -> Option<Self> {
        let daily = daily(&readings.points);
        if daily.len() < MIN_READINGS || span_days(&daily) < MIN_DAYS {
            return None;
        }
        let levels = [size_bytes as f64 * 0.8, size_bytes as f64];
        Some(Self {
            readings,
            size_bytes,
            trend: trend(&daily, &levels, 1.0)?,
            pace: Pace::of(&daily)?,
            daily,
        })
    }

    /// Days of a forecast, when there is one.
    fn days(&self, level: usize, part: fn(&Band) -> f64) -> Option<i64> {
        match self.trend.dates.get(level)? {
            Forecast::Within(band, _) => Some(whole(part(band))),
            Forecast::Reached | Forecast::Refused(_) => None,
        }
    }

    fn is_growing(&self) -> bool {
        let is_dated = |forecast: &Forecast| matches!(forecast, Forecast::Within(..));
        self.trend.dates.iter().any(is_dated)
    }
}

impl Pace {
    fn of(daily: &[(i64, i64)]) -> Option<Self> {
        let paces = daily.windows(2).map(|pair| {
            let days = (pair[1].0 - pair[0].0) as f64 / DAY_SECS;
            (pair[1].1 - pair[0].1) as f64 / days
        });
        let paces: Vec<f64> = paces.collect();
        let (last, before) = paces.split_last()?;
        let n = before.len() as f64;
        let mean = before.iter().sum::<f64>() / n;
        let squares: f64 = before.iter().map(|pace| (pace - mean).powi(2)).sum();
        (before.len() > 1).then(|| Self {
            last: *last,
            mean,
            deviation: (squares / (n - 1.0)).sqrt(),
            n_before: before.len(),
        })
    }
}

fn span_days(daily: &[(i64, i64)]) -> f64 {
    match (daily.first(), daily.last()) {
        (Some((first, _)), Some((last, _))) => (last - first) as f64 / DAY_SECS,
        _ => 0.0,
    }
}

/// Rounded down: a day less is the careful side of a date.
fn whole(value: f64) -> i64 {
    value.floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    const GIB: i64 = 1 << 30;

    fn readings(bytes: impl Fn(i64) -> i64, days: i64) -> PoolReadings {
        PoolReadings {
            appliance: "a".to_owned(),
            pool: "p".to_owned(),
            points: (0..days).map(|day| (day * DAY, bytes(day))).collect(),
        }
    }

    fn figure(row: &Row<'_>, name: &str) -> Option<i64> {
        let (_, figure) = FIGURES.iter().find(|(of, _)| *of == name).unwrap();
        figure(row)
    }

    #[test]
    fn steady_growth_has_dates_and_no_other_mark() {
        let readings = readings(|day| 700 * GIB + day * GIB + (day % 3) * GIB / 8, 60);
        let row = Row::new(&readings, 1_000 * GIB).unwrap();
        let days = figure(&row, "median_days_80").unwrap();
        assert!((38..=42).contains(&days), "{days}");
        assert!(figure(&row, "early_days_80").unwrap() <= days);
        assert_eq!(
            figure(&row, "median_days_full"),
            None,
            "beyond twice the span"
        );
        assert_eq!(figure(&row, "step_at"), None);
        assert_eq!(MARKS.map(|(_, mark)| mark(&row)), [false, false]);
    }

    #[test]
    fn pool_that_stands_still_has_a_row_without_dates() {
        let readings = readings(|day| 600 * GIB + (day * 7 % 5) * GIB / 8, 60);
        let row = Row::new(&readings, 1_000 * GIB).unwrap();
        assert_eq!(figure(&row, "early_days_80"), None);
        assert_eq!(figure(&row, "grown_bytes_per_day"), None);
    }

    #[test]
    fn few_readings_and_short_spans_have_no_row() {
        let long = readings(|day| day * GIB, 15);
        assert!(Row::new(&long, 1_000 * GIB).is_some());
        assert!(Row::new(&readings(|day| day * GIB, 14), 1_000 * GIB).is_none());
        let few = PoolReadings {
            points: long.points.iter().copied().step_by(3).collect(),
            ..long.clone()
        };
        assert!(few.points.len() < MIN_READINGS && Row::new(&few, 1_000 * GIB).is_none());
    }

    #[test]
    fn last_pace_is_told_from_those_before() {
        let jump = |day| i64::from(day == 29) * 40 * GIB;
        let readings = readings(
            |day| 600 * GIB + day * GIB + day % 2 * GIB / 8 + jump(day),
            30,
        );
        let row = Row::new(&readings, 1_000 * GIB).unwrap();
        assert_eq!(figure(&row, "last_bytes_per_day"), Some(41 * GIB + GIB / 8));
        assert_eq!(figure(&row, "mean_bytes_per_day"), Some(GIB));
        // Paces of nine and of seven eighths, as many of each.
        let deviation = figure(&row, "deviation_bytes_per_day").unwrap();
        assert!((GIB / 8..GIB / 7).contains(&deviation), "{deviation}");
        assert_eq!(figure(&row, "n_paces_before"), Some(28));
        assert!(MARKS[1].1(&row));
    }

    #[test]
    fn step_is_told_with_its_day() {
        let readings = readings(
            |day| 300 * GIB + day * GIB / 4 + i64::from(day >= 20) * 300 * GIB + day % 2 * GIB / 8,
            45,
        );
        let row = Row::new(&readings, 1_000 * GIB).unwrap();
        let at = figure(&row, "step_at").unwrap() / DAY;
        assert!((20..=22).contains(&at), "{at}");
    }
}
