//! What grew, by how much, and whose growth it is: sums over datasets in place of one counter.
//!
//! Pure: readings in, numbers out. The statistics are those of [`crate::trend`]; here is only what they are asked for.

mod attribution;

use std::collections::BTreeMap;

pub(crate) use attribution::{Attribution, Fate, Part, attribute};

use crate::history::ScopeReadings;
use crate::trend::{Forecast, MAX_SPANS, Refusal, Trend, daily, judged, trend};

const DAY_SECS: i64 = 86_400;

/// Counters of `zfs_dataset_space` that growth is told by.
pub(crate) const COLUMNS: [&str; 5] = [
    "used_bytes",
    "used_by_dataset_bytes",
    "used_by_snapshots_bytes",
    "used_by_refreservation_bytes",
    "referenced_bytes",
];

/// Their values.
pub(crate) type Counters = [Option<i64>; 5];
/// The datasets of one appliance over time.
pub(crate) type Space = ScopeReadings<5>;

/// `used`: with children and reservations.
pub(crate) fn used([used, ..]: &Counters) -> Option<i64> {
    *used
}

/// What the limit of a file system counts: the larger of what it refers to and what it holds, as CAP-010 has it.
pub(crate) fn live([_, data, _, _, referenced]: &Counters) -> Option<i64> {
    *data.max(referenced)
}

/// What a volume refers to.
pub(crate) fn referenced([.., referenced]: &Counters) -> Option<i64> {
    *referenced
}

/// Where a sum is going.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Growth {
    /// First reading of the window.
    pub(crate) first: (i64, i64),
    /// Last reading of it.
    pub(crate) last: (i64, i64),
    /// Its line; the band is a point where nobody asked for it or growth cannot be told.
    pub(crate) trend: Trend,
    /// Why growth cannot be told.
    pub(crate) refusal: Option<Refusal>,
    /// When the limit is met, where there is one.
    pub(crate) forecast: Option<Forecast>,
}

/// What a band is needed for: its draws take most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Band {
    /// For growth, whatever the limit.
    Always,
    /// For a limit that may be met while the gate lets a date through.
    ForDate,
}

impl Growth {
    /// The growth of readings against a limit; nothing without readings.
    pub(crate) fn of(points: &[(i64, i64)], limit: Option<i64>, band: Band) -> Option<Self> {
        Self::at_pace(points, limit, band, 1.0)
    }

    /// The same, were growth from now on `pace` times what it was: the line, its band and the date are those of then.
    pub(crate) fn at_pace(
        points: &[(i64, i64)],
        limit: Option<i64>,
        band: Band,
        pace: f64,
    ) -> Option<Self> {
        let (first, last) = (*points.first()?, *points.last()?);
        let (mut line, refusal) = judged(points)?;
        line.line = line.line.at_pace(line.span, pace);
        line.slope = (line.line.slope, line.line.slope);
        let far = MAX_SPANS * line.span;
        let is_near = limit.is_some_and(|limit| {
            let days = line.line.days_to(limit as f64, line.span);
            last.1 < limit && days.is_some_and(|days| days <= far)
        });
        let forecast = |limit: i64| match refusal {
            _ if last.1 >= limit => Forecast::Reached,
            Some(refusal) => Forecast::Refused(refusal),
            None => Forecast::Refused(Refusal::Far(far)),
        };
        let is_asked = is_near || band == Band::Always;
        let drawn = (refusal.is_none() && is_asked)
            .then(|| {
                let levels: Vec<f64> = limit.iter().map(|limit| *limit as f64).collect();
                trend(points, &levels, pace)
            })
            .flatten();
        Some(Self {
            first,
            last,
            forecast: match &drawn {
                Some(drawn) => drawn.dates.first().copied(),
                None => limit.map(forecast),
            },
            trend: drawn.unwrap_or(line),
            refusal,
        })
    }

    /// Change from the first reading to the last.
    pub(crate) fn delta(&self) -> i64 {
        self.last.1.saturating_sub(self.first.1)
    }

    /// The growth in bytes a day and its band, where it can be told.
    pub(crate) fn pace(&self) -> Option<(f64, (f64, f64))> {
        self.refusal
            .is_none()
            .then_some((self.trend.line.slope, self.trend.slope))
    }
}

/// Readings since a time, the last of each day.
pub(crate) fn window(points: &[(i64, i64)], since: i64) -> Vec<(i64, i64)> {
    let from = points.partition_point(|(at, _)| *at < since);
    let points = &points[from..];
    if points.is_empty() {
        return Vec::new();
    }
    daily(points)
}

/// Sums of several rows of daily readings on the days on which all of them have one, at the last time of that day.
pub(crate) fn together(rows: &[Vec<(i64, i64)>]) -> Vec<(i64, i64)> {
    let mut days: BTreeMap<i64, (usize, i64, i128)> = BTreeMap::new();
    for (at, value) in rows.iter().flatten() {
        let day = days.entry(at.div_euclid(DAY_SECS)).or_default();
        *day = (day.0 + 1, day.1.max(*at), day.2 + i128::from(*value));
    }
    let whole = days
        .into_values()
        .filter(|(n, ..)| *n == rows.len())
        .map(|(_, at, sum)| (at, i64::try_from(sum).unwrap_or(i64::MAX)));
    whole.collect()
}

/// Change of readings between the days of two times; nothing when one of the days has none.
pub(crate) fn change(points: &[(i64, i64)], from: i64, to: i64) -> Option<i64> {
    let on = |time: i64| {
        let day = time.div_euclid(DAY_SECS);
        let mut days = points.iter();
        days.find(|(at, _)| at.div_euclid(DAY_SECS) == day)
    };
    Some(on(to)?.1.saturating_sub(on(from)?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: i64 = 1 << 30;

    fn steady(days: i64) -> Vec<(i64, i64)> {
        let value = |day: i64| 100 * GIB + day * GIB + day * day % 17 * GIB / 40;
        (0..days).map(|day| (day * DAY_SECS, value(day))).collect()
    }

    #[test]
    fn a_limit_in_reach_has_a_date_and_one_out_of_reach_says_so() {
        let near = Growth::of(&steady(30), Some(150 * GIB), Band::ForDate).unwrap();
        assert!(
            matches!(near.forecast, Some(Forecast::Within(..))),
            "{near:?}"
        );
        assert!(near.trend.slope.0 < near.trend.slope.1);
        let far = Growth::of(&steady(30), Some(500 * GIB), Band::ForDate).unwrap();
        assert_eq!(far.forecast, Some(Forecast::Refused(Refusal::Far(58.0))));
        assert_eq!(
            far.trend.slope,
            (far.trend.line.slope, far.trend.line.slope)
        );
        let full = Growth::of(&steady(30), Some(10 * GIB), Band::ForDate).unwrap();
        assert_eq!(full.forecast, Some(Forecast::Reached));
    }

    #[test]
    fn the_short_way_and_the_long_way_to_a_forecast_agree() {
        for limit in [1, 120, 131, 150, 185, 200, 500].map(|gib| gib * GIB) {
            for days in [1, 5, 9, 20, 30, 60] {
                for pace in [0.5, 1.0, 2.5] {
                    let points = steady(days);
                    let limited = Some(limit);
                    let short = Growth::at_pace(&points, limited, Band::ForDate, pace).unwrap();
                    let long = trend(&points, &[limit as f64], pace).unwrap();
                    assert_eq!(short.forecast, Some(long.dates[0]), "{limit} {days} {pace}");
                    assert_eq!(short.trend.line, long.line);
                }
            }
        }
    }

    #[test]
    fn growth_that_cannot_be_told_has_no_pace() {
        let few = Growth::of(&steady(3), None, Band::Always).unwrap();
        assert_eq!((few.pace(), few.forecast), (None, None));
        assert_eq!(few.delta(), 2 * GIB + 4 * GIB / 40);
        let enough = Growth::of(&steady(30), None, Band::Always).unwrap();
        let (slope, (low, high)) = enough.pace().unwrap();
        assert!(low < slope && slope < high);
        assert_eq!(Growth::of(&[], None, Band::Always), None);
    }

    #[test]
    fn appliances_add_up_only_on_days_on_which_all_were_read() {
        let hour = 3_600;
        let a = vec![(0, 1), (DAY_SECS, 2), (3 * DAY_SECS, 4)];
        let b = vec![(hour, 10), (2 * DAY_SECS, 30), (3 * DAY_SECS + hour, 40)];
        assert_eq!(
            together(&[a.clone(), b]),
            [(hour, 11), (3 * DAY_SECS + hour, 44)]
        );
        assert_eq!(together(std::slice::from_ref(&a)), a);
        assert_eq!(together(&[]), []);
        assert_eq!(change(&a, 5 * hour, 3 * DAY_SECS), Some(3));
        assert_eq!(change(&a, 0, 2 * DAY_SECS), None);
    }

    #[test]
    fn a_window_has_the_last_reading_of_each_day_since_a_time() {
        let points = [(0, 1), (DAY_SECS, 2), (DAY_SECS + 9, 3), (2 * DAY_SECS, 4)];
        assert_eq!(
            window(&points, DAY_SECS),
            [(DAY_SECS + 9, 3), (2 * DAY_SECS, 4)]
        );
        assert_eq!(window(&points, 3 * DAY_SECS), []);
    }
}
