//! The spread of dates: futures drawn from what the readings did around their line.

use super::order::{median, quantile};
use super::random::Random;
use super::significance::correlation;
use super::{Line, Reading};

const DRAWS: usize = 2_000;
/// The same where the slope is all that is asked: its bounds move by 3 % of their distance against those of more draws
/// (8 % in one series of twenty), which is enough for a pace, and thousands of lines have one.
const SLOPE_DRAWS: usize = 500;
/// Shortest block of residuals that is drawn together.
const MIN_BLOCK: usize = 3;
/// Slopes of one refit; of more pairs an even choice is taken (Theil's incomplete method).
const MAX_PAIRS: usize = 1_000;
/// What the blocks still lack, measured on series whose future is known (`--example calibrate`).
const WIDEN: f64 = 1.2;
/// The same where the level wanders: a line through few readings of it looks better than it is.
const WIDEN_WALK: f64 = 2.0;
/// Spans of history that a future is followed; what comes later is later than the horizon.
const SPANS: f64 = 4.0;

/// Days from the last reading: 10 %, 50 % and 90 % of the draws; infinite when later than [`SPANS`] spans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// One of ten draws is earlier.
    pub early: f64,
    /// Half of the draws are earlier.
    pub median: f64,
    /// One of ten draws is later.
    pub late: f64,
}

/// Bands of the slope and of the first reading at each level.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// Bytes a day: 10 % and 90 %.
    pub slope: (f64, f64),
    /// One for each level asked.
    pub dates: Vec<Band>,
}

/// Moving-block bootstrap (Künsch 1989): blocks of neighbouring residuals, widened by `sqrt(n / (n - 2))` for the two
/// coefficients they were fitted with, are put on the line; it is fitted again and goes on from there, with blocks
/// drawn on, one reading every median gap, until a reading meets the level. From now on growth is `pace` times that of
/// the line.
#[must_use]
pub fn draws(readings: &[Reading], line: Line, levels: &[f64], pace: f64) -> Draws {
    let n = readings.len();
    let mut random = Random::of(readings);
    let model = Noise::of(readings, line);
    let pairs = pairs(readings);
    let gap = median_gap(readings);
    let now = readings[n - 1].day;
    let span = now - readings[0].day;
    let n_steps = (SPANS * span / gap).ceil() as usize;
    let n_draws = if levels.is_empty() {
        SLOPE_DRAWS
    } else {
        DRAWS
    };
    let mut slopes = Vec::with_capacity(n_draws);
    let mut dates = vec![Vec::with_capacity(n_draws); levels.len()];
    let mut scratch = Vec::with_capacity(pairs.len());
    for _ in 0..n_draws {
        let noise = model.draw(n, &mut random);
        scratch.clear();
        scratch.extend(
            pairs
                .iter()
                .map(|(i, j, days)| (noise[*j] - noise[*i]) / days),
        );
        let turn = model.refit * median(&mut scratch);
        let mut offsets: Vec<f64> = readings
            .iter()
            .zip(&noise)
            .map(|(reading, noise)| noise * model.refit - turn * reading.day)
            .collect();
        let shift = median(&mut offsets);
        let drawn = Line {
            intercept: line.intercept + shift,
            slope: line.slope + turn,
        }
        .at_pace(now, pace);
        slopes.push(drawn.slope);
        if levels.is_empty() {
            continue;
        }
        let future = model.draw(n_steps, &mut random);
        let mut met = vec![f64::INFINITY; levels.len()];
        let mut before = readings[n - 1].bytes;
        let mut left = levels.len();
        for (step, noise) in future.iter().enumerate() {
            let ahead = (step + 1) as f64 * gap;
            let from = if model.is_walk {
                readings[n - 1].bytes + drawn.slope * ahead
            } else {
                drawn.at(now + ahead)
            };
            let bytes = from + noise;
            for (met, level) in met.iter_mut().zip(levels) {
                if met.is_infinite() && bytes >= *level {
                    let part = ((level - before) / (bytes - before)).clamp(0.0, 1.0);
                    *met = (step as f64 + part) * gap;
                    left -= 1;
                }
            }
            if left == 0 {
                break;
            }
            before = bytes;
        }
        dates
            .iter_mut()
            .zip(met)
            .for_each(|(dates, met)| dates.push(met));
    }
    slopes.sort_by(f64::total_cmp);
    let band = |mut dates: Vec<f64>| {
        dates.sort_by(f64::total_cmp);
        Band {
            early: quantile(&dates, 0.1),
            median: quantile(&dates, 0.5),
            late: quantile(&dates, 0.9),
        }
    };
    Draws {
        slope: (quantile(&slopes, 0.1), quantile(&slopes, 0.9)),
        dates: dates.into_iter().map(band).collect(),
    }
}

/// Days between neighbouring readings.
pub(super) fn median_gap(readings: &[Reading]) -> f64 {
    let mut gaps: Vec<f64> = readings
        .windows(2)
        .map(|pair| pair[1].day - pair[0].day)
        .collect();
    median(&mut gaps).max(1.0 / 24.0)
}

/// What the readings do around their line.
struct Noise {
    /// Residuals, or the steps between them when their level wanders.
    values: Vec<f64>,
    block: usize,
    is_walk: bool,
    /// Spread that refits lack because blocks repeat; the noise of the future has it right.
    refit: f64,
}

impl Noise {
    fn of(readings: &[Reading], line: Line) -> Self {
        let residuals = line.residuals(readings);
        let is_walk = wanders(&residuals);
        let mut values = residuals;
        if is_walk {
            let gap = median_gap(readings);
            let pairs = values.windows(2).zip(readings.windows(2));
            let step = |(noise, time): (&[f64], &[Reading])| {
                (noise[1] - noise[0]) / ((time[1].day - time[0].day) / gap).max(0.01).sqrt()
            };
            values = pairs.map(step).collect();
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n.max(1.0);
        let block = block(&values);
        let widen = (n / (n - 2.0).max(1.0)).sqrt();
        let lack = if is_walk { WIDEN_WALK } else { WIDEN };
        let refit =
            lack * ((n - 2.0).max(1.0) / (n - 2.0 * block as f64 - 2.0).max(n / 2.0)).sqrt();
        for value in &mut values {
            *value = (*value - mean) * widen;
        }
        Self {
            values,
            block,
            is_walk,
            refit,
        }
    }

    /// Noise of `n` readings in a row; that of a walk counts from the one before.
    fn draw(&self, n: usize, random: &mut Random) -> Vec<f64> {
        let mut drawn = Vec::with_capacity(n + self.block);
        while drawn.len() < n {
            let from = random.below(self.values.len() - self.block + 1);
            drawn.extend_from_slice(&self.values[from..from + self.block]);
        }
        drawn.truncate(n);
        if self.is_walk {
            let mut sum = 0.0;
            for value in &mut drawn {
                sum += *value;
                *value = sum;
            }
        }
        drawn
    }
}

/// Whether residuals wander rather than return: their correlation at lag one is what a random walk less its line has,
/// `n (r - 1) > -18` (Dickey and Fuller 1979, with trend, 10 %). Of short series the test knows little; there `r > 0.3`.
fn wanders(residuals: &[f64]) -> bool {
    let n = residuals.len() as f64;
    correlation(residuals, 1) > (1.0 - 18.0 / n).max(0.3)
}

/// Block length: up to the last lag at which residuals still depend on each other, at least three, at most a third.
fn block(residuals: &[f64]) -> usize {
    let n = residuals.len();
    let limit = 1.96 / (n as f64).sqrt();
    let most = (n / 3).max(1);
    let least = MIN_BLOCK.max((n as f64).cbrt().ceil() as usize);
    let lag = (1..most)
        .take_while(|lag| correlation(residuals, *lag).abs() > limit)
        .count();
    least.max(2 * lag).min(most)
}

/// Pairs of readings whose slopes a refit takes the median of.
fn pairs(readings: &[Reading]) -> Vec<(usize, usize, f64)> {
    let n = readings.len();
    let all = n * (n - 1) / 2;
    let stride = all.div_ceil(MAX_PAIRS);
    let pairs = (0..n).flat_map(|j| (0..j).map(move |i| (i, j)));
    let days = |(i, j): (usize, usize)| (i, j, readings[j].day - readings[i].day);
    pairs
        .map(days)
        .filter(|(_, _, days)| *days > 0.0)
        .step_by(stride | 1)
        .collect()
}
