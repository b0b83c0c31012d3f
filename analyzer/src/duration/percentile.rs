//! Percentiles of spans. A percentile grows with every one of its values, so that of the lower bounds and that of the
//! upper bounds are the narrowest bounds there are.

use super::Span;

/// A figure between two bounds, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// At least this.
    pub least_secs: f64,
    /// At most this; absent where operations still run.
    pub most_secs: Option<f64>,
}

impl Bounds {
    /// Whether it is one number.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.most_secs == Some(self.least_secs)
    }
}

/// Percentile, linear between neighbours: type 7 of Hyndman and Fan, Sample quantiles in statistical packages, 1996.
/// Nothing without spans.
#[must_use]
pub fn percentile(spans: &[Span], percent: usize) -> Option<Bounds> {
    let mut least: Vec<Option<i64>> = spans.iter().map(|span| Some(span.least_secs())).collect();
    let mut most: Vec<Option<i64>> = spans.iter().map(|span| span.most_secs()).collect();
    least.sort_unstable();
    // What still runs is longer than everything.
    most.sort_unstable_by_key(|secs| (secs.is_none(), *secs));
    Some(Bounds {
        least_secs: between_ranks(&least, percent)?,
        most_secs: between_ranks(&most, percent),
    })
}

/// Mean; nothing without spans.
#[must_use]
pub fn mean(spans: &[Span]) -> Option<Bounds> {
    let n = spans.len() as f64;
    let least: f64 = spans.iter().map(|span| span.least_secs() as f64).sum();
    let most: Option<f64> = spans
        .iter()
        .map(|span| span.most_secs().map(|secs| secs as f64))
        .sum();
    (!spans.is_empty()).then(|| Bounds {
        least_secs: least / n,
        most_secs: most.map(|most| most / n),
    })
}

/// In whole numbers up to the last step, so that a rank that is a whole number has no weight of its neighbour.
fn between_ranks(sorted: &[Option<i64>], percent: usize) -> Option<f64> {
    let place = percent.min(100) * sorted.len().checked_sub(1)?;
    let low = (*sorted.get(place / 100)?)?;
    if place.is_multiple_of(100) {
        return Some(low as f64);
    }
    let high = (*sorted.get(place / 100 + 1)?)?;
    let part = (place % 100) as f64;
    Some(low as f64 + (high - low) as f64 * part / 100.0)
}
