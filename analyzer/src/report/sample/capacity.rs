//! Two pools: one with a history, one without.

use super::{DAY, GIB, NOW, TIB, appliance, pool};
use crate::report::model::{
    History, HistoryPoint, HistoryState, Line, Moment, PoolCapacity, Prose, Slice, SliceKind,
};
use crate::report::number::{Number, Round};

pub(super) fn pools() -> Vec<PoolCapacity> {
    vec![
        filled(
            0,
            20 * TIB,
            [11_950 * GIB, 3_090 * GIB, 1_816 * GIB],
            Some(90),
        ),
        filled(1, 36 * TIB, [17_200 * GIB, 2_048 * GIB, 4_096 * GIB], None),
    ]
}

fn filled(at: usize, size: i64, parts: [i64; 3], n_days: Option<i64>) -> PoolCapacity {
    let used: i64 = parts.iter().sum();
    let to_80 = (size * 8 / 10 - used).max(0);
    let to_100 = size - used - to_80;
    let sizes = [parts[0], parts[1], parts[2], to_80, to_100];
    let slices = SliceKind::ALL
        .into_iter()
        .zip(sizes)
        .map(|(kind, raw)| {
            let round = match kind {
                SliceKind::FreeTo80 | SliceKind::FreeTo100 => Round::Down,
                _ => Round::Up,
            };
            Slice {
                kind,
                number: Number::bytes(raw, round),
                share: Number::share(raw, size, round),
            }
        })
        .collect();
    let growth = Number::bytes_per_day(17 * GIB + GIB / 5, Round::Up);
    PoolCapacity {
        pool: pool(at),
        appliance: appliance(at),
        size: Number::bytes(size, Round::Down),
        used: Number::bytes(used, Round::Up),
        used_share: Number::share(used, size, Round::Up),
        headline: Prose::new()
            .number(Number::share(used, size, Round::Up))
            .text(" of ")
            .number(Number::bytes(size, Round::Down))
            .text(" used, of which ")
            .number(Number::bytes(parts[1], Round::Up))
            .text(" only by snapshots; ")
            .number(Number::bytes(to_80, Round::Down))
            .text(" free below 80\u{202F}%."),
        slices,
        history: match n_days {
            None => HistoryState::TooShort(
                Prose::words("Not enough history: ")
                    .number(Number::part(3, 7))
                    .text(" days. A line through fewer would mislead."),
            ),
            Some(n_days) => HistoryState::Enough(History {
                points: (0..=n_days).map(|day| point(day, n_days, used)).collect(),
                lines: [8, 9, 10]
                    .into_iter()
                    .map(|tenth| Line {
                        label: format!("{}\u{202F}%", tenth * 10),
                        number: Number::bytes(size / 10 * tenth, Round::Down),
                    })
                    .collect(),
                source: "zfs_dataset_space".to_owned(),
                growth,
            }),
        },
    }
}

fn point(day: i64, n_days: i64, used: i64) -> HistoryPoint {
    let step = if day < 41 { -420 * GIB } else { 0 };
    let wave = (day * 37 % 11 - 5) * 9 * GIB;
    let raw = used - (n_days - day) * 17 * GIB + step + if day == n_days { 0 } else { wave };
    HistoryPoint {
        at: Moment::at(NOW - (n_days - day) * DAY),
        used: Number::bytes(raw, Round::Up),
    }
}
