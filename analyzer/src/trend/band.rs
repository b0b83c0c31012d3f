//! The spread of dates: futures drawn from what the readings did around their line.

use super::noise::{Model, Residuals, waves};
use super::order::{median, quantile};
use super::random::Random;
use super::{Line, MAX_SPANS, Reading};

const DRAWS: usize = 2_000;
/// Surprises that are drawn together.
const BLOCK: usize = 3;

/// Days from the last reading: 10 %, 50 % and 90 % of the draws; infinite when later than [`MAX_SPANS`] spans.
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

/// Futures of the models that explain the readings around the line, each as often as it has evidence: coefficients as far
/// off as they may be, and blocks of the model's own surprises (moving-block bootstrap, Künsch 1989), one reading every
/// median gap, until a reading meets the level. From now on growth is `pace` times that of the line.
#[must_use]
pub fn draws(readings: &[Reading], line: Line, levels: &[f64], pace: f64) -> Draws {
    let mut random = Random::of(readings);
    let mut slopes = Vec::with_capacity(DRAWS);
    let mut dates = vec![Vec::with_capacity(DRAWS); levels.len()];
    let mut share = 0.0;
    for model in Residuals::of(readings, line).models() {
        share += model.weight;
        let n = ((share * DRAWS as f64).round() as usize).saturating_sub(slopes.len());
        if n > 0 {
            // Without a level the slope is all that is asked.
            let spans = if levels.is_empty() { 0.0 } else { MAX_SPANS };
            let futures = Futures::of(readings, line, &model, pace, spans);
            for _ in 0..n {
                slopes.push(futures.draw(levels, &mut dates, &mut random));
            }
        }
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

/// What all futures of a model share.
struct Futures<'a> {
    model: &'a Model,
    line: Line,
    last: Reading,
    span: f64,
    gap: f64,
    pace: f64,
    /// Of each later reading: the spread of its surprise, and the part of it that stays.
    ahead: Vec<(f64, f64)>,
    /// The waves of each, one after the other.
    waves: Vec<f64>,
}

impl<'a> Futures<'a> {
    fn of(readings: &[Reading], line: Line, model: &'a Model, pace: f64, spans: f64) -> Self {
        let last = readings[readings.len() - 1];
        let (span, gap) = (last.day - readings[0].day, median_gap(readings));
        let n = (spans * span / gap).ceil() as usize;
        let wave = |step: usize| waves(&model.seasons, step as f64 * gap);
        Self {
            model,
            line,
            last,
            span,
            gap,
            pace,
            ahead: model.ahead(n),
            waves: (1..=n).flat_map(wave).collect(),
        }
    }

    /// Adds the day on which each level is met; the slope.
    fn draw(&self, levels: &[f64], dates: &mut [Vec<f64>], random: &mut Random) -> f64 {
        let drawn = self.model.draw(random);
        let slope = (self.line.slope + drawn.growth / self.span) * self.pace;
        let mut walk = self.line.at(self.last.day) + drawn.level;
        let mut met = vec![f64::INFINITY; levels.len()];
        let mut left = levels.len();
        let mut before = self.last.bytes;
        let surprises = &self.model.surprises;
        let mut block = surprises.iter();
        for (step, (spread, gain)) in self.ahead.iter().enumerate() {
            if step % BLOCK == 0 {
                block = surprises[random.below(surprises.len() - BLOCK + 1)..].iter();
            }
            let Some(drawn_surprise) = block.next() else {
                break;
            };
            let surprise = drawn.spread * spread * drawn_surprise.size;
            let at = step * drawn.waves.len();
            let season = self.waves[at..].iter().zip(&drawn.waves);
            let season: f64 = season.map(|(wave, height)| wave * height).sum();
            walk += slope * self.gap;
            let bytes = walk + season + surprise;
            if !drawn_surprise.is_spike {
                walk += gain * surprise;
            }
            for (met, level) in met.iter_mut().zip(levels) {
                if met.is_infinite() && bytes >= *level {
                    let part = ((level - before) / (bytes - before)).clamp(0.0, 1.0);
                    *met = (step as f64 + part) * self.gap;
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
        slope
    }
}
