//! What the method would have said, against what came: forecasts from every origin in the past.

use super::order::median;
use super::{Line, Reading};

/// Readings an origin needs before it.
const MIN_READINGS: usize = 6;

/// Errors of forecasts some days ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backtest {
    /// Forecasts made.
    pub n_forecasts: usize,
    /// Median of absolute errors of the line, in bytes.
    pub median: f64,
    /// Largest absolute error of the line, in bytes.
    pub max: f64,
    /// Median of absolute errors of "it stays as it is", in bytes.
    pub unchanged: f64,
}

/// Forecasts the first reading at least `ahead` days after each origin with six readings or more; nothing when there is
/// no such reading.
#[must_use]
pub fn backtest(readings: &[Reading], ahead: f64) -> Option<Backtest> {
    let (mut errors, mut unchanged) = (Vec::new(), Vec::new());
    for n in MIN_READINGS..readings.len() {
        let (past, future) = readings.split_at(n);
        let origin = past[n - 1];
        let is_ahead = |reading: &&Reading| reading.day - origin.day >= ahead - 1e-6;
        let Some(reading) = future.iter().find(is_ahead) else {
            break;
        };
        errors.push((reading.bytes - Line::through(past).at(reading.day)).abs());
        unchanged.push((reading.bytes - origin.bytes).abs());
    }
    (!errors.is_empty()).then(|| Backtest {
        n_forecasts: errors.len(),
        max: errors.iter().copied().fold(0.0, f64::max),
        median: median(&mut errors),
        unchanged: median(&mut unchanged),
    })
}
