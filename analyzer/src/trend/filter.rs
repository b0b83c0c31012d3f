//! A walk that is seen with noise: what comes less what was expected of it is independent (Kalman 1960).

/// One value for each column.
pub(super) type Row = Vec<f64>;

/// Filter of several columns at a time; variances are over that of the noise.
#[derive(Clone)]
pub(super) struct Filter {
    /// Variance of the walk's step in one unit of time.
    ratio: f64,
    /// Where the walk is.
    means: Row,
    /// How far from there it may be.
    variance: f64,
}

impl Filter {
    /// A walk that begins at zero.
    pub(super) fn new(ratio: f64, n_columns: usize) -> Self {
        Self {
            ratio,
            means: vec![0.0; n_columns],
            variance: 0.0,
        }
    }

    /// Time goes by.
    pub(super) fn pass(&mut self, time: f64) {
        self.variance += self.ratio * time;
    }

    /// Spread of what comes about what is expected.
    pub(super) fn spread(&self) -> f64 {
        (self.variance + 1.0).sqrt()
    }

    /// Makes values that came into what was not expected, in spreads; the spread.
    pub(super) fn surprise(&self, row: &mut [f64]) -> f64 {
        let spread = self.spread();
        for (value, mean) in row.iter_mut().zip(&self.means) {
            *value = (*value - mean) / spread;
        }
        spread
    }

    /// Part of a surprise that stays; it is seen.
    pub(super) fn gain(&mut self) -> f64 {
        self.variance /= self.variance + 1.0;
        self.variance
    }

    /// Moves the walk by surprises.
    pub(super) fn learn(&mut self, surprises: &[f64]) {
        let spread = self.spread();
        let gain = self.gain();
        for (mean, surprise) in self.means.iter_mut().zip(surprises) {
            *mean += gain * spread * surprise;
        }
    }

    /// Where the walk of the last column is, less those of the others times their coefficients.
    pub(super) fn level(&self, coefficients: &[f64]) -> f64 {
        let others = self.means.iter().zip(coefficients);
        let explained: f64 = others.map(|(mean, coefficient)| mean * coefficient).sum();
        self.means[coefficients.len()] - explained
    }
}

/// Lower Cholesky factor; nothing when a column but the last depends on those before it.
pub(super) fn cholesky(mut matrix: Vec<Row>) -> Option<Vec<Row>> {
    let n = matrix.len();
    for i in 0..n {
        let (above, below) = matrix.split_at_mut(i);
        let row = &mut below[0];
        for (j, other) in above.iter().enumerate() {
            let product: f64 = row[..j].iter().zip(other).map(|(a, b)| a * b).sum();
            row[j] = (row[j] - product) / other[j];
        }
        let rest = row[i] - row[..i].iter().map(|value| value * value).sum::<f64>();
        if i + 1 < n && rest <= 1e-9 * row[i] {
            return None;
        }
        row[i] = rest.max(0.0).sqrt();
    }
    Some(matrix)
}

/// Solves `L' x = y` for a lower factor `L`.
pub(super) fn backward(factor: &[Row], y: &[f64]) -> Row {
    let mut x = y.to_vec();
    for (i, row) in factor.iter().enumerate().rev() {
        x[i] /= row[i];
        let solved = x[i];
        for (value, weight) in x[..i].iter_mut().zip(row) {
            *value -= solved * weight;
        }
    }
    x
}
