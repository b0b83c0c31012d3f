//! The worked examples of the trend, to the printed digits.

use super::*;

const GIB: f64 = (1_u64 << 30) as f64;

/// Weekly readings of a pool of 20 480 GiB, with a spike on day 49.
const WEEKLY: [f64; 13] = [
    11_962.0, 12_041.0, 12_215.0, 12_288.0, 12_470.0, 12_493.0, 12_700.0, 13_390.0, 12_853.0,
    13_066.0, 13_085.0, 13_310.0, 13_343.0,
];
const LEVEL: f64 = 16_384.0;
const NOW: f64 = 84.0;

fn weekly() -> Vec<Reading> {
    let reading = |(week, bytes): (usize, &f64)| Reading {
        day: week as f64 * 7.0,
        bytes: *bytes,
    };
    WEEKLY.iter().enumerate().map(reading).collect()
}

fn points(readings: &[Reading]) -> Vec<(i64, i64)> {
    let point = |reading: &Reading| ((reading.day * DAY) as i64, (reading.bytes * GIB) as i64);
    readings.iter().map(point).collect()
}

#[track_caller]
fn check(value: f64, digits: usize, text: &str) {
    assert_eq!(format!("{value:.digits$}"), text);
}

#[test]
fn the_line_and_its_interval_are_those_of_the_worked_example() {
    let line = Line::through(&weekly());
    check(line.slope, 2, "17.14");
    check(line.intercept, 0, "11962");
    check(line.days_to(LEVEL, NOW).unwrap(), 1, "174.0");
    check(line.days_to(20_480.0, NOW).unwrap(), 1, "412.9");
    for (z, level, early, late) in [
        (1.2816, LEVEL, "169.7", "184.7"),
        (1.9600, LEVEL, "163.7", "191.3"),
        (1.2816, 20_480.0, "402.8", "438.5"),
    ] {
        let (low, high) = slope_interval(&weekly(), z).unwrap();
        // The level of today stays where the line has it.
        let days = |slope| (level - line.at(NOW)) / slope;
        check(days(high), 1, early);
        check(days(low), 1, late);
    }
}

#[test]
fn growth_is_told_by_month_and_by_year_as_in_the_worked_example() {
    let line = Line::through(&weekly());
    check(100.0 * line.slope * 30.4375 / WEEKLY[12], 1, "3.9");
    let yearly = (WEEKLY[12] / WEEKLY[0]).powf(365.25 / NOW) - 1.0;
    check(100.0 * yearly, 1, "60.8");
}

#[test]
fn the_spike_is_marked_and_the_line_stays() {
    let residuals = Line::through(&weekly()).residuals(&weekly());
    check(spread(&residuals).1, 1, "34.0");
    let scores = scores(&residuals);
    check(scores[7], 2, "11.66");
    assert_eq!(scores.iter().filter(|z| z.abs() > LIMIT).count(), 1);
    assert_eq!(last_step(&weekly()), 0);
}

#[test]
fn growth_is_no_chance_and_ties_count_for_nothing() {
    let significance = mann_kendall(&weekly());
    assert_eq!(significance.s, 68);
    check(significance.z, 2, "4.09");
    assert_eq!(format!("{:.0e}", significance.p), "4e-5");
    let flat: Vec<Reading> = (0..9)
        .map(|day| Reading {
            day: f64::from(day),
            bytes: f64::from(i32::from(day > 7)),
        })
        .collect();
    // Eight equal readings and one above: S = 8, V = (9 * 8 * 23 - 8 * 7 * 21) / 18 = 80 / 3.
    let significance = mann_kendall(&flat);
    assert_eq!(significance.s, 8);
    check(
        significance.z,
        4,
        &format!("{:.4}", 7.0 / (80.0_f64 / 3.0).sqrt()),
    );
}

#[test]
fn past_forecasts_miss_by_what_the_worked_example_says() {
    for (ahead, median) in [(7.0, "83"), (14.0, "71"), (28.0, "89")] {
        check(backtest(&weekly(), ahead).unwrap().median, 0, median);
    }
    check(backtest(&weekly(), 14.0).unwrap().max, 0, "644");
}

#[test]
fn least_squares_and_its_band_lie_around_the_line_as_in_the_worked_example() {
    let fit = |readings: &[Reading]| {
        let n = readings.len() as f64;
        let mean = |value: fn(&Reading) -> f64| readings.iter().map(value).sum::<f64>() / n;
        let (day, bytes) = (mean(|reading| reading.day), mean(|reading| reading.bytes));
        let sum = |value: &dyn Fn(&Reading) -> f64| readings.iter().map(value).sum::<f64>();
        let days = sum(&|reading| (reading.day - day).powi(2));
        let both = sum(&|reading| (reading.day - day) * (reading.bytes - bytes));
        let all = sum(&|reading| (reading.bytes - bytes).powi(2));
        let slope = both / days;
        let rest = all - slope * both;
        (
            slope,
            day,
            bytes,
            days,
            (rest / (n - 2.0)).sqrt(),
            1.0 - rest / all,
        )
    };
    let (slope, day, bytes, days, s, r2) = fit(&weekly());
    check(slope, 2, "17.35");
    check(s, 0, "181");
    check(r2, 2, "0.88");
    let at = |time: f64| bytes + slope * (time - day);
    check((LEVEL - at(NOW)) / slope, 1, "169.8");
    // Quantiles of Student's t with eleven degrees of freedom.
    for (t, early, late) in [(1.363_43, "138.9", "210.6"), (2.200_99, "123.2", "243.1")] {
        for (sign, text) in [(1.0, early), (-1.0, late)] {
            let edge = |ahead: f64| {
                let time = NOW + ahead;
                let width = (1.0 + 1.0 / 13.0 + (time - day).powi(2) / days).sqrt();
                at(time) + sign * t * s * width
            };
            // The first tenth of a day on which the edge meets the level.
            let met = (0..3_000).map(|tenth| f64::from(tenth) / 10.0);
            check(
                met.into_iter().find(|ahead| edge(*ahead) >= LEVEL).unwrap(),
                1,
                text,
            );
        }
    }
    let mut without = weekly();
    without.remove(7);
    check(fit(&without).0, 2, "16.87");
}

#[test]
fn a_date_twice_the_history_away_is_none() {
    let levels = [LEVEL * GIB, 20_480.0 * GIB, 14_000.0 * GIB, 13_000.0 * GIB];
    let trend = trend(&points(&weekly()), &levels, 1.0).unwrap();
    let far = Forecast::Refused(Refusal::Far(168.0));
    assert_eq!(trend.dates[..2], [far, far]);
    assert_eq!(Refusal::Far(168.0).to_string(), "more than 168 days");
    let Forecast::Within(band, Quality::Good) = trend.dates[2] else {
        panic!("a date in six weeks")
    };
    assert!(
        band.early < band.median && band.median < band.late,
        "{band:?}"
    );
    assert_eq!(trend.dates[3], Forecast::Reached);
    assert_eq!(trend.outliers, [49 * 86_400]);
}

#[test]
fn the_gate_says_what_is_missing() {
    let days = |n: i64, bytes: fn(i64) -> i64| {
        let points: Vec<(i64, i64)> = (0..n).map(|day| (day * 86_400, bytes(day))).collect();
        trend(&points, &[1e6], 1.0).unwrap().dates[0]
    };
    assert_eq!(
        days(7, |day| day * 9),
        Forecast::Refused(Refusal::Few(7, 8))
    );
    assert_eq!(
        days(14, |day| day * 9),
        Forecast::Refused(Refusal::Short(13.0))
    );
    assert_eq!(
        days(30, |day| 900 - day * 9),
        Forecast::Refused(Refusal::NoGrowth)
    );
    assert_eq!(
        days(30, |day| 900 + day * 7 % 5),
        Forecast::Refused(Refusal::NoGrowth)
    );
    assert_eq!(days(30, |_| 900), Forecast::Refused(Refusal::NoGrowth));
    assert_eq!(trend(&[], &[1.0], 1.0), None);
}

#[test]
fn nothing_is_fitted_across_a_cleanup() {
    let point = |day: i64| {
        let kept = if day < 40 { 500_000 } else { 0 };
        (
            day * 86_400,
            100_000 + kept + day * 1_000 + day * 7 % 5 * 100,
        )
    };
    let points: Vec<(i64, i64)> = (0..80).map(point).collect();
    let trend = trend(&points, &[200_000.0], 1.0).unwrap();
    assert_eq!((trend.since, trend.is_after_step), (42 * 86_400, true));
    let Forecast::Within(band, Quality::Good) = trend.dates[0] else {
        panic!("{:?}", trend.dates)
    };
    assert!((band.median - 21.0).abs() < 1.0, "{band:?}");
}

#[test]
fn one_history_gives_one_answer() {
    let ask = || trend(&points(&weekly()), &[14_000.0 * GIB], 1.0);
    assert_eq!(ask(), ask());
}

#[test]
fn growth_at_another_pace_starts_from_the_line_and_not_from_the_last_reading() {
    // A steady line whose last reading is far below it, or far above it.
    for last in [-1_000.0, 0.0, 700.0] {
        let mut points: Vec<(i64, i64)> = (0..60)
            .map(|day| (day * 86_400, ((10_000.0 + 20.0 * day as f64) * GIB) as i64))
            .collect();
        points[59].1 += (last * GIB) as i64;
        let level = [(10_000.0 + 20.0 * 59.0 + 800.0) * GIB];
        let days = |pace: f64| match trend(&points, &level, pace).unwrap().dates[0] {
            Forecast::Within(band, _) => band.median,
            other => panic!("{last}: {other:?}"),
        };
        assert!((days(1.0) - 40.0).abs() < 2.0, "{last}: {}", days(1.0));
        assert!((days(2.0) - 20.0).abs() < 2.0, "{last}: {}", days(2.0));
    }
}

#[test]
fn the_bounds_of_a_slope_without_a_level_are_those_with_one() {
    for seed in 0..12 {
        let seed = Reading {
            day: f64::from(seed),
            bytes: 1.0,
        };
        let mut random = random::Random::of(&[seed]);
        let points: Vec<(i64, i64)> = (0..90)
            .map(|day| (day * 86_400, day * 100 + random.below(1_000) as i64))
            .collect();
        let slope = |levels: &[f64]| trend(&points, levels, 1.0).unwrap().slope;
        let ((low, high), (least, most)) = (slope(&[]), slope(&[1e9]));
        let apart = (low - least).abs().max((high - most).abs());
        assert!(least < most && low < high, "{seed:?}");
        assert!(apart < 0.2 * (most - least), "{seed:?}: {apart}");
    }
}

/// Share of the series, in hundredths, whose first reading at the level is inside the band: even growth, three-daily
/// readings, noise or a walk of so many bytes, the level two thirds of the history ahead.
fn covered(noise: f64, walk: f64) -> usize {
    let is_covered = |seed: u64| {
        let mut random = random::Random::of(&[Reading {
            day: seed as f64,
            bytes: noise,
        }]);
        let mut walked = 0.0;
        let mut next = |step: i32| {
            walked += 60.0 + walk * random.normal();
            Reading {
                day: f64::from(step) * 3.0,
                bytes: walked + noise * random.normal(),
            }
        };
        let readings: Vec<Reading> = (0..36).map(&mut next).collect();
        let level = 60.0 * 60.0;
        let mut before = readings[35];
        let met = (36..200).map(next).find_map(|reading| {
            let part = (level - before.bytes) / (reading.bytes - before.bytes);
            let day = before.day + part.clamp(0.0, 1.0) * (reading.day - before.day);
            before = reading;
            (reading.bytes >= level).then_some(day)
        });
        let band = draws(&readings, Line::through(&readings), &[level], 1.0).dates[0];
        let days = met.map_or(f64::INFINITY, |day| day - readings[35].day);
        band.early <= days && days <= band.late
    };
    (0..100).filter(|seed| is_covered(*seed)).count()
}

/// A band half as wide covers 48 of a hundred, and one twice as wide 99.
#[test]
fn four_of_five_futures_lie_in_the_band() {
    for (noise, walk) in [(120.0, 0.0), (1.0, 60.0)] {
        let covered = covered(noise, walk);
        assert!((68..=92).contains(&covered), "{noise} {walk}: {covered}");
    }
}

/// Bytes between the dates of the band, at the slope.
fn width(bytes: impl Fn(f64) -> f64) -> f64 {
    let mut random = random::Random::of(&[]);
    let reading = |day: i32| Reading {
        day: f64::from(day),
        bytes: 1_000.0 * f64::from(day) + bytes(f64::from(day)) + 300.0 * random.normal(),
    };
    let readings: Vec<Reading> = (0..60).map(reading).collect();
    let band = draws(&readings, Line::through(&readings), &[100_000.0], 1.0).dates[0];
    (band.late - band.early) * 1_000.0
}

#[test]
fn a_week_is_no_noise() {
    let wave = |day: f64| 3_000.0 * (std::f64::consts::TAU * day / 7.0).sin();
    let (without, with) = (width(|_| 0.0), width(wave));
    assert!(with < 3.0 * without, "{without} {with}");
    // The same height without a rhythm.
    let mixed = width(|day| wave((day * day * 0.37).floor()));
    assert!(mixed > 2.0 * with, "{with} {mixed}");
}

#[test]
fn a_level_that_wanders_is_not_taken_for_steps() {
    let mut random = random::Random::of(&[]);
    let mut walked = 0.0;
    let point = |day: i64| {
        walked += 1e9 + 1.2e9 * random.normal();
        (day * 86_400, walked as i64)
    };
    let points: Vec<(i64, i64)> = (0..90).map(point).collect();
    let level = walked + 40e9;
    let trend = trend(&points, &[level], 1.0).unwrap();
    assert!(!trend.is_after_step);
    assert!(
        !matches!(trend.dates[0], Forecast::Refused(Refusal::Unclear)),
        "{:?}",
        trend.dates
    );
}
