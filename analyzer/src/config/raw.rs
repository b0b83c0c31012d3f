//! The configuration as it is written, and the checks that turn it into types.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

mod rate_card;

use self::rate_card::RawRateCard;
use super::{Config, ConfigError, Threshold};
use crate::checks::Place;
use crate::query::ParamValue;
use crate::settings::Parent;

type Text = Spanned<String>;
type ByCheck = BTreeMap<String, BTreeMap<String, Spanned<ParamValue>>>;

/// Reads YAML; unknown keys are errors. An empty file decides nothing.
pub(super) fn parse(text: &str) -> Result<RawConfig, ConfigError> {
    let is_said = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    if !text.lines().any(is_said) {
        return Ok(RawConfig::default());
    }
    serde_saphyr::from_str(text).map_err(|error| ConfigError::of_parser(&error))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    #[serde(default)]
    thresholds: ByCheck,
    #[serde(default)]
    pools: BTreeMap<String, ByCheck>,
    #[serde(default)]
    classes: BTreeMap<String, ByCheck>,
    #[serde(default)]
    domains: BTreeMap<String, Text>,
    scope: Option<RawScope>,
    #[serde(default)]
    known_consumers: Vec<Text>,
    rate_card: Option<RawRateCard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScope {
    parents: Vec<RawParent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParent {
    dataset: Text,
    clusters: Spanned<Vec<String>>,
    #[serde(default)]
    complete: bool,
}

impl RawConfig {
    pub(super) fn check(self) -> Result<Config, ConfigError> {
        let mut thresholds = Vec::new();
        thresholds.extend(placed(None, self.thresholds));
        for (pool, by_check) in self.pools {
            thresholds.extend(placed(Some(Place::Pool(pool)), by_check));
        }
        for (class, by_check) in self.classes {
            thresholds.extend(placed(Some(Place::Class(class)), by_check));
        }
        let parents = self.scope.map(|scope| scope.parents).unwrap_or_default();
        let said = |key: &str, text: Text| match text.value.trim() {
            "" => Err(refused(
                key,
                &text,
                "it is empty; write it or take the line away",
            )),
            _ => Ok(text.value),
        };
        Ok(Config {
            thresholds,
            domains: self
                .domains
                .into_iter()
                .map(|(domain, text)| Ok((domain, said("domains", text)?)))
                .collect::<Result<_, ConfigError>>()?,
            parents: parents
                .into_iter()
                .map(RawParent::check)
                .collect::<Result<_, _>>()?,
            known_consumers: self
                .known_consumers
                .into_iter()
                .map(|text| said("known_consumers", text))
                .collect::<Result<_, _>>()?,
            rate_card: self.rate_card.map(RawRateCard::check).transpose()?,
        })
    }
}

fn placed(place: Option<Place>, by_check: ByCheck) -> impl Iterator<Item = Threshold> {
    by_check.into_iter().flat_map(move |(check, values)| {
        let place = place.clone();
        values.into_iter().map(move |(name, value)| Threshold {
            line: value.referenced.line(),
            place: place.clone(),
            check: check.clone(),
            name,
            value: value.value,
        })
    })
}

impl RawParent {
    fn check(self) -> Result<Parent, ConfigError> {
        let dataset = self.dataset.value.trim();
        if dataset.is_empty() || dataset.starts_with('/') || dataset.ends_with('/') {
            let what = "write a dataset such as tank/k8s, not a mount point";
            return Err(refused("scope.parents.dataset", &self.dataset, what));
        }
        if self.clusters.value.is_empty() {
            let what = "name at least one cluster, as reports print it";
            return Err(refused("scope.parents.clusters", &self.clusters, what));
        }
        Ok(Parent {
            dataset: dataset.to_owned(),
            clusters: self.clusters.value,
            is_complete: self.complete,
        })
    }
}

fn refused<T>(key: &str, at: &Spanned<T>, what: &str) -> ConfigError {
    ConfigError::Value {
        line: at.referenced.line(),
        key: key.to_owned().into(),
        what: what.to_owned(),
    }
}
