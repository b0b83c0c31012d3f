//! What space costs, as the owner of the bill says. What has no price is not priced; it is never free.

use std::collections::BTreeMap;

/// Prices of space.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCard {
    /// ISO 4217 code.
    pub currency: String,
    /// Price of one GiB for one month of 730 hours, where nothing else is said.
    pub per_gib_month: Option<f64>,
    /// Prices by pool.
    pub pools: BTreeMap<String, f64>,
    /// Prices by storage class.
    pub classes: BTreeMap<String, f64>,
    /// Which bytes are charged.
    pub basis: Basis,
}

/// Which bytes of a volume are charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// What was promised.
    Provisioned,
    /// Data and snapshots.
    #[default]
    Used,
    /// Half of each.
    Blended,
}

impl Basis {
    /// The basis that a word names.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "provisioned" => Self::Provisioned,
            "used" => Self::Used,
            "blended" => Self::Blended,
            _ => return None,
        })
    }
}
