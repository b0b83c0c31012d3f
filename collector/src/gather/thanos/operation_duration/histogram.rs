//! A histogram of the Prometheus kind: counts of all values up to each bound.

/// Quantiles that are told.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// Values of one operation over the window.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    buckets: Vec<(f64, f64)>,
    pub(super) sum_secs: f64,
    pub(super) n_times: f64,
    pub(super) n_failed: f64,
}

/// What a row says of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) n_times: i64,
    pub(super) n_failed: i64,
    pub(super) mean_ms: Option<i64>,
    pub(super) quantile_ms: [Option<i64>; 3],
}

impl Histogram {
    /// Adds the count of values up to a bound in seconds; counts of one bound add up.
    pub(super) fn bucket(&mut self, bound: f64, count: f64) {
        match self.buckets.iter_mut().find(|(known, _)| *known == bound) {
            Some((_, known)) => *known += count,
            None => self.buckets.push((bound, count)),
        }
    }

    pub(super) fn measured(&self) -> Measured {
        let mut buckets = self.buckets.clone();
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        let n_times = whole(self.n_times).unwrap_or_default();
        let mean = (n_times > 0 && self.sum_secs > 0.0).then(|| self.sum_secs / self.n_times);
        Measured {
            n_times,
            n_failed: whole(self.n_failed).unwrap_or_default(),
            mean_ms: mean.and_then(|secs| whole(secs * 1_000.0)),
            quantile_ms: QUANTILES.map(|share| whole(quantile(&buckets, share)? * 1_000.0)),
        }
    }
}

/// The value below which a share of all values lies, as `histogram_quantile` finds it: linear inside a bucket, from zero
/// in the first, and the highest finite bound when it lies above.
fn quantile(buckets: &[(f64, f64)], share: f64) -> Option<f64> {
    let ((top, total), finite) = buckets.split_last()?;
    if top.is_finite() || *total <= 0.0 {
        return None;
    }
    let rank = share * total;
    let (mut low, mut below) = (0.0, 0.0);
    for (bound, count) in finite {
        if *count >= rank && *count > below {
            return Some(low + (bound - low) * (rank - below) / (count - below));
        }
        // Counters that are scraped one after the other can seem to fall.
        (low, below) = (*bound, count.max(below));
    }
    finite.last().map(|(bound, _)| *bound)
}

/// The nearest whole number that is not negative.
fn whole(value: f64) -> Option<i64> {
    const END: f64 = 9_000_000_000_000_000.0;
    (0.0..END).contains(&value).then_some(value.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(buckets: &[(f64, f64)], share: f64, expected: Option<f64>) {
        assert_eq!(quantile(buckets, share), expected);
    }

    #[test]
    fn quantile_is_linear_inside_its_bucket() {
        let buckets = [(1.0, 10.0), (2.0, 30.0), (f64::INFINITY, 30.0)];
        check(&buckets, 0.5, Some(1.25));
        check(&buckets, 1.0 / 3.0, Some(1.0));
        check(&buckets, 0.1, Some(0.3));
    }

    #[test]
    fn value_above_every_bound_is_the_highest_bound() {
        check(
            &[(1.0, 1.0), (4.0, 2.0), (f64::INFINITY, 100.0)],
            0.99,
            Some(4.0),
        );
    }

    #[test]
    fn histogram_without_values_or_without_its_last_bucket_has_no_quantile() {
        check(&[], 0.5, None);
        check(&[(1.0, 0.0), (f64::INFINITY, 0.0)], 0.5, None);
        check(&[(1.0, 5.0)], 0.5, None);
        check(&[(f64::INFINITY, 5.0)], 0.5, None);
    }

    #[test]
    fn counts_of_one_bound_add_up_and_order_does_not_matter() {
        let mut histogram = Histogram::default();
        for (bound, count) in [
            (f64::INFINITY, 2.0),
            (1.0, 2.0),
            (f64::INFINITY, 2.0),
            (1.0, 2.0),
        ] {
            histogram.bucket(bound, count);
        }
        assert_eq!(histogram.measured().quantile_ms[0], Some(500));
    }
}
