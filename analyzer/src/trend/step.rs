//! Changepoints: a reading from which on another line holds. No line is fitted across a cleanup.

use super::noise::Residuals;
use super::outlier::{spikes, spread};
use super::{Line, Reading};

/// Readings on either side of a changepoint.
const MIN_SIDE: usize = 5;
/// Fall of the residual sum of squares that a changepoint must bring, as an F value. The supremum over all places has a
/// 1 % bound near 8 for independent readings (Andrews 1993, two coefficients); dependent ones reach it more easily.
const MIN_F: f64 = 20.0;
/// Jump that counts, in spreads of the readings about their two lines.
const MIN_JUMP: f64 = 2.5;
/// Between this and [`MIN_F`] nobody can tell.
const MAYBE_F: f64 = 7.0;
const MAYBE_JUMP: f64 = 1.0;
/// Readings left out after a changepoint: its place is known to a reading or two only.
const MARGIN: usize = 2;
/// Changepoints looked for, the newest last.
const MAX_STEPS: usize = 4;

/// First reading after the last changepoint; zero without one.
#[must_use]
pub fn last_step(readings: &[Reading]) -> usize {
    let mut from = 0;
    for _ in 0..MAX_STEPS {
        let left = &readings[from..];
        let line = Line::through(left);
        let Some((step, true)) = step(left, line) else {
            break;
        };
        if !is_no_walk(left, line, step) {
            break;
        }
        from += step + MARGIN;
    }
    from
}

/// Whether there may be a changepoint that is too small to be sure of.
pub(super) fn is_unclear(readings: &[Reading], line: Line) -> bool {
    step(readings, line).is_some_and(|(step, _)| is_no_walk(readings, line, step))
}

/// A level that wanders looks as if it had jumped; where that explains more, nothing is cut, and the band is as wide as
/// wandering makes it.
fn is_no_walk(readings: &[Reading], line: Line, step: usize) -> bool {
    Residuals::of(readings, line).are_of_jump(readings[step].day)
}

/// Place where two least-squares lines, each with its own level and slope, explain most (Quandt 1960). Lone outliers
/// are left out: one or two readings are a spike, not a step.
fn step(readings: &[Reading], line: Line) -> Option<(usize, bool)> {
    let is_spike = spikes(readings, line);
    let kept: Vec<usize> = (0..readings.len()).filter(|at| !is_spike[*at]).collect();
    let n = kept.len();
    if n < 2 * MIN_SIDE {
        return None;
    }
    let kept_readings: Vec<Reading> = kept.iter().map(|at| readings[*at]).collect();
    let whole = Sums::of(&kept_readings).rest();
    let mut best: Option<(f64, usize)> = None;
    let mut left = Sums::of(&kept_readings[..MIN_SIDE - 1]);
    let mut right = Sums::of(&kept_readings[MIN_SIDE - 1..]);
    for at in MIN_SIDE..=n - MIN_SIDE {
        left.add(kept_readings[at - 1], 1.0);
        right.add(kept_readings[at - 1], -1.0);
        let rest = left.rest() + right.rest();
        if best.is_none_or(|(least, _)| rest < least) {
            best = Some((rest, at));
        }
    }
    let (rest, at) = best?;
    let f = (whole - rest) / 2.0 / (rest.max(whole * 1e-12) / (n as f64 - 4.0));
    let (before, after) = kept_readings.split_at(at);
    let (old, new) = (Line::through(before), Line::through(after));
    let edge = f64::midpoint(before[at - 1].day, after[0].day);
    let jump = new.at(edge) - old.at(edge);
    let mut about = old.residuals(before);
    about.extend(new.residuals(after));
    let noise = spread(&about).1 * 1.4826;
    let is_sure = f > MIN_F && jump.abs() > MIN_JUMP * noise;
    let is_possible = f > MAYBE_F && jump.abs() > MAYBE_JUMP * noise;
    is_possible.then_some((kept[at], is_sure))
}

/// What a least-squares line needs.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    t: f64,
    y: f64,
    tt: f64,
    ty: f64,
    yy: f64,
}

impl Sums {
    fn of(readings: &[Reading]) -> Self {
        let mut sums = Self::default();
        readings.iter().for_each(|reading| sums.add(*reading, 1.0));
        sums
    }

    fn add(&mut self, Reading { day, bytes }: Reading, sign: f64) {
        self.n += sign;
        self.t += sign * day;
        self.y += sign * bytes;
        self.tt += sign * day * day;
        self.ty += sign * day * bytes;
        self.yy += sign * bytes * bytes;
    }

    /// Residual sum of squares about the line.
    fn rest(self) -> f64 {
        let tt = self.tt - self.t * self.t / self.n;
        let ty = self.ty - self.t * self.y / self.n;
        let yy = self.yy - self.y * self.y / self.n;
        if tt > 0.0 {
            (yy - ty * ty / tt).max(0.0)
        } else {
            yy.max(0.0)
        }
    }
}
