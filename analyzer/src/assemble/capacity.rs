//! Space of each pool as its root dataset reports it.

use super::Context;
use super::frame::Rows;
use crate::growth::{Band, Growth};
use crate::report::model::{
    History, HistoryPoint, HistoryState, Line, Moment, Name, PoolCapacity, Prose, Slice, SliceKind,
};
use crate::report::number::{Number, Round, Unit};
use crate::trend::daily;

const DAY: i64 = 86_400;
/// A line through less than this would mislead.
const MIN_DAYS: i64 = 7;
const MIN_POINTS: usize = 4;

/// Space of one pool in bytes; the parts add up to the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Space {
    size: i64,
    used: i64,
    live: i64,
    snapshots: i64,
    reservation: i64,
    to_80: i64,
    to_100: i64,
}

impl Space {
    fn new(used: i64, available: i64, snapshots: i64, reservation: i64) -> Self {
        let size = used.saturating_add(available);
        let snapshots = snapshots.clamp(0, used);
        let reservation = reservation.clamp(0, used - snapshots);
        let level = i64::try_from(i128::from(size) * 8 / 10).unwrap_or(size);
        let to_80 = (level - used).clamp(0, available);
        Self {
            size,
            used,
            live: used - snapshots - reservation,
            snapshots,
            reservation,
            to_80,
            to_100: available - to_80,
        }
    }

    fn parts(self) -> [(SliceKind, i64); 5] {
        let [live, snapshots, reservation, to_80, to_100] = SliceKind::ALL;
        [
            (live, self.live),
            (snapshots, self.snapshots),
            (reservation, self.reservation),
            (to_80, self.to_80),
            (to_100, self.to_100),
        ]
    }
}

/// Pools whose root dataset was read; the others are in the data-quality part as lists that failed.
pub(super) fn pools(context: &Context<'_>) -> Vec<PoolCapacity> {
    let rows = Rows::of(&context.analysis.estate, "nas_pool");
    let pool = |row: usize| {
        let (appliance, name) = (rows.text("appliance", row)?, rows.text("name", row)?);
        let space = space(context, appliance, name)?;
        Some(capacity(context, appliance, name, space))
    };
    rows.indexes().filter_map(pool).collect()
}

fn space(context: &Context<'_>, appliance: &str, pool: &str) -> Option<Space> {
    let rows = Rows::of(&context.analysis.estate, "zfs_dataset_space");
    let root = rows.find(&[("appliance", appliance), ("path", pool)])?;
    let (used, available) = (
        rows.integer("used_bytes", root)?,
        rows.integer("available_bytes", root)?,
    );
    let (mut snapshots, mut reservation) = (0_i64, 0_i64);
    let below = format!("{pool}/");
    for row in rows
        .indexes()
        .filter(|row| rows.text("appliance", *row) == Some(appliance))
    {
        let is_inside = rows
            .text("path", row)
            .is_some_and(|path| path == pool || path.starts_with(&below));
        if is_inside {
            let bytes = |column| rows.integer(column, row).unwrap_or_default();
            snapshots = snapshots.saturating_add(bytes("used_by_snapshots_bytes"));
            reservation = reservation.saturating_add(bytes("used_by_refreservation_bytes"));
        }
    }
    (used >= 0 && available >= 0).then(|| Space::new(used, available, snapshots, reservation))
}

fn capacity(context: &Context<'_>, appliance: &str, pool: &str, space: Space) -> PoolCapacity {
    let used_share = Number::share(space.used, space.size, Round::Up);
    let slices = space.parts().map(|(kind, raw)| {
        let is_free = matches!(kind, SliceKind::FreeTo80 | SliceKind::FreeTo100);
        let round = if is_free { Round::Down } else { Round::Up };
        Slice {
            kind,
            number: Number::bytes(raw, round),
            share: Number::share(raw, space.size, round),
        }
    });
    let headline = Prose::new()
        .number(used_share.clone())
        .text(" of ")
        .number(Number::bytes(space.size, Round::Down))
        .text(" used, of which ")
        .number(Number::bytes(space.snapshots, Round::Up))
        .text(" only by snapshots; ")
        .number(Number::bytes(space.to_80, Round::Down))
        .text(" free below 80\u{202F}%.");
    PoolCapacity {
        pool: Name::new("pool", pool),
        appliance: Name::new("appliance", appliance),
        size: Number::bytes(space.size, Round::Down),
        used: Number::bytes(space.used, Round::Up),
        used_share,
        headline,
        slices: slices.to_vec(),
        history: history(context, appliance, pool, space.size),
    }
}

fn history(context: &Context<'_>, appliance: &str, pool: &str, size: i64) -> HistoryState {
    let estate = &context.analysis.estate;
    let points = context
        .history
        .used_over_time(&estate.domain, appliance, pool, estate.now);
    state(&points, size)
}

fn state(points: &[(i64, i64)], size: i64) -> HistoryState {
    let span = points
        .first()
        .zip(points.last())
        .map_or(0, |((first, _), (last, _))| last - first);
    let Some(growth) = Growth::of(&daily(points), None, Band::Always) else {
        return HistoryState::TooShort(Prose::words(
            "Not enough history: this pool was never read before.",
        ));
    };
    if span < MIN_DAYS * DAY || points.len() < MIN_POINTS {
        let held = Number::part(span / DAY, MIN_DAYS);
        let words = Prose::words("Not enough history: ")
            .number(held)
            .text(" days, ");
        let n_points = Number::count_of(super::n(points.len()), "reading", "readings");
        return HistoryState::TooShort(
            words
                .number(n_points)
                .text(". A line through fewer would mislead."),
        );
    }
    HistoryState::Enough(History {
        points: points
            .iter()
            .map(|(at, used)| HistoryPoint {
                at: Moment::at(*at),
                used: Number::bytes(*used, Round::Up),
            })
            .collect(),
        lines: [8, 9, 10]
            .map(|tenth| Line {
                label: format!("{}\u{202F}%", tenth * 10),
                number: Number::bytes(size / 10 * tenth, Round::Down),
            })
            .to_vec(),
        source: "zfs_dataset_space".to_owned(),
        growth: paced(&growth),
    })
}

/// The line's bytes a day with its band, as `capacity` says them, or why growth cannot be told.
fn paced(growth: &Growth) -> Number {
    let Some((slope, (low, high))) = growth.pace() else {
        let reason = growth.refusal.map(|refusal| refusal.to_string());
        let reason = reason.unwrap_or_default();
        return Number::not_known(Unit::BytesPerDay, &format!("not told: {reason}"));
    };
    let number = Number::bytes_per_day(slope as i64, Round::Up);
    if low >= high {
        return number;
    }
    let low = Number::bytes(low as i64, Round::Down).text;
    let high = Number::bytes(high as i64, Round::Up).text;
    number.worded(|text| format!("{text} ({low} to {high})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(space: Space, parts: [i64; 5]) {
        assert_eq!(space.parts().map(|(_, raw)| raw), parts);
        assert_eq!(parts.iter().sum::<i64>(), space.size);
    }

    #[test]
    fn parts_of_a_pool_add_up_to_its_size() {
        check(Space::new(500, 500, 100, 50), [350, 100, 50, 300, 200]);
        check(Space::new(900, 100, 1_000, 50), [0, 900, 0, 0, 100]);
        check(Space::new(0, 0, 0, 0), [0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_history_of_less_than_a_week_is_no_line() {
        let days = |n: i64| (0..=n).map(|day| (day * DAY, day * 10)).collect::<Vec<_>>();
        assert!(matches!(state(&days(6), 100), HistoryState::TooShort(_)));
        assert!(matches!(state(&[], 100), HistoryState::TooShort(_)));
        let HistoryState::Enough(history) = state(&days(7), 100) else {
            panic!("a week is enough for the picture")
        };
        assert_eq!(history.growth.raw, None);
        assert_eq!(history.growth.text, "not told: 7 of 14 days needed");
    }

    #[test]
    fn one_spike_at_the_end_does_not_make_the_growth() {
        let used = |day: i64| 1_000_000 + day * 1_000 + day * day % 17 * 20;
        let mut points: Vec<_> = (0..30).map(|day| (day * DAY, used(day))).collect();
        points[29].1 += 900_000;
        let HistoryState::Enough(history) = state(&points, 9_000_000) else {
            panic!("a month is enough")
        };
        let per_day = history.growth.raw.expect("it grows");
        assert!((950..1_050).contains(&per_day), "{per_day}");
        assert!(history.growth.text.contains(" to "), "a band");
    }
}
