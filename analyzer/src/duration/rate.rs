//! How often operations fail, with what the count cannot tell.

/// Two-sided 95 %.
const DEVIATIONS: f64 = 1.959_964;

/// Interval of a share of 95 % (Wilson, Probable inference, the law of succession, and statistical inference, 1927); of
/// none of forty it is 0 to 8.8 %. Nothing of nothing.
#[must_use]
pub fn wilson(n_failed: u64, n_tried: u64) -> Option<(f64, f64)> {
    if n_tried == 0 || n_failed > n_tried {
        return None;
    }
    let (n, square) = (n_tried as f64, DEVIATIONS * DEVIATIONS);
    let share = n_failed as f64 / n;
    let middle = share + square / (2.0 * n);
    let half = DEVIATIONS * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    let scale = 1.0 + square / n;
    // At both ends the interval ends there, whatever is lost in rounding.
    let low = if n_failed == 0 {
        0.0
    } else {
        (middle - half) / scale
    };
    let high = if n_failed == n_tried {
        1.0
    } else {
        (middle + half) / scale
    };
    Some((low, high))
}
