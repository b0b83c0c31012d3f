//! Where a used space is going: a robust line, how far it can be trusted, and when it meets a level.
//!
//! Pure: readings in, words and numbers out. What it never does is give a date that the readings do not carry; the gate
//! says why instead.

mod backtest;
mod band;
mod filter;
mod line;
mod noise;
mod order;
mod outlier;
mod random;
mod significance;
mod step;

use std::collections::BTreeMap;

pub use backtest::{Backtest, backtest};
pub use band::{Band, Draws, draws};
pub use line::{Line, slope_interval};
pub use outlier::{LIMIT, scores, spread};
pub(crate) use significance::two_sided;
pub use significance::{Significance, mann_kendall, mann_kendall_dependent};
pub use step::last_step;

const DAY: f64 = 86_400.0;
/// Days before the newest reading that a line is put through.
const MAX_DAYS: i64 = 365;

/// Readings a date needs.
pub const MIN_READINGS: usize = 8;
/// The same after a changepoint, whose place is a guess from the same readings.
pub const MIN_READINGS_AFTER_STEP: usize = 16;
/// Days that readings must span for a date.
pub const MIN_DAYS: f64 = 14.0;
/// Chance of the growth without a trend above which there is none.
pub const MAX_P: f64 = 0.1;
/// Spans of history ahead up to which a date is good.
pub const GOOD_SPANS: f64 = 1.0;
/// Spans of history ahead beyond which there is no date.
pub const MAX_SPANS: f64 = 2.0;

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Days since the first.
    pub day: f64,
    /// Used bytes.
    pub bytes: f64,
}

/// What the readings say of the future.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Time of the first reading since the last changepoint, Unix seconds; what was before is not in the line.
    pub since: i64,
    /// Whether there was a changepoint.
    pub is_after_step: bool,
    /// Readings since then.
    pub n_readings: usize,
    /// Days since then.
    pub span: f64,
    /// Readings far from the line, Unix seconds: marked, and in the line.
    pub outliers: Vec<i64>,
    /// The line; `day` counts from `since`.
    pub line: Line,
    /// Bytes a day, 10 % and 90 %; the point when the gate is shut.
    pub slope: (f64, f64),
    /// Test for a trend, with regard to dependence.
    pub significance: Option<Significance>,
    /// Errors of the past, a third of the span ahead.
    pub backtest: Option<Backtest>,
    /// A forecast for each level asked.
    pub dates: Vec<Forecast>,
}

/// How far a date is beyond what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Not further ahead than the history is long.
    Good,
    /// Up to twice as far.
    Weak,
}

/// When a level is met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forecast {
    /// It is met already.
    Reached,
    /// Days from the last reading.
    Within(Band, Quality),
    /// No date.
    Refused(Refusal),
}

/// Why there is no date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// Too few readings since the last changepoint, of so many.
    Few(usize, usize),
    /// Too short a span in days.
    Short(f64),
    /// No growth, or none that could not be chance.
    NoGrowth,
    /// In the past the line was no better than "it stays as it is".
    Unreliable,
    /// The level may have jumped, and the readings do not tell it from growth.
    Unclear,
    /// Hardly before so many days, and nobody can tell until when.
    Open(f64),
    /// Later than so many days.
    Far(f64),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Few(n, needed) => write!(f, "{n} of {needed} readings needed"),
            Self::Short(days) => write!(f, "{days:.0} of {MIN_DAYS:.0} days needed"),
            Self::NoGrowth => write!(f, "no growth detected"),
            Self::Unreliable => write!(f, "past forecasts were no better than none"),
            Self::Unclear => write!(f, "a jump cannot be told from growth"),
            Self::Open(days) => write!(f, "hardly before {days:.0} days, end open"),
            Self::Far(days) => write!(f, "more than {days:.0} days"),
        }
    }
}

/// The last reading of each day of the newest year: dates are days, and the pairs of a line grow with the square.
#[must_use]
pub fn daily(points: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let day = |at: i64| at.div_euclid(DAY as i64);
    let newest = points.last().map_or(0, |(at, _)| day(*at));
    let days: BTreeMap<i64, (i64, i64)> =
        points.iter().map(|point| (day(point.0), *point)).collect();
    days.range(newest - MAX_DAYS..)
        .map(|(_, point)| *point)
        .collect()
}

/// The trend of used bytes at Unix seconds, in the order of time, against levels in bytes; nothing without readings. The
/// dates and slopes are those of growth that is `pace` times what it was; the gate judges what was.
#[must_use]
pub fn trend(points: &[(i64, i64)], levels: &[f64], pace: f64) -> Option<Trend> {
    let (_, used) = *points.last()?;
    let (readings, mut trend) = line_of(points)?;
    let (line, span) = (trend.line, trend.span);
    let refusal = gate(&readings, &mut trend);
    let ahead = line.at_pace(span, pace);
    (trend.line, trend.slope) = (ahead, (ahead.slope, ahead.slope));
    let far = MAX_SPANS * span;
    let judge = |level: f64| match (refusal, ahead.days_to(level, span)) {
        _ if used as f64 >= level => Err(Forecast::Reached),
        (Some(refusal), _) => Err(Forecast::Refused(refusal)),
        (None, Some(days)) if days <= far => Ok(days),
        (None, _) => Err(Forecast::Refused(Refusal::Far(far))),
    };
    let judged: Vec<Result<f64, Forecast>> = levels.iter().map(|level| judge(*level)).collect();
    let draws = refusal
        .is_none()
        .then(|| draws(&readings, line, levels, pace));
    if let Some(draws) = &draws {
        trend.slope = draws.slope;
    }
    let forecast = |(at, judged): (usize, Result<f64, Forecast>)| match (judged, &draws) {
        (Err(forecast), _) => forecast,
        (Ok(_), None) => Forecast::Refused(Refusal::NoGrowth),
        (Ok(_), Some(draws)) if draws.dates[at].median > far => {
            Forecast::Refused(Refusal::Far(far))
        }
        (Ok(_), Some(draws)) if draws.dates[at].late > far => {
            Forecast::Refused(Refusal::Open(draws.dates[at].early))
        }
        (Ok(days), Some(draws)) => {
            let is_good = days <= GOOD_SPANS * span;
            let quality = if is_good {
                Quality::Good
            } else {
                Quality::Weak
            };
            Forecast::Within(draws.dates[at], quality)
        }
    };
    trend.dates = judged.into_iter().enumerate().map(forecast).collect();
    Some(trend)
}

/// Bytes a day that used bytes at Unix seconds grow by, or why growth cannot be told; nothing without readings. For a
/// question that needs no date: the gate is the same.
pub fn growth(points: &[(i64, i64)]) -> Option<Result<f64, Refusal>> {
    let (trend, refusal) = judged(points)?;
    Some(match refusal {
        Some(refusal) => Err(refusal),
        None => Ok(trend.line.slope),
    })
}

/// The line, and why growth cannot be told, if it cannot: what [`trend`] starts from, without the draws that a band and a
/// date need. The band is the point.
pub fn judged(points: &[(i64, i64)]) -> Option<(Trend, Option<Refusal>)> {
    let (readings, mut trend) = line_of(points)?;
    let refusal = gate(&readings, &mut trend);
    Some((trend, refusal))
}

/// Readings since the last changepoint, and the line through them.
fn line_of(points: &[(i64, i64)]) -> Option<(Vec<Reading>, Trend)> {
    let (first, _) = *points.first()?;
    let readings: Vec<Reading> = points
        .iter()
        .map(|(at, bytes)| Reading {
            day: (at - first) as f64 / DAY,
            bytes: *bytes as f64,
        })
        .collect();
    let from = last_step(&readings);
    let start = readings[from].day;
    let readings: Vec<Reading> = readings[from..]
        .iter()
        .map(|reading| Reading {
            day: reading.day - start,
            bytes: reading.bytes,
        })
        .collect();
    let span = readings.last()?.day;
    let line = Line::through(&readings);
    let marks = scores(&line.residuals(&readings));
    let outliers = marks.iter().zip(&points[from..]);
    let trend = Trend {
        since: points[from].0,
        is_after_step: from > 0,
        n_readings: readings.len(),
        span,
        outliers: outliers
            .filter(|(z, _)| z.abs() > LIMIT)
            .map(|(_, (at, _))| *at)
            .collect(),
        line,
        slope: (line.slope, line.slope),
        significance: None,
        backtest: None,
        dates: Vec::new(),
    };
    Some((readings, trend))
}

/// Why no level gets a date, whatever it is.
fn gate(readings: &[Reading], trend: &mut Trend) -> Option<Refusal> {
    let needed = if trend.is_after_step {
        MIN_READINGS_AFTER_STEP
    } else {
        MIN_READINGS
    };
    if readings.len() < needed {
        return Some(Refusal::Few(readings.len(), needed));
    }
    if trend.span < MIN_DAYS {
        return Some(Refusal::Short(trend.span));
    }
    let significance = mann_kendall_dependent(readings, trend.line);
    trend.significance = Some(significance);
    trend.backtest = backtest(readings, trend.span / 3.0);
    if trend.line.slope <= 0.0 || significance.p > MAX_P {
        return Some(Refusal::NoGrowth);
    }
    if step::is_unclear(readings, trend.line) {
        return Some(Refusal::Unclear);
    }
    let is_worse = |backtest: &Backtest| backtest.median > backtest.unchanged;
    trend
        .backtest
        .as_ref()
        .is_some_and(is_worse)
        .then_some(Refusal::Unreliable)
}

#[cfg(test)]
mod tests;
