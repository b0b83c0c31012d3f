//! What volumes cost under a rate card: exact until the last step, and then rounded so that the parts add up.
//!
//! The charge of a volume over `h` hours is `GiB of the basis x h / 730 x price`: a month has 730 hours. All arithmetic is
//! on integers; amounts are rounded once, to the smallest unit of the currency, by largest remainder, so that the lines of a
//! pool add up to its cost. What has no price, or no size, has no amount: it is a [`Gap`], never a zero.
//!
//! Pure: sizes in, amounts out. Nothing here reads an estate, a file or a clock.

mod bill;
mod decimal;
mod exact;
pub mod focus;
mod group;
#[cfg(test)]
mod tests;
mod waste;

pub use bill::{Bill, Charge, Gap, Line, Pool, PoolBill, Volume, bill};
pub use decimal::Decimal;
pub use exact::{Exact, Money, apportion, gib_hours, gib_months, minor_digits, spread};
pub use group::{Group, groups};
pub use waste::{Kind, Waste, WasteSum, distinct, sums};

/// Hours of a month, as OpenCost counts it.
pub const MONTH_HOURS: i64 = 730;

/// Days of growth that space to reclaim stands for: the purchase can wait as long. Nothing without growth.
pub fn deferral_days(reclaim_bytes: i64, growth_bytes_per_day: f64) -> Option<f64> {
    let days = reclaim_bytes as f64 / growth_bytes_per_day;
    (growth_bytes_per_day > 0.0 && days.is_finite()).then_some(days)
}
