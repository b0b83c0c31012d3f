//! Whether there is a trend at all: the rank test of Mann 1945 and Kendall 1975.

use super::{Line, Reading};

/// Answer of the test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Significance {
    /// Pairs that grow less pairs that shrink.
    pub s: i64,
    /// Standard score of `s`, with the correction for continuity.
    pub z: f64,
    /// Chance of such a score, either way, without a trend.
    pub p: f64,
}

/// `S = sum over i<j of sign(y_j - y_i)`, `Z = (S -/+ 1) / sqrt(V)`,
/// `V = (n (n - 1) (2 n + 5) - sum over ties of t (t - 1) (2 t + 5)) / 18`.
#[must_use]
pub fn mann_kendall(readings: &[Reading]) -> Significance {
    significance(readings, 1.0)
}

/// The same with the variance of readings that depend on each other (Hamed and Rao, A modified Mann-Kendall trend test
/// for autocorrelated data, 1998): `V * (1 + 2 / (n (n - 1) (n - 2)) * sum over k of (n - k) (n - k - 1) (n - k - 2) r_k)`,
/// `r_k` the rank correlation of the detrended readings at lag `k` where it differs from zero (5 %). Never below `V`.
#[must_use]
pub fn mann_kendall_dependent(readings: &[Reading], line: Line) -> Significance {
    let n = readings.len();
    let ranks = ranks(&line.residuals(readings));
    let limit = 1.96 / (n as f64).sqrt();
    let mut sum = 0.0;
    for lag in 1..n.saturating_sub(2).min(n / 2 + 1) {
        let r = correlation(&ranks, lag);
        if r.abs() > limit {
            let left = (n - lag) as f64;
            sum += left * (left - 1.0) * (left - 2.0) * r;
        }
    }
    let n = n as f64;
    let factor = 1.0 + 2.0 * sum / (n * (n - 1.0) * (n - 2.0)).max(1.0);
    significance(readings, factor.max(1.0))
}

fn significance(readings: &[Reading], factor: f64) -> Significance {
    let mut s = 0_i64;
    for (at, later) in readings.iter().enumerate() {
        for earlier in &readings[..at] {
            s += match later.bytes.total_cmp(&earlier.bytes) {
                std::cmp::Ordering::Less => -1,
                std::cmp::Ordering::Equal => 0,
                std::cmp::Ordering::Greater => 1,
            };
        }
    }
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
    let mut bytes: Vec<f64> = readings.iter().map(|reading| reading.bytes).collect();
    bytes.sort_by(f64::total_cmp);
    let ties: f64 = bytes
        .chunk_by(|a, b| a == b)
        .map(|tie| spread(tie.len() as f64))
        .sum();
    let variance = (spread(readings.len() as f64) - ties) * factor;
    let z = if s == 0 || variance <= 0.0 {
        0.0
    } else {
        (s - s.signum()) as f64 / variance.sqrt()
    };
    Significance {
        s,
        z,
        p: two_sided(z.abs()),
    }
}

/// Ranks; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tie in order.chunk_by(|a, b| values[*a] == values[*b]) {
        for at in tie {
            ranks[*at] = before as f64 + (tie.len() + 1) as f64 / 2.0;
        }
        before += tie.len();
    }
    ranks
}

/// Correlation of values with those `lag` places later; zero for values that do not differ.
fn correlation(values: &[f64], lag: usize) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let product = |pair: (&f64, &f64)| (pair.0 - mean) * (pair.1 - mean);
    let all: f64 = values.iter().zip(values).map(product).sum();
    if all <= 0.0 {
        return 0.0;
    }
    let shifted = values.get(lag..).unwrap_or_default();
    values.iter().zip(shifted).map(product).sum::<f64>() / all
}

/// `P(|Z| > z)` (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17; error below 1.5e-7).
pub(crate) fn two_sided(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = [
        0.319_381_530,
        -0.356_563_782,
        1.781_477_937,
        -1.821_255_978,
        1.330_274_429,
    ];
    let sum = series.iter().rev().fold(0.0, |sum, b| (sum + b) * t);
    let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    (2.0 * density * sum).clamp(0.0, 1.0)
}
