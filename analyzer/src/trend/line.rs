//! The line through readings (Theil 1950, Sen 1968): medians, so that a spike does not turn it.

use super::Reading;
use super::order::median;

/// Bytes over days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Bytes at day zero.
    pub intercept: f64,
    /// Bytes a day.
    pub slope: f64,
}

impl Line {
    /// Slope `median over i<j of (y_j - y_i) / (t_j - t_i)`, intercept `median of y_i - slope * t_i`.
    #[must_use]
    pub fn through(readings: &[Reading]) -> Self {
        Self::with(readings, median(&mut slopes(readings)))
    }

    pub(super) fn with(readings: &[Reading], slope: f64) -> Self {
        let mut offsets: Vec<f64> = readings
            .iter()
            .map(|reading| reading.bytes - slope * reading.day)
            .collect();
        Self {
            intercept: median(&mut offsets),
            slope,
        }
    }

    /// Bytes on a day.
    #[must_use]
    pub fn at(self, day: f64) -> f64 {
        self.intercept + self.slope * day
    }

    /// The line that goes on from a day at so many times its slope.
    #[must_use]
    pub fn at_pace(self, day: f64, pace: f64) -> Self {
        let slope = self.slope * pace;
        Self {
            intercept: self.at(day) - slope * day,
            slope,
        }
    }

    /// Days from `now` until the line meets a level; nothing when it does not grow.
    #[must_use]
    pub fn days_to(self, level: f64, now: f64) -> Option<f64> {
        (self.slope > 0.0).then(|| (level - self.at(now)) / self.slope)
    }

    pub(super) fn residuals(self, readings: &[Reading]) -> Vec<f64> {
        readings
            .iter()
            .map(|reading| reading.bytes - self.at(reading.day))
            .collect()
    }
}

/// Slopes of all pairs of readings at different times.
fn slopes(readings: &[Reading]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(readings.len() * readings.len() / 2);
    for (at, later) in readings.iter().enumerate() {
        for earlier in &readings[..at] {
            if later.day > earlier.day {
                slopes.push((later.bytes - earlier.bytes) / (later.day - earlier.day));
            }
        }
    }
    slopes
}

/// Interval of the slope (Sen 1968): of `N` ordered slopes the `(N - C) / 2`-th and the `(N + C) / 2 + 1`-th, with
/// `C = z * sqrt(n (n - 1) (2 n + 5) / 18)`; `z` is 1.2816 for 80 %. It knows nothing of serial dependence.
#[must_use]
pub fn slope_interval(readings: &[Reading], z: f64) -> Option<(f64, f64)> {
    let mut slopes = slopes(readings);
    slopes.sort_by(f64::total_cmp);
    let (n, n_slopes) = (readings.len() as f64, slopes.len() as f64);
    let c = z * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let place = |rank: f64| slopes.get((rank.round() as usize).checked_sub(1)?).copied();
    Some((
        place((n_slopes - c) / 2.0)?,
        place((n_slopes + c) / 2.0 + 1.0)?,
    ))
}
