//! How fast a dataset is written to, from `written` of its snapshots and of its head.

use super::Timeline;

const DAY_SECS: i128 = 86_400;

/// Bytes written in a span of time; what was written twice within it counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub bytes: i64,
    /// Length of the span, above zero.
    pub secs: i64,
}

impl Written {
    fn over(bytes: i128, secs: i64) -> Option<Self> {
        let bytes = i64::try_from(bytes).ok().filter(|bytes| *bytes >= 0)?;
        (secs > 0).then_some(Self { bytes, secs })
    }

    /// Bytes per day, rounded up.
    pub fn per_day(self) -> i64 {
        let whole = i128::from(self.bytes) * DAY_SECS;
        let per_day = (whole + i128::from(self.secs) - 1) / i128::from(self.secs.max(1));
        i64::try_from(per_day).unwrap_or(i64::MAX)
    }
}

/// What is known of the writes to one dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Churn {
    /// From the oldest snapshot to the newest.
    pub between: Option<Written>,
    /// From the newest snapshot to the reading.
    pub head: Option<Written>,
    /// From the oldest snapshot to the reading.
    pub whole: Option<Written>,
}

impl Timeline {
    /// The writes up to a reading; nothing of a dataset with a broken identity, and no span without a length.
    ///
    /// What the oldest snapshot has written is all that it refers to, over a time that nobody knows: it does not count.
    pub fn churn(&self, read_at: i64) -> Churn {
        let (Some(_), Some(oldest), Some(newest)) =
            (&self.sums, self.created_at.first(), self.created_at.last())
        else {
            return Churn::default();
        };
        if self.snapshots.iter().any(|one| one.created_at.is_none()) {
            return Churn::default();
        }
        let written = self.snapshots.iter().skip(1);
        let written = written.map(|one| one.written_bytes.map(i128::from));
        let between: Option<i128> = written.sum();
        let head = self.head.written_bytes.map(i128::from);
        let span = |bytes: Option<i128>, from: &i64, to: &i64| {
            Written::over(bytes?, to.saturating_sub(*from))
        };
        Churn {
            between: span(between, oldest, newest),
            head: span(head, newest, &read_at),
            whole: span(
                between.zip(head).map(|(between, head)| between + head),
                oldest,
                &read_at,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Head, Snapshot};
    use super::*;

    const DAY: i64 = 86_400;

    fn timeline(snapshots: &[(i64, [i64; 2])], head: Head) -> Timeline {
        let snapshots = snapshots
            .iter()
            .map(|(day, [referenced, written])| Snapshot {
                name: format!("s{day}"),
                created_txg: *day,
                created_at: Some(day * DAY),
                referenced_bytes: Some(*referenced),
                written_bytes: Some(*written),
                ..Snapshot::default()
            });
        Timeline::new(snapshots.collect(), head)
    }

    fn head(referenced: i64, written: i64) -> Head {
        Head {
            referenced_bytes: Some(referenced),
            written_bytes: Some(written),
            ..Head::default()
        }
    }

    fn written(bytes: i64, days: i64) -> Option<Written> {
        Some(Written {
            bytes,
            secs: days * DAY,
        })
    }

    #[test]
    fn the_oldest_snapshot_does_not_count_and_the_head_does() {
        let three = [(1, [80, 80]), (3, [90, 12]), (4, [86, 7])];
        let churn = timeline(&three, head(76, 7)).churn(6 * DAY);
        assert_eq!(churn.between, written(19, 3));
        assert_eq!(churn.head, written(7, 2));
        assert_eq!(churn.whole, written(26, 5));
        assert_eq!(churn.whole.map(Written::per_day), Some(6));
    }

    #[test]
    fn a_span_without_a_length_has_no_rate() {
        let churn = timeline(&[(2, [80, 80])], head(76, 7)).churn(2 * DAY);
        assert_eq!(churn, Churn::default());
        let churn = timeline(&[(2, [80, 80])], head(76, 7)).churn(3 * DAY);
        assert_eq!((churn.between, churn.head), (None, written(7, 1)));
        assert_eq!(churn.whole, written(7, 1));
        // A clock that stood ahead makes no time out of nothing.
        assert_eq!(
            timeline(&[(2, [80, 80])], head(76, 7)).churn(DAY),
            Churn::default()
        );
        assert_eq!(timeline(&[], head(76, 7)).churn(9 * DAY), Churn::default());
    }

    #[test]
    fn what_is_not_known_gives_no_rate_and_never_zero() {
        let unknown = Head {
            used_by_snapshots_bytes: Some(4),
            ..Head::default()
        };
        let two = [(1, [80, 80]), (3, [90, 12])];
        let churn = timeline(&two, unknown).churn(5 * DAY);
        assert_eq!(
            (churn.between, churn.head, churn.whole),
            (written(12, 2), None, None)
        );
        let broken = [(1, [80, 80]), (3, [10, 12])];
        assert_eq!(
            timeline(&broken, head(76, 7)).churn(5 * DAY),
            Churn::default()
        );
        let mut undated = timeline(&two, head(76, 7)).snapshots().to_vec();
        undated[0].created_at = None;
        let churn = Timeline::new(undated, head(76, 7)).churn(5 * DAY);
        assert_eq!(churn, Churn::default());
    }

    #[test]
    fn rates_round_up_and_do_not_overflow() {
        let rate = |bytes, secs| Written { bytes, secs }.per_day();
        assert_eq!(rate(1, 2 * DAY), 1);
        assert_eq!(rate(0, DAY), 0);
        assert_eq!(rate(i64::MAX, 1), i64::MAX);
    }
}
