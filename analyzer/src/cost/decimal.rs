//! An amount of a currency with ten decimals, as a person writes a price.

use std::fmt;

/// Decimals that are kept.
pub(super) const DIGITS: u32 = 10;
/// One whole, in the last of them.
pub(super) const ONE: i128 = 10_i128.pow(DIGITS);
/// Most of one amount. A price of so much for every GiB of the largest pool that ZFS knows still fits the arithmetic.
const MAX: i128 = 1_000_000_000_000 * ONE;

/// An amount of a currency in ten-billionths; not below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl Decimal {
    /// Reads digits with at most ten decimals.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let n_digits = u32::try_from(part.len()).ok()?;
        if whole.is_empty() || !is_digits(whole) || !is_digits(part) || n_digits > DIGITS {
            return None;
        }
        let part = match part {
            "" => 0,
            part => part.parse::<i128>().ok()? * 10_i128.pow(DIGITS - n_digits),
        };
        let whole = whole.parse::<i128>().ok()?.checked_mul(ONE)?;
        Self::of_units(whole.checked_add(part)?)
    }

    /// The number that was written, when it has at most ten decimals.
    pub fn written(value: f64) -> Option<Self> {
        // The shortest text that is read as this value is what the person wrote.
        let text = value.to_string();
        Self::parse(
            text.strip_prefix('-')
                .filter(|text| *text == "0")
                .unwrap_or(&text),
        )
    }

    pub(super) fn of_units(units: i128) -> Option<Self> {
        (0..=MAX).contains(&units).then_some(Self(units))
    }

    /// Ten-billionths.
    pub fn units(self) -> i128 {
        self.0
    }

    /// The text with so many decimals, half of the last one rounded up.
    pub fn text(self, n_digits: u32) -> String {
        let step = 10_i128.pow(DIGITS - n_digits.min(DIGITS));
        super::exact::decimals((self.0 + step / 2) / step, n_digits.min(DIGITS))
    }
}

/// As it was written.
impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text(DIGITS);
        formatter.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
