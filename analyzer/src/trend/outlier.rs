//! Readings far from the line: they are marked, and stay in.

use super::order::median;

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
