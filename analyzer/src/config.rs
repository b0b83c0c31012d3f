//! `analyzer.yaml`: what a site decides about its own report. Read as text, checked once, used as types.
//!
//! Objects are named as reports print them: a pseudonymised estate is configured by its pseudonyms.

mod rate_card;
mod raw;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use crate::checks::{Check, Place};
use crate::query::ParamValue;
use crate::settings::{Parent, Settings};

pub use rate_card::{Basis, Capital, PoolPrice, RateCard, Snapshots};
pub use truenas_common::config::ConfigError;

/// A configuration is a page of text; more is another file.
const MAX_BYTES: u64 = 1 << 20;

/// Everything that the analyst decides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Thresholds, with the line that sets each.
    thresholds: Vec<Threshold>,
    /// Words for domains, by domain.
    pub domains: BTreeMap<String, String>,
    /// Which clusters provision below a parent dataset.
    pub parents: Vec<Parent>,
    /// Hosts that use volumes and are no nodes.
    pub known_consumers: Vec<String>,
    /// What space costs.
    pub rate_card: Option<RateCard>,
}

/// One threshold as the file sets it.
#[derive(Clone, Debug, PartialEq)]
struct Threshold {
    line: u64,
    /// Nothing for every object.
    place: Option<Place>,
    check: String,
    name: String,
    value: ParamValue,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// A file that cannot be read or is no configuration.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::Read {
            path: path.to_owned(),
            source,
        };
        if std::fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
            return Err(ConfigError::TooLarge {
                path: path.to_owned(),
            });
        }
        Self::parse(&std::fs::read_to_string(path).map_err(failed)?)
    }

    /// Checks a text.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        raw::parse(text)?.check()
    }

    /// The settings of a run with the given checks.
    ///
    /// # Errors
    /// A threshold that none of the checks has, or with a value of another type.
    pub fn settings(&self, checks: &[Check]) -> Result<Settings, ConfigError> {
        let mut settings = Settings {
            parents: self.parents.clone(),
            known_consumers: self.known_consumers.clone(),
            ..Settings::default()
        };
        for threshold in &self.thresholds {
            let value = threshold.of(checks)?;
            let overrides = match &threshold.place {
                None => &mut settings.thresholds,
                Some(place) => settings.placed.entry(place.clone()).or_default(),
            };
            let of_check = overrides.entry(threshold.check.clone()).or_default();
            of_check.insert(threshold.name.clone(), value);
        }
        Ok(settings)
    }
}

impl Threshold {
    /// The value, in the type that the check's page gives it.
    fn of(&self, checks: &[Check]) -> Result<ParamValue, ConfigError> {
        let unknown = |known: Vec<&str>, key: &str| ConfigError::Unknown {
            line: self.line,
            key: key.to_owned(),
            known: known.join(", "),
        };
        let Some(check) = checks.iter().find(|check| check.page.id == self.check) else {
            let adjustable = checks
                .iter()
                .filter(|check| !check.page.thresholds.is_empty());
            let ids = adjustable.map(|check| check.page.id.as_str()).collect();
            return Err(unknown(ids, &self.check));
        };
        let thresholds = &check.page.thresholds;
        let Some(threshold) = thresholds.get(&self.name) else {
            return Err(unknown(
                thresholds.keys().map(String::as_str).collect(),
                &format!("{}.{}", self.check, self.name),
            ));
        };
        match (&threshold.default, &self.value) {
            (ParamValue::Float(_), ParamValue::Integer(integer)) => {
                Ok(ParamValue::Float(*integer as f64))
            }
            (ParamValue::Integer(_), ParamValue::Integer(_))
            | (ParamValue::Float(_), ParamValue::Float(_))
            | (ParamValue::Text(_), ParamValue::Text(_))
            | (ParamValue::Bool(_), ParamValue::Bool(_)) => Ok(self.value.clone()),
            (default, _) => Err(ConfigError::Value {
                line: self.line,
                key: format!("{}.{}", self.check, self.name).into(),
                what: format!(
                    "write a value like its default, {default} {}",
                    threshold.unit
                ),
            }),
        }
    }
}
