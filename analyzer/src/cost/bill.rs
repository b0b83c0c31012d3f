//! The bill: every volume a line, every pool a sum.

use std::collections::BTreeMap;

use super::decimal::Decimal;
use super::exact::{Exact, Money, apportion, minor_digits, spread};
use crate::config::{Basis, Capital, PoolPrice, RateCard, Snapshots};

const GIB: i128 = 1 << 30;

/// A volume, or the part of one that several share, over the time it is charged for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Index of its pool.
    pub pool: Option<usize>,
    /// Storage class.
    pub class: Option<String>,
    /// What was promised.
    pub provisioned_bytes: Option<i64>,
    /// `usedbydataset`.
    pub data_bytes: Option<i64>,
    /// `usedbysnapshots`.
    pub snapshot_bytes: Option<i64>,
    /// Hours it is charged for.
    pub hours: i64,
    /// Why nothing is known of it, where that is so.
    pub unread: Option<String>,
}

/// A pool over the time it is charged for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Name, as the rate card has it.
    pub name: String,
    /// `used` of its root.
    pub used_bytes: Option<i64>,
    /// `used` and `available` of its root.
    pub size_bytes: Option<i64>,
    /// Hours it is charged for.
    pub hours: i64,
    /// Why its overhead cannot be told from volumes, where that is so.
    pub unread: Option<String>,
}

/// Why there is no amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The rate card has no price for it.
    NoPrice,
    /// A size of this name was not read.
    NoSize(&'static str),
    /// A list was not read, or names nothing of the kind.
    NotRead(String),
}

impl std::fmt::Display for Gap {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPrice => formatter.write_str("the rate card has no price for it"),
            Self::NoSize(size) => write!(formatter, "its {size} was not read"),
            Self::NotRead(reason) => formatter.write_str(reason),
        }
    }
}

/// The bill of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Lines in the order of the volumes.
    pub lines: Vec<Line>,
    /// Sums in the order of the pools.
    pub pools: Vec<PoolBill>,
    /// Decimals of the currency.
    pub n_digits: u32,
}

/// What a volume costs, or why nobody can tell.
pub type Line = Result<Charge, Gap>;

/// What a volume costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Its own space.
    pub own: Money,
    /// Its part of the overhead of its pool.
    pub overhead: Money,
    /// Price of its space.
    pub price: Decimal,
    /// Halves of a byte that are charged, with snapshots.
    pub half_bytes: i128,
}

impl Charge {
    /// All of it.
    pub fn cost(&self) -> Money {
        self.own.and(self.overhead)
    }
}

/// What a pool costs: the amounts of its volumes and `kept` add up to `cost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolBill {
    /// Price of its space, where no class has its own.
    pub price: Option<Decimal>,
    /// Volumes with an amount.
    pub n_priced: usize,
    /// Volumes without one.
    pub n_unpriced: usize,
    /// Space of the volumes.
    pub volumes: Money,
    /// Space in use that no volume holds.
    pub overhead: Result<Money, Gap>,
    /// The bytes of it.
    pub overhead_bytes: Option<i64>,
    /// What of it the volumes are not charged.
    pub kept: Money,
    /// Everything that has an amount.
    pub cost: Money,
    /// Space up to the planned fill that nobody uses; it is not in `cost`.
    pub idle: Option<Money>,
}

impl PoolBill {
    /// Whether everything has an amount.
    pub fn is_whole(&self) -> bool {
        self.n_unpriced == 0 && self.overhead.is_ok()
    }
}

/// The price of the space of a pool.
pub(super) fn pool_price(card: &RateCard, pool: &Pool) -> Option<Decimal> {
    match card.pools.get(&pool.name) {
        None => card.per_gib_month,
        Some(PoolPrice::Given(price)) => Some(*price),
        Some(PoolPrice::Capital(capital)) => {
            unit_rate(capital, pool.size_bytes?, card.target_percent)
        }
    }
}

/// `(capex / months + opex_per_month) / usable GiB at the planned fill`.
fn unit_rate(capital: &Capital, size_bytes: i64, target_percent: i64) -> Option<Decimal> {
    let months = i128::from(capital.months);
    let monthly = capital.opex_per_month.units().checked_mul(months)?;
    let monthly = monthly
        .checked_add(capital.capex.units())?
        .checked_mul(GIB * 100)?;
    let usable = i128::from(size_bytes).checked_mul(i128::from(target_percent))?;
    let divisor = usable.checked_mul(months).filter(|divisor| *divisor > 0)?;
    Decimal::of_units((monthly + divisor / 2) / divisor)
}

/// What a volume is charged before rounding.
struct Rated {
    exact: Exact,
    price: Decimal,
    half_bytes: i128,
}

fn rated(card: &RateCard, pools: &[Pool], volume: &Volume) -> Result<Rated, Gap> {
    if let Some(reason) = &volume.unread {
        return Err(Gap::NotRead(reason.clone()));
    }
    let pool = volume.pool.and_then(|index| pools.get(index));
    let pool = pool.ok_or_else(|| Gap::NotRead("its pool was not read".to_owned()))?;
    let of_class = volume
        .class
        .as_ref()
        .and_then(|class| card.classes.get(class));
    let price = of_class.copied().or_else(|| pool_price(card, pool));
    let price = price.ok_or(Gap::NoPrice)?;
    let size = |bytes: Option<i64>, name| bytes.map(i128::from).ok_or(Gap::NoSize(name));
    let provisioned = || size(volume.provisioned_bytes, "promised size");
    let snapshots = || size(volume.snapshot_bytes, "space of snapshots");
    let used = || {
        let data = size(volume.data_bytes, "used space")?;
        Ok(match card.snapshots {
            Snapshots::Included => data + snapshots()?,
            Snapshots::Excluded | Snapshots::Separate(_) => data,
        })
    };
    let half_bytes = match card.basis {
        Basis::Provisioned => 2 * provisioned()?,
        Basis::Used => 2 * used()?,
        Basis::Blended => provisioned()? + used()?,
    };
    let exact = Exact::of(half_bytes, volume.hours, price);
    let Snapshots::Separate(snapshot_price) = card.snapshots else {
        return Ok(Rated {
            exact,
            price,
            half_bytes,
        });
    };
    let beside = 2 * snapshots()?;
    Ok(Rated {
        exact: exact.and(Exact::of(beside, volume.hours, snapshot_price)),
        price,
        half_bytes: half_bytes + beside,
    })
}

/// Bytes in use that no volume holds: other datasets, unused reservations, orphans.
fn overhead_bytes(card: &RateCard, pool: &Pool, volumes: &[&Volume]) -> Result<i64, Gap> {
    if let Some(reason) = &pool.unread {
        return Err(Gap::NotRead(reason.clone()));
    }
    let used = pool.used_bytes.ok_or(Gap::NoSize("used space"))?;
    let held = |volume: &&Volume| {
        let data = volume.data_bytes.map(i128::from)?;
        Some(match card.snapshots {
            Snapshots::Excluded => data,
            Snapshots::Included | Snapshots::Separate(_) => {
                data + i128::from(volume.snapshot_bytes?)
            }
        })
    };
    let held: Option<i128> = volumes.iter().map(held).sum();
    let held = held.ok_or_else(|| Gap::NotRead("the space of a volume was not read".to_owned()))?;
    let rest = i128::from(used) - held;
    Ok(i64::try_from(rest.max(0)).unwrap_or(i64::MAX))
}

/// The bill of volumes and their pools.
pub fn bill(card: &RateCard, pools: &[Pool], volumes: &[Volume]) -> Bill {
    let n_digits = minor_digits(&card.currency);
    let rated: Vec<Result<Rated, Gap>> = volumes
        .iter()
        .map(|volume| rated(card, pools, volume))
        .collect();
    let mut by_pool: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, volume) in volumes.iter().enumerate() {
        if let Some(pool) = volume.pool {
            by_pool.entry(pool).or_default().push(index);
        }
    }
    let mut charges: BTreeMap<usize, Charge> = BTreeMap::new();
    let sums = pools.iter().enumerate().map(|(number, pool)| {
        let ours = by_pool.get(&number).map_or(&[][..], Vec::as_slice);
        let (sum, of_pool) = pool_bill(card, pool, ours, volumes, &rated);
        charges.extend(of_pool);
        sum
    });
    let pools = sums.collect();
    let line = |(index, rated): (usize, Result<Rated, Gap>)| {
        rated.and_then(|_| charges.get(&index).copied().ok_or(Gap::NoPrice))
    };
    Bill {
        lines: rated.into_iter().enumerate().map(line).collect(),
        pools,
        n_digits,
    }
}

/// The sum of a pool, and the charges of its volumes by their index.
fn pool_bill(
    card: &RateCard,
    pool: &Pool,
    ours: &[usize],
    volumes: &[Volume],
    rated: &[Result<Rated, Gap>],
) -> (PoolBill, Vec<(usize, Charge)>) {
    let n_digits = minor_digits(&card.currency);
    let price = pool_price(card, pool);
    let priced: Vec<(usize, &Rated)> = ours
        .iter()
        .filter_map(|index| Some((*index, rated[*index].as_ref().ok()?)))
        .collect();
    let members: Vec<&Volume> = ours.iter().map(|index| &volumes[*index]).collect();
    let bytes = overhead_bytes(card, pool, &members);
    let overhead = bytes.clone().and_then(|bytes| {
        let price = price.ok_or(Gap::NoPrice)?;
        Ok(Exact::of(2 * i128::from(bytes), pool.hours, price))
    });
    let weights: Vec<Exact> = priced.iter().map(|(_, rated)| rated.exact).collect();
    // The overhead is rounded with the volumes, as one more line, so that the whole is rounded once.
    let mut lines = weights.clone();
    lines.extend(overhead.as_ref().ok());
    let mut amounts = apportion(&lines, n_digits);
    let cost = amounts.iter().copied().sum();
    let overhead = overhead.map(|_| amounts.pop().unwrap_or_default());
    let whole = overhead
        .as_ref()
        .map_or(Money::default(), |overhead| *overhead);
    let shared = Money((whole.0 * i128::from(card.overhead_percent) + 50) / 100);
    let parts = spread(shared, &weights);
    let kept = if parts.is_some() {
        Money(whole.0 - shared.0)
    } else {
        whole
    };
    let parts = parts.unwrap_or_else(|| vec![Money::default(); weights.len()]);
    let charges = priced.iter().zip(amounts.iter().zip(parts));
    let charges = charges.map(|((index, rated), (own, overhead))| {
        let charge = Charge {
            own: *own,
            overhead,
            price: rated.price,
            half_bytes: rated.half_bytes,
        };
        (*index, charge)
    });
    let sum = PoolBill {
        price,
        n_priced: priced.len(),
        n_unpriced: ours.len() - priced.len(),
        volumes: amounts.iter().copied().sum(),
        overhead,
        overhead_bytes: bytes.ok(),
        kept,
        cost,
        idle: idle(card, pool, price),
    };
    (sum, charges.collect())
}

/// What nobody uses of the planned fill, at the price of the pool.
fn idle(card: &RateCard, pool: &Pool, price: Option<Decimal>) -> Option<Money> {
    let usable = i128::from(pool.size_bytes?) * i128::from(card.target_percent) / 100;
    let idle = (usable - i128::from(pool.used_bytes?)).max(0);
    Some(Exact::of(2 * idle, pool.hours, price?).rounded(minor_digits(&card.currency)))
}
