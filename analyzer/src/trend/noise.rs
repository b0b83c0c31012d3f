//! What readings do around their line: noise that comes back, a level that wanders, a week and a month.
//!
//! `y(t) = line + a + b t + seasons(t) + w(t) + e`, `w` a random walk and `e` independent (local level with drift, Harvey
//! 1989). Nobody knows how much of the noise is a walk, and whether there are seasons: each answer has the weight that
//! the readings give it (Bayesian model averaging, Hoeting and others 1999).

use super::band::median_gap;
use super::filter::{Filter, Row, backward, cholesky};
use super::outlier::spikes;
use super::random::Random;
use super::{Line, Reading};

/// Days after which use repeats itself: a week, and a month on average.
const SEASONS: [f64; 2] = [7.0, 30.4375];
/// Times that a season must have been seen.
const MIN_TIMES: f64 = 3.0;
/// Readings that one season must have.
const MIN_PER_SEASON: f64 = 2.5;
/// Ratios of the variances of a walk's steps and of noise that are tried beside none.
const RATIOS: usize = 8;
/// Largest of them: nothing but a walk.
const MAX_RATIO: f64 = 100.0;
/// Chance, before the readings are seen, of noise and walk together; noise alone and a walk alone share the rest.
const MIXED: f64 = 0.15;
/// The noise is this much wider than the readings say: of the histories that look steady enough for a date, some look
/// steadier than they are. Measured on series whose future is known (`--example calibrate`).
const LUCK: f64 = 1.04;

/// Readings about their line.
pub(super) struct Residuals<'a> {
    readings: &'a [Reading],
    bytes: Vec<f64>,
    /// Not to be learnt from.
    is_spike: Vec<bool>,
    gap: f64,
}

/// One way to explain residuals.
#[derive(Clone, Copy)]
struct Shape<'a> {
    /// Periods in days.
    seasons: &'a [f64],
    /// Day of the first reading after a jump.
    jump: Option<f64>,
    /// Variance of a walk's step in a median gap, over that of the noise.
    ratio: f64,
}

/// What came less what was expected, in spreads.
#[derive(Clone, Copy)]
pub(super) struct Surprise {
    pub(super) size: f64,
    /// A spike, which leaves no trace.
    pub(super) is_spike: bool,
}

/// A shape with all that the readings say of it.
pub(super) struct Model {
    pub(super) seasons: Vec<f64>,
    /// Share of the evidence.
    pub(super) weight: f64,
    /// One for each reading; those of no spike are independent, with mean zero and variance one.
    pub(super) surprises: Vec<Surprise>,
    /// Of the level at the last reading, of bytes over the span, of each cosine and sine.
    coefficients: Row,
    /// Cholesky factor of their normal equations.
    factor: Vec<Row>,
    /// Spread of the noise.
    spread: f64,
    /// Readings beyond the coefficients.
    freedom: f64,
    /// Where the walk is at the last reading.
    filter: Filter,
}

/// What could be beside the line, the level at the last reading and the bytes over the span, of a model.
pub(super) struct Drawn {
    pub(super) level: f64,
    pub(super) growth: f64,
    /// Of each cosine and sine.
    pub(super) waves: Row,
    /// Spread of the noise.
    pub(super) spread: f64,
}

/// Waves of seasons, days from the last reading.
pub(super) fn waves(seasons: &[f64], days: f64) -> impl Iterator<Item = f64> + '_ {
    seasons.iter().flat_map(move |period| {
        let (sine, cosine) = (std::f64::consts::TAU * days / period).sin_cos();
        [cosine, sine]
    })
}

impl<'a> Residuals<'a> {
    pub(super) fn of(readings: &'a [Reading], line: Line) -> Self {
        Self {
            readings,
            bytes: line.residuals(readings),
            is_spike: spikes(readings, line),
            gap: median_gap(readings),
        }
    }

    /// All ways to explain them.
    pub(super) fn models(&self) -> Vec<Model> {
        let span = self.span();
        let is_seen =
            |period: &&f64| span >= MIN_TIMES * **period && self.gap * MIN_PER_SEASON <= **period;
        let seen: Vec<f64> = SEASONS.iter().filter(is_seen).copied().collect();
        let mut sets: Vec<&[f64]> = vec![&[], &seen];
        sets.extend(seen.chunks(1));
        sets.dedup();
        let explained = |seasons| self.explain(seasons, None);
        let mut models: Vec<Model> = sets.into_iter().flat_map(explained).collect();
        let all = log_sum(&models);
        for model in &mut models {
            model.weight = (model.weight - all).exp();
        }
        models
    }

    /// Whether a jump explains them better than a walk, or nothing, does.
    pub(super) fn are_of_jump(&self, day: f64) -> bool {
        let evidence = |jump| log_sum(&self.explain(&[], jump));
        evidence(Some(day)) > evidence(None)
    }

    /// One model for each ratio; their weights are logarithms.
    fn explain(&self, seasons: &[f64], jump: Option<f64>) -> Vec<Model> {
        // From where a walk begins to matter for a slope.
        let least = 10.0 / (self.readings.len() as f64).powi(2);
        let step = (MAX_RATIO / least).powf(1.0 / (RATIOS - 1) as f64);
        let ratio = |at: usize| match at {
            0 => (0.0, (1.0 - MIXED) / 2.0),
            RATIOS => (MAX_RATIO, (1.0 - MIXED) / 2.0),
            _ => (
                least * step.powi(at as i32 - 1),
                MIXED / (RATIOS - 1) as f64,
            ),
        };
        let model = |(ratio, chance): (f64, f64)| {
            let shape = Shape {
                seasons,
                jump,
                ratio,
            };
            let mut model = Model::of(self, shape)?;
            model.weight += chance.ln();
            Some(model)
        };
        (0..=RATIOS).map(ratio).filter_map(model).collect()
    }

    fn span(&self) -> f64 {
        match self.readings {
            [first, .., last] => last.day - first.day,
            _ => 0.0,
        }
    }
}

/// Logarithm of the sum of weights whose logarithms are given.
fn log_sum(models: &[Model]) -> f64 {
    let weights = || models.iter().map(|model| model.weight);
    let most = weights().fold(f64::NEG_INFINITY, f64::max);
    most + weights()
        .map(|weight| (weight - most).exp())
        .sum::<f64>()
        .ln()
}

impl Model {
    /// Least squares of what a filter leaves. The weight is the logarithm of the restricted likelihood; a season costs
    /// what its two coefficients do in the criterion of Schwarz (1978), a jump also its place.
    fn of(residuals: &Residuals<'_>, shape: Shape<'_>) -> Option<Self> {
        let last = residuals.readings.last()?.day;
        let span = residuals.span();
        let k = 2 + 2 * shape.seasons.len() + usize::from(shape.jump.is_some());
        let mut filter = Filter::new(shape.ratio, k + 1);
        let mut normal = vec![vec![0.0; k + 1]; k + 1];
        let mut rows: Vec<Row> = Vec::with_capacity(residuals.readings.len());
        let (mut log_spread, mut n, mut before) = (0.0, 0.0, residuals.readings[0].day);
        let values = residuals.bytes.iter().zip(&residuals.is_spike);
        for (reading, (bytes, is_spike)) in residuals.readings.iter().zip(values) {
            let days = reading.day - last;
            let mut row = Vec::with_capacity(k + 1);
            row.extend([1.0, days / span]);
            row.extend(waves(shape.seasons, days));
            row.extend(shape.jump.map(|jump| f64::from(reading.day >= jump)));
            row.push(*bytes);
            filter.pass((reading.day - before) / residuals.gap);
            before = reading.day;
            let spread = filter.surprise(&mut row);
            if !is_spike {
                filter.learn(&row);
                log_spread += spread.ln();
                n += 1.0;
                for (sums, value) in normal.iter_mut().zip(&row) {
                    let products = row.iter().map(|other| value * other);
                    sums.iter_mut()
                        .zip(products)
                        .for_each(|(sum, product)| *sum += product);
                }
            }
            rows.push(row);
        }
        let factor = cholesky(normal)?;
        let freedom = n - k as f64;
        if freedom < 1.0 {
            return None;
        }
        let rest = factor[k][k].max(1.0); // readings are whole bytes
        let coefficients = backward(&factor[..k], &factor[k][..k]);
        let surprise = |(row, is_spike): (&Row, &bool)| {
            let expected: f64 = row.iter().zip(&coefficients).map(|(x, b)| x * b).sum();
            Surprise {
                size: row[k] - expected,
                is_spike: *is_spike,
            }
        };
        let surprises = rows.iter().zip(&residuals.is_spike).map(surprise).collect();
        let n_priced =
            2.0 * shape.seasons.len() as f64 + if shape.jump.is_some() { 3.0 } else { 0.0 };
        Some(Self {
            seasons: shape.seasons.to_vec(),
            weight: -log_spread
                - factor[0][0].ln()
                - factor[1][1].ln()
                - (n - 2.0) * rest.ln()
                - n_priced / 2.0 * n.ln(),
            surprises: standard(surprises),
            coefficients,
            factor,
            spread: rest / freedom.sqrt(),
            freedom,
            filter,
        })
    }

    /// Coefficients as far from the best as the readings allow: Student's distribution.
    pub(super) fn draw(&self, random: &mut Random) -> Drawn {
        let k = self.coefficients.len();
        let spread = LUCK * self.spread / random.chi_square_share(self.freedom).sqrt();
        let normals: Row = (0..k).map(|_| random.normal()).collect();
        let mut drawn = backward(&self.factor[..k], &normals);
        for (drawn, best) in drawn.iter_mut().zip(&self.coefficients) {
            *drawn = best + spread * *drawn;
        }
        Drawn {
            level: drawn[0] + self.filter.level(&drawn),
            growth: drawn[1],
            waves: drawn.split_off(2),
            spread,
        }
    }

    /// Of each later reading, a median gap apart, the spread of its surprise in that of the noise, and the part that stays.
    pub(super) fn ahead(&self, n: usize) -> Vec<(f64, f64)> {
        let mut filter = self.filter.clone();
        let mut next = || {
            filter.pass(1.0);
            let spread = filter.spread();
            (spread, filter.gain())
        };
        (0..n).map(|_| next()).collect()
    }
}

/// Surprises with mean zero and variance one but for spikes.
fn standard(mut surprises: Vec<Surprise>) -> Vec<Surprise> {
    let sum = |surprises: &[Surprise], value: &dyn Fn(f64) -> f64| -> f64 {
        let common = surprises.iter().filter(|surprise| !surprise.is_spike);
        common.map(|surprise| value(surprise.size)).sum()
    };
    let n = sum(&surprises, &|_| 1.0).max(1.0);
    let mean = sum(&surprises, &|size| size) / n;
    let spread = (sum(&surprises, &|size| (size - mean).powi(2)) / n).sqrt();
    for surprise in &mut surprises {
        surprise.size = (surprise.size - mean) / if spread > 0.0 { spread } else { 1.0 };
    }
    surprises
}
