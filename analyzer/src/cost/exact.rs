//! Exact charges, and their rounding to amounts that add up.

use super::MONTH_HOURS;
use super::decimal::{DIGITS, Decimal};

const GIB: i128 = 1 << 30;

/// A charge before rounding: halves of a byte x hours x ten-billionths of the currency. Halves, for the blended basis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(i128);

/// An amount in the smallest unit of its currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub i128);

impl Exact {
    /// What so many half-bytes cost over so many hours, at a price of one GiB for one month.
    pub fn of(half_bytes: i128, hours: i64, price: Decimal) -> Self {
        let byte_hours = half_bytes.saturating_mul(i128::from(hours));
        Self(byte_hours.saturating_mul(price.units()))
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The nearest amount; a half goes up.
    pub fn rounded(self, n_digits: u32) -> Money {
        let unit = unit(n_digits);
        Money(self.0.div_euclid(unit) + i128::from(self.0.rem_euclid(unit) >= unit / 2))
    }
}

impl Money {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// The text with the decimals of the currency.
    pub fn text(self, n_digits: u32) -> String {
        decimals(self.0, n_digits)
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Self::and)
    }
}

/// Smallest unit of a currency with so many decimals, in the steps of [`Exact`].
fn unit(n_digits: u32) -> i128 {
    2 * GIB * i128::from(MONTH_HOURS) * 10_i128.pow(DIGITS - n_digits.min(DIGITS))
}

/// Decimals of the smallest unit of a currency: ISO 4217, list one.
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// Rounds charges so that the amounts add up to the rounded sum: each is rounded down, and what is missing goes, a
/// smallest unit each, to those that lost most; to the first of equals.
pub fn apportion(charges: &[Exact], n_digits: u32) -> Vec<Money> {
    let unit = unit(n_digits);
    let sum = charges.iter().copied().fold(Exact::default(), Exact::and);
    let floors = charges
        .iter()
        .map(|charge| Money(charge.0.div_euclid(unit)));
    let lost = charges.iter().map(|charge| charge.0.rem_euclid(unit));
    settled(
        sum.rounded(n_digits),
        floors.collect(),
        &lost.collect::<Vec<_>>(),
    )
}

/// Divides an amount in proportion to charges, to the last unit; nothing when there are none.
pub fn spread(amount: Money, charges: &[Exact]) -> Option<Vec<Money>> {
    let sum = charges
        .iter()
        .fold(0_i128, |sum, charge| sum.saturating_add(charge.0));
    if sum <= 0 {
        return None;
    }
    // The product of an amount and a weight has to fit; 62 bits of weight are finer than any amount.
    let shift = (128 - sum.leading_zeros()).saturating_sub(62);
    let weights: Vec<i128> = charges.iter().map(|charge| charge.0 >> shift).collect();
    let whole: i128 = weights.iter().sum();
    let product = |weight: &i128| amount.0.saturating_mul(*weight);
    let floors = weights
        .iter()
        .map(|weight| Money(product(weight).div_euclid(whole)));
    let lost = weights
        .iter()
        .map(|weight| product(weight).rem_euclid(whole));
    Some(settled(amount, floors.collect(), &lost.collect::<Vec<_>>()))
}

fn settled(sum: Money, mut amounts: Vec<Money>, lost: &[i128]) -> Vec<Money> {
    let missing = sum.0 - amounts.iter().map(|amount| amount.0).sum::<i128>();
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(lost[*index]));
    let n_missing = usize::try_from(missing).unwrap_or_default();
    for index in order.into_iter().take(n_missing) {
        amounts[index].0 += 1;
    }
    amounts
}

/// GiB-months of so many half-bytes over so many hours, with six decimals, half of the last one rounded up.
pub fn gib_months(half_bytes: i128, hours: i64) -> String {
    quantity(half_bytes, hours, MONTH_HOURS)
}

/// GiB-hours of so many half-bytes over so many hours, with six decimals, half of the last one rounded up.
pub fn gib_hours(half_bytes: i128, hours: i64) -> String {
    quantity(half_bytes, hours, 1)
}

fn quantity(half_bytes: i128, hours: i64, divisor: i64) -> String {
    let step = 2 * GIB * i128::from(divisor);
    let millionths = half_bytes
        .saturating_mul(i128::from(hours))
        .saturating_mul(1_000_000);
    decimals((millionths + step / 2) / step, 6)
}

/// A count of small units as text with so many decimals.
pub(super) fn decimals(units: i128, n_digits: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let step = 10_u128.pow(n_digits);
    let (whole, part) = (units.unsigned_abs() / step, units.unsigned_abs() % step);
    match n_digits {
        0 => format!("{sign}{whole}"),
        n_digits => format!("{sign}{whole}.{part:0width$}", width = n_digits as usize),
    }
}
