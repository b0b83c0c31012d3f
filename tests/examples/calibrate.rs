//! Calibrates the forecast: series of known kinds, whose future is known too, against the band and the gate.
//!
//! The truth is the first later reading at or above the level, at the rhythm of the history. A series whose level is
//! never met, or is met beyond three times the history, should get no date. Kinds that grow are drawn until the share
//! of dates that are covered is known to two points. An argument is the first seed.

use std::process::ExitCode;

use truenas_analyzer::trend::{Forecast, trend};

/// Dates of each kind that grows: `1.96 * sqrt(0.8 * 0.2 / n)` is below two points.
const DATES: usize = 1_600;
/// Series at most, when the gate lets few dates through.
const MAX_SERIES: u64 = 10_000;
/// Series of the kinds that should get no date.
const SERIES: u64 = 400;
/// Covered dates of a hundred that are right for a band of 80 %.
const RIGHT: std::ops::RangeInclusive<f64> = 75.0..=85.0;
const DAY: f64 = 86_400.0;
/// Bytes of the pool.
const SIZE: f64 = 100e12;
const LEVEL: f64 = 0.8 * SIZE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Even growth, independent noise.
    Linear,
    /// A week, and in long histories a month, on top of it.
    Seasonal,
    /// One jump upwards in the history.
    Step,
    /// One cleanup in the history.
    Cleanup,
    /// Every day grows by another amount, and what was missed is not made up for.
    Walk,
    /// No growth; the noise depends on the day before.
    Noise,
    /// Shrinks.
    Shrinking,
    /// Growth that was seen for less than two weeks.
    Short,
    /// Growth whose level is more than three times the history away.
    Far,
}

const KINDS: [Kind; 9] = [
    Kind::Linear,
    Kind::Seasonal,
    Kind::Step,
    Kind::Cleanup,
    Kind::Walk,
    Kind::Noise,
    Kind::Shrinking,
    Kind::Short,
    Kind::Far,
];

impl Kind {
    /// Whether its series meet the level while a date can be given.
    fn has_dates(self) -> bool {
        !matches!(
            self,
            Self::Noise | Self::Shrinking | Self::Short | Self::Far
        )
    }
}

/// A history and the days after it until the level is met.
struct Series {
    history: Vec<(i64, i64)>,
    truth: Option<f64>,
}

fn series(kind: Kind, seed: u64) -> Series {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9) ^ (kind as u64) << 40);
    let span = match kind {
        Kind::Short => random.between(4.0, 13.0),
        _ => random.between(21.0, 180.0),
    };
    let gap = if span > 90.0 {
        [1.0, 2.0, 7.0][random.below(3)]
    } else {
        [1.0, 1.0, 2.0][random.below(3)]
    };
    let ahead = match kind {
        Kind::Far => random.between(4.0, 8.0),
        _ => random.between(0.2, 1.8),
    };
    let growth = random.between(0.3, 1.0) * 0.7 * SIZE / (span * (1.0 + ahead));
    let grown = growth * span;
    let noise = random.between(0.02, 0.2) * grown;
    let (week, month) = match kind {
        Kind::Seasonal => (
            random.between(0.5, 2.0) * noise,
            random.between(0.0, 1.5) * noise,
        ),
        _ => (0.0, 0.0),
    };
    let month = if span > 75.0 { month } else { 0.0 };
    let phases = (random.between(0.0, 7.0), random.between(0.0, 30.4));
    let jump_at = random.between(0.2, 0.6) * span;
    let jump = match kind {
        Kind::Step => random.between(0.5, 1.0) * grown.max(6.0 * noise),
        Kind::Cleanup => -random.between(0.5, 1.0) * grown.max(6.0 * noise),
        _ => 0.0,
    };
    let slope = match kind {
        Kind::Noise => 0.0,
        Kind::Shrinking => -growth / 2.0,
        _ => growth,
    };
    let now = match kind {
        Kind::Noise | Kind::Shrinking => LEVEL - random.between(0.3, 1.0) * grown,
        _ => LEVEL - growth * ahead * span,
    };
    let (mut walked, mut last, mut carried) = (0.0, 0.0, 0.0);
    let mut value = |day: f64, random: &mut Random| {
        let days: f64 = day - last;
        last = day;
        let shake = match kind {
            Kind::Walk => {
                walked += random.normal() * noise * (days / span).sqrt() * 2.0;
                walked
            }
            Kind::Noise => {
                carried = 0.5 * carried + random.normal() * noise;
                carried
            }
            Kind::Seasonal => random.normal() * noise / 2.0,
            _ => random.normal() * noise,
        };
        let wave = |amplitude: f64, period: f64, phase: f64| {
            amplitude * (std::f64::consts::TAU * (day + phase) / period).sin()
        };
        let jumped = if day < jump_at { -jump } else { 0.0 };
        now + slope * (day - span)
            + jumped
            + shake
            + wave(week, 7.0, phases.0)
            + wave(month, 30.4, phases.1)
    };
    let mut history = Vec::new();
    let mut day = 0.0;
    while day <= span {
        let bytes = value(day, &mut random);
        if history.is_empty() || random.between(0.0, 1.0) > 0.1 {
            history.push(((day * DAY) as i64, bytes.max(0.0) as i64));
        }
        day += gap * random.between(0.9, 1.1);
    }
    let (end, mut before) = history
        .last()
        .map_or((0.0, 0.0), |(at, bytes)| (*at as f64 / DAY, *bytes as f64));
    let mut truth = None;
    let mut earlier = end;
    while day < end + 20.0 * span {
        let bytes = value(day, &mut random);
        if bytes >= LEVEL {
            let part = (LEVEL - before) / (bytes - before);
            truth = Some(earlier - end + part.clamp(0.0, 1.0) * (day - earlier));
            break;
        }
        (earlier, before) = (day, bytes);
        day += gap;
    }
    Series { history, truth }
}

#[derive(Clone, Copy, Default)]
struct Row {
    n: usize,
    dated: usize,
    early: usize,
    late: usize,
    covered: usize,
    should_refuse: usize,
    refused: usize,
    width: f64,
}

impl Row {
    /// Share of covered dates, and how far from it the true one may be (95 %).
    fn coverage(&self) -> Option<(f64, f64)> {
        let n = self.dated as f64;
        let share = self.covered as f64 / n;
        let error = 1.96 * (share * (1.0 - share) / n).sqrt();
        (self.dated > 0).then_some((100.0 * share, 100.0 * error))
    }
}

fn row(kind: Kind, first: u64) -> Row {
    let mut row = Row::default();
    let most = if kind.has_dates() { MAX_SERIES } else { SERIES };
    for seed in first..first + most {
        if row.dated == DATES {
            break;
        }
        let series = series(kind, seed);
        let span = series.history.last().map_or(0, |(at, _)| *at) as f64 / DAY;
        let Some(trend) = trend(&series.history, &[LEVEL], 1.0) else {
            continue;
        };
        let forecast = trend.dates[0];
        if forecast == Forecast::Reached {
            continue;
        }
        row.n += 1;
        let should_refuse = matches!(kind, Kind::Noise | Kind::Shrinking | Kind::Short)
            || series.truth.is_none_or(|truth| truth > 3.0 * span);
        row.should_refuse += usize::from(should_refuse);
        match forecast {
            Forecast::Within(band, _) => {
                let truth = series
                    .truth
                    .filter(|_| !matches!(kind, Kind::Noise | Kind::Shrinking))
                    .unwrap_or(f64::INFINITY);
                row.dated += 1;
                row.width += (band.late.min(4.0 * span) - band.early) / span;
                let is_covered = band.early <= truth && truth <= band.late && (truth.is_finite());
                row.covered += usize::from(is_covered);
                row.early += usize::from(truth < band.early);
                row.late += usize::from(truth > band.late);
            }
            _ => row.refused += usize::from(should_refuse),
        }
    }
    row
}

fn main() -> ExitCode {
    let first = std::env::args().nth(1).map_or(Ok(0), |seed| seed.parse());
    let Ok(first) = first else {
        eprintln!("calibrate: the first seed is a number, such as 1000");
        return ExitCode::from(2);
    };
    let rows = std::thread::scope(|scope| {
        let threads = KINDS.map(|kind| scope.spawn(move || row(kind, first)));
        threads.map(|thread| thread.join().unwrap_or_default())
    });
    let share = |part: usize, whole: usize| match whole {
        0 => "-".to_owned(),
        _ => format!("{:.1}", 100.0 * part as f64 / whole as f64),
    };
    println!(
        "{:<10} {:>6} {:>6} {:>6} {:>6} {:>6} {:>9} {:>4} {:>10} {:>9}",
        "kind",
        "series",
        "dated",
        "before",
        "after",
        "width",
        "covered %",
        "+-",
        "to refuse",
        "refused %"
    );
    let is_right = |row: &Row| {
        row.coverage()
            .is_some_and(|(share, _)| RIGHT.contains(&share))
    };
    let (mut all, mut are_right) = (Row::default(), true);
    for (kind, row) in KINDS.iter().zip(&rows) {
        are_right &= is_right(row) || !kind.has_dates();
        println!(
            "{:<10} {:>6} {:>6} {:>6} {:>6} {:>6.2} {:>9} {:>4} {:>10} {:>9}",
            format!("{kind:?}").to_lowercase(),
            row.n,
            row.dated,
            row.early,
            row.late,
            row.width / row.dated.max(1) as f64,
            share(row.covered, row.dated),
            row.coverage()
                .map_or_else(|| "-".to_owned(), |(_, error)| format!("{error:.1}")),
            row.should_refuse,
            share(row.refused, row.should_refuse)
        );
        all.dated += row.dated;
        all.covered += row.covered;
        all.should_refuse += row.should_refuse;
        all.refused += row.refused;
    }
    println!(
        "coverage80 {} refused-rightly {}",
        share(all.covered, all.dated),
        share(all.refused, all.should_refuse)
    );
    if are_right && is_right(&all) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A linear congruential generator with an output mix is enough to spread series.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 32)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.unit() * bound as f64) as usize
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().max(1e-300).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}
