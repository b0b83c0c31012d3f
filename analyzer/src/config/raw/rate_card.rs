//! The rate card as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{ConfigError, Text, refused};
use crate::config::{Basis, Capital, PoolPrice, RateCard, Snapshots};
use crate::cost::Decimal;

/// Most of a price of one GiB: the sum over the largest pools still fits the arithmetic.
const MAX_PRICE: f64 = 1e6;
/// Most of an investment.
const MAX_CAPEX: f64 = 1e12;
const MAX_MONTHS: i64 = 1_200;
/// Fill that is planned for when nothing is said.
const TARGET_PERCENT: i64 = 80;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRateCard {
    currency: Text,
    per_gib_month: Option<Spanned<f64>>,
    #[serde(default)]
    pools: BTreeMap<String, Spanned<f64>>,
    #[serde(default)]
    classes: BTreeMap<String, Spanned<f64>>,
    #[serde(default)]
    capital: BTreeMap<String, RawCapital>,
    target_percent: Option<Spanned<i64>>,
    basis: Option<Text>,
    snapshots: Option<Text>,
    snapshots_per_gib_month: Option<Spanned<f64>>,
    overhead_percent: Option<Spanned<i64>>,
    #[serde(default)]
    owners: BTreeMap<String, Vec<Text>>,
    provider: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCapital {
    capex: Spanned<f64>,
    months: Spanned<i64>,
    opex_per_month: Option<Spanned<f64>>,
}

impl RawRateCard {
    pub(super) fn check(self) -> Result<RateCard, ConfigError> {
        let is_code = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
        if !is_code(&self.currency.value) {
            let what = "write a code of three capitals such as EUR";
            return Err(refused("rate_card.currency", &self.currency, what));
        }
        let basis = self.basis.map(|text| {
            let what = "choose `provisioned`, `used` or `blended`";
            Basis::parse(&text.value).ok_or_else(|| refused("rate_card.basis", &text, what))
        });
        let price = |key: &str, value: &Spanned<f64>| amount(key, value, MAX_PRICE);
        let mut pools = BTreeMap::new();
        for (pool, value) in self.pools {
            pools.insert(pool, PoolPrice::Given(price("rate_card.pools", &value)?));
        }
        for (pool, raw) in self.capital {
            let key = format!("rate_card.capital.{pool}");
            if pools.contains_key(&pool) {
                let what = "the pool has a price in `pools`; keep one of the two";
                return Err(refused(&key, &raw.capex, what));
            }
            pools.insert(pool, PoolPrice::Capital(raw.check(&key)?));
        }
        let mut classes = BTreeMap::new();
        for (class, value) in self.classes {
            classes.insert(class, price("rate_card.classes", &value)?);
        }
        Ok(RateCard {
            currency: self.currency.value,
            per_gib_month: self
                .per_gib_month
                .map(|value| price("rate_card.per_gib_month", &value))
                .transpose()?,
            pools,
            classes,
            basis: basis.transpose()?.unwrap_or_default(),
            snapshots: snapshots(self.snapshots, self.snapshots_per_gib_month)?,
            overhead_percent: percent("rate_card.overhead_percent", self.overhead_percent, 0)?
                .unwrap_or_default(),
            target_percent: percent("rate_card.target_percent", self.target_percent, 1)?
                .unwrap_or(TARGET_PERCENT),
            owners: owners(self.owners)?,
            provider: match self.provider {
                Some(text) if text.value.trim().is_empty() => {
                    let what = "it is empty; write it or take the line away";
                    return Err(refused("rate_card.provider", &text, what));
                }
                Some(text) => text.value,
                None => "internal".to_owned(),
            },
        })
    }
}

impl RawCapital {
    fn check(self, key: &str) -> Result<Capital, ConfigError> {
        if !(1..=MAX_MONTHS).contains(&self.months.value) {
            let what = format!("write months between 1 and {MAX_MONTHS}");
            return Err(refused(key, &self.months, &what));
        }
        let opex = self.opex_per_month;
        Ok(Capital {
            capex: amount(key, &self.capex, MAX_CAPEX)?,
            months: self.months.value,
            opex_per_month: opex
                .map(|value| amount(key, &value, MAX_CAPEX))
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

fn snapshots(word: Option<Text>, price: Option<Spanned<f64>>) -> Result<Snapshots, ConfigError> {
    let key = "rate_card.snapshots_per_gib_month";
    match (word, price) {
        (Some(_), Some(price)) => {
            let what = "snapshots with their own price are charged beside the volume; take `snapshots` away";
            Err(refused(key, &price, what))
        }
        (None, Some(price)) => Ok(Snapshots::Separate(amount(key, &price, MAX_PRICE)?)),
        (None, None) => Ok(Snapshots::default()),
        (Some(text), None) => match text.value.as_str() {
            "included" => Ok(Snapshots::Included),
            "excluded" => Ok(Snapshots::Excluded),
            _ => {
                let what = "choose `included` or `excluded`, or give `snapshots_per_gib_month`";
                Err(refused("rate_card.snapshots", &text, what))
            }
        },
    }
}

/// Owners by namespace: a namespace has one.
fn owners(raw: BTreeMap<String, Vec<Text>>) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (owner, namespaces) in raw {
        for namespace in namespaces {
            if owners.contains_key(&namespace.value) {
                let what = format!("`{}` has another owner already", namespace.value);
                return Err(refused("rate_card.owners", &namespace, &what));
            }
            owners.insert(namespace.value, owner.clone());
        }
    }
    Ok(owners)
}

fn percent(key: &str, value: Option<Spanned<i64>>, least: i64) -> Result<Option<i64>, ConfigError> {
    match value {
        Some(value) if !(least..=100).contains(&value.value) => {
            let what = format!("write a whole number between {least} and 100");
            Err(refused(key, &value, &what))
        }
        value => Ok(value.map(|value| value.value)),
    }
}

/// An amount that can be multiplied: finite, not below zero, and kept as it is written.
fn amount(key: &str, value: &Spanned<f64>, most: f64) -> Result<Decimal, ConfigError> {
    if !value.value.is_finite() || value.value < 0.0 {
        let what = "a price is a number that is not below zero; leave it out where none is known";
        return Err(refused(key, value, what));
    }
    if value.value > most {
        return Err(refused(key, value, &format!("write at most {most}")));
    }
    let what = "write at most ten decimals";
    Decimal::written(value.value).ok_or_else(|| refused(key, value, what))
}
