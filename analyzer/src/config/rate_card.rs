//! What space costs, as the owner of the bill says. What has no price is not priced; it is never free.
//!
//! ```yaml
//! rate_card:
//!   currency: EUR                # ISO 4217; amounts are rounded to its smallest unit
//!   per_gib_month: 0.0824        # where nothing else is said; a month has 730 hours
//!   pools: {tank: 0.05}          # counts more
//!   classes: {fast: 0.12}        # counts most
//!   capital:                     # or what a pool costs: (capex / months + opex_per_month) / (size x target_percent)
//!     flash: {capex: 60000, months: 60, opex_per_month: 350}
//!   target_percent: 80           # fill that is planned for: up to it space is idle; 80 when absent
//!   basis: used                  # provisioned | used | blended, which is half of each; `used` when absent
//!   snapshots: included          # included: part of what is used; excluded: of the overhead of their pool
//!   snapshots_per_gib_month: 0.02  # or charged beside the volume, at their own price
//!   overhead_percent: 100        # how much of what no volume holds is charged to the volumes; none when absent
//!   owners: {payments: [shop, till]}  # namespaces by owner; bundles hold no labels of people
//!   provider: platform team      # who sends the bill; `internal` when absent
//! ```

use std::collections::BTreeMap;

use crate::cost::Decimal;

/// Prices of space.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCard {
    /// ISO 4217 code.
    pub currency: String,
    /// Price of one GiB for one month of 730 hours, where nothing else is said.
    pub per_gib_month: Option<Decimal>,
    /// Prices by pool.
    pub pools: BTreeMap<String, PoolPrice>,
    /// Prices by storage class; they count more than those of pools.
    pub classes: BTreeMap<String, Decimal>,
    /// Which bytes are charged.
    pub basis: Basis,
    /// How snapshots are charged.
    pub snapshots: Snapshots,
    /// Percent of the overhead of a pool that its volumes are charged, in proportion to their own cost.
    pub overhead_percent: i64,
    /// Percent of a pool that may be filled.
    pub target_percent: i64,
    /// Owners by namespace.
    pub owners: BTreeMap<String, String>,
    /// Who sends the bill.
    pub provider: String,
}

/// The price of the space of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolPrice {
    /// Of one GiB for one month of 730 hours.
    Given(Decimal),
    /// To be divided by what the pool can hold.
    Capital(Capital),
}

/// What a pool costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capital {
    /// Price of the hardware.
    pub capex: Decimal,
    /// Months over which it is written off.
    pub months: i64,
    /// Power, place and care in a month.
    pub opex_per_month: Decimal,
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

/// How snapshots are charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Snapshots {
    /// They are part of what is used; a promise covers them.
    #[default]
    Included,
    /// They are of the overhead of their pool.
    Excluded,
    /// Beside the volume on every basis, at this price of one GiB for one month.
    Separate(Decimal),
}

impl Basis {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Provisioned, Self::Used, Self::Blended];

    /// The basis that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.word() == word)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Provisioned => "provisioned",
            Self::Used => "used",
            Self::Blended => "blended",
        }
    }
}

impl Snapshots {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Excluded => "excluded",
            Self::Separate(_) => "separate",
        }
    }
}

impl RateCard {
    /// The owner of a namespace.
    pub fn owner(&self, namespace: &str) -> Option<&str> {
        self.owners.get(namespace).map(String::as_str)
    }
}
