//! Binary units and three significant digits.

use super::{Round, THIN, divided, grouped};

/// A binary unit; all numbers of one column share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scale(u32);

const NAMES: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const LARGEST: u32 = 5;

impl Scale {
    /// The unit for one value: the largest in which it has at most three digits before the point.
    pub(super) fn fitting(raw: i64, round: Round) -> Self {
        let magnitude = i128::from(raw.unsigned_abs());
        let fits = |power: &u32| {
            let up = (round == Round::Up) == (raw >= 0);
            let direction = if up { Round::Up } else { Round::Down };
            divided(magnitude, 1 << (10 * power), direction) < 1000
        };
        Self((0..LARGEST).find(fits).unwrap_or(LARGEST))
    }

    /// The unit for a whole column: the one that fits its largest value.
    #[must_use]
    pub fn for_column(values: impl IntoIterator<Item = i64>) -> Self {
        let largest = values
            .into_iter()
            .map(|value| value.saturating_abs())
            .max()
            .unwrap_or(0);
        Self::fitting(largest, Round::Up)
    }

    /// The unit's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[self.0 as usize]
    }

    /// Bytes in one unit.
    #[must_use]
    pub fn bytes(self) -> i64 {
        1 << (10 * self.0)
    }

    pub(super) fn text(self, raw: i64, round: Round) -> String {
        let unit = i128::from(self.bytes());
        let value = i128::from(raw);
        let decimals = self.decimals(value);
        let scaled = divided(value * 10_i128.pow(decimals), unit, round);
        let power = 10_i128.pow(decimals);
        let sign = if scaled < 0 { "-" } else { "" };
        let whole = grouped(scaled.abs() / power);
        let name = self.name();
        match decimals {
            0 => format!("{sign}{whole}{THIN}{name}"),
            _ => {
                let fraction = scaled.abs() % power;
                let width = decimals as usize;
                format!("{sign}{whole}.{fraction:0width$}{THIN}{name}")
            }
        }
    }

    /// Decimals that give three significant digits; none for bytes and for zero.
    fn decimals(self, value: i128) -> u32 {
        if self.0 == 0 || value == 0 {
            return 0;
        }
        match value.abs() / i128::from(self.bytes()) {
            0 => 3,
            1..10 => 2,
            10..100 => 1,
            _ => 0,
        }
    }
}
