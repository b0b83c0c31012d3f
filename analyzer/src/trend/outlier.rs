//! Readings far from the line: they are marked, and stay in.

use super::order::median;
use super::{Line, Reading};

/// Robust score above which a reading is marked (Iglewicz and Hoaglin 1993).
pub const LIMIT: f64 = 3.5;

/// `0.6745 * (r_i - median(r)) / MAD(r)` of residuals; zero for all when more than half of them agree.
#[must_use]
pub fn scores(residuals: &[f64]) -> Vec<f64> {
    let (middle, mad) = spread(residuals);
    let score = |residual: &f64| {
        if mad > 0.0 {
            0.6745 * (residual - middle) / mad
        } else {
            0.0
        }
    };
    residuals.iter().map(score).collect()
}

/// Median, and median absolute deviation from it.
#[must_use]
pub fn spread(residuals: &[f64]) -> (f64, f64) {
    let middle = median(&mut residuals.to_vec());
    let mut deviations: Vec<f64> = residuals
        .iter()
        .map(|residual| (residual - middle).abs())
        .collect();
    (middle, median(&mut deviations))
}

/// Which readings are lone outliers: one or two in a row, a spike and no step. Readings are whole bytes: where most of
/// them agree, others are far.
pub(super) fn spikes(readings: &[Reading], line: Line) -> Vec<bool> {
    let residuals = line.residuals(readings);
    let (middle, mad) = spread(&residuals);
    let limit = LIMIT / 0.6745 * mad.max(1.0);
    let is_far = |residual: &f64| (residual - middle).abs() > limit;
    let runs = residuals.chunk_by(|a, b| is_far(a) == is_far(b));
    runs.flat_map(|run| run.iter().map(|value| is_far(value) && run.len() <= 2))
        .collect()
}
