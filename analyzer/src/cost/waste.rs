//! Space that could come back, with its price and how sure it is. Grades are never added up.

use std::collections::BTreeMap;

use super::bill::{Gap, Pool, pool_price};
use super::exact::{Exact, Money, minor_digits};
use crate::checks::Grade;
use crate::config::{RateCard, Snapshots};

/// What kind of waste.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nobody refers to it, or nobody uses it.
    Orphan,
    /// Snapshots that are older than their schedule keeps them.
    OverRetention,
    /// Blocks that the guest has freed and not told of.
    TrimDebt,
}

impl Kind {
    /// Its words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Orphan => "orphans",
            Self::OverRetention => "over-retention",
            Self::TrimDebt => "trim debt",
        }
    }
}

/// Space that could come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waste {
    /// What kind.
    pub kind: Kind,
    /// How sure.
    pub grade: Grade,
    /// Check that found it.
    pub check: String,
    /// Object, as the check names it.
    pub subject: String,
    /// Index of its pool.
    pub pool: Option<usize>,
    /// Dataset that holds the space.
    pub dataset: Option<String>,
    /// Storage class of its volume.
    pub class: Option<String>,
    /// Space; nothing when it is not known.
    pub bytes: Option<i64>,
    /// Whether more may come back.
    pub is_least: bool,
}

impl Waste {
    /// What its space costs over so many hours.
    ///
    /// # Errors
    /// Why there is no amount.
    pub fn cost(&self, card: &RateCard, pools: &[Pool], hours: i64) -> Result<Money, Gap> {
        let bytes = self.bytes.ok_or(Gap::NoSize("space"))?;
        let of_class = self
            .class
            .as_ref()
            .and_then(|class| card.classes.get(class));
        let of_pool = || pool_price(card, pools.get(self.pool?)?);
        let price = match (self.kind, card.snapshots) {
            (Kind::OverRetention, Snapshots::Separate(price)) => Some(price),
            _ => of_class.copied().or_else(of_pool),
        };
        let exact = Exact::of(2 * i128::from(bytes), hours, price.ok_or(Gap::NoPrice)?);
        Ok(exact.rounded(minor_digits(&card.currency)))
    }
}

/// Each space once: of several findings on one dataset the surest stays, and what is inside an orphan that is as sure
/// goes with it.
pub fn distinct(all: Vec<Waste>) -> Vec<Waste> {
    let mut orphans: BTreeMap<(Option<usize>, String), usize> = BTreeMap::new();
    let mut kept: Vec<Waste> = Vec::new();
    let mut sorted = all;
    sorted.sort_by(|a, b| {
        let rank = |waste: &Waste| (waste.kind, waste.grade, std::cmp::Reverse(waste.bytes));
        rank(a)
            .cmp(&rank(b))
            .then_with(|| (&a.check, &a.subject).cmp(&(&b.check, &b.subject)))
    });
    for waste in sorted {
        if let Some(dataset) = waste.dataset.clone() {
            let key = (waste.pool, dataset);
            match orphans.get(&key) {
                Some(held) if waste.kind == Kind::Orphan || kept[*held].grade <= waste.grade => {
                    continue;
                }
                None if waste.kind == Kind::Orphan => {
                    orphans.insert(key, kept.len());
                }
                _ => {}
            }
        }
        kept.push(waste);
    }
    kept
}

/// Waste of one kind and grade together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WasteSum {
    /// Objects.
    pub n: usize,
    /// Objects without an amount.
    pub n_unpriced: usize,
    /// Space of those that tell.
    pub bytes: i64,
    /// Whether more may come back.
    pub is_least: bool,
    /// Cost of those with an amount.
    pub cost: Money,
}

/// Adds up by grade and kind, with the amount of each.
pub fn sums<'w>(
    waste: impl Iterator<Item = (&'w Waste, &'w Result<Money, Gap>)>,
) -> BTreeMap<(Grade, Kind), WasteSum> {
    let mut sums: BTreeMap<(Grade, Kind), WasteSum> = BTreeMap::new();
    for (waste, cost) in waste {
        let sum = sums.entry((waste.grade, waste.kind)).or_default();
        sum.n += 1;
        sum.bytes = sum.bytes.saturating_add(waste.bytes.unwrap_or_default());
        sum.is_least |= waste.is_least || waste.bytes.is_none();
        match cost {
            Ok(cost) => sum.cost = sum.cost.and(*cost),
            Err(_) => sum.n_unpriced += 1,
        }
    }
    sums
}
