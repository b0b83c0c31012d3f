//! The configuration as it is written, and the checks that turn it into types.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_saphyr::Spanned;
use truenas_common::bundle::{Recipient, SiteName};
use truenas_common::redact::Profile;

use crate::config::budgets::RawBudgets;
use crate::config::drivers::{RawDriver, drivers};
use crate::config::retention::RawRetention;
use crate::config::thanos::{self, RawThanos};
use crate::config::timeouts::RawTimeouts;
use crate::config::{
    Address, Appliance, Config, ConfigError, KeyPaths, Kubernetes, KubernetesAccess, Parent,
    Retention,
};
use crate::source::truenas::AuthMode;
use crate::source::{MinTls, SpkiPin};

pub(super) type Text = Spanned<String>;

/// Reads YAML; unknown keys are errors.
pub(super) fn parse(text: &str) -> Result<RawConfig, ConfigError> {
    serde_saphyr::from_str(text).map_err(|error| ConfigError::of_parser(&error))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    site: Text,
    recipients: Spanned<Vec<Text>>,
    recovery_recipient: Option<Text>,
    reid_map: Option<Spanned<bool>>,
    retention: Option<RawRetention>,
    profile: Option<Text>,
    expected_every: Option<Text>,
    output: Option<Text>,
    keys: RawKeys,
    epoch: Option<Spanned<u64>>,
    kubernetes: Option<Spanned<RawKubernetes>>,
    thanos: Option<Spanned<RawThanos>>,
    #[serde(default)]
    truenas: Vec<Spanned<RawAppliance>>,
    scope: Option<RawScope>,
    timeouts: Option<RawTimeouts>,
    budgets: Option<RawBudgets>,
    #[serde(default)]
    drivers: BTreeMap<String, Spanned<RawDriver>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeys {
    site: Text,
    pseudonym: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKubernetes {
    name: Text,
    in_cluster: Option<bool>,
    kubeconfig: Option<Text>,
    context: Option<String>,
    server: Option<Text>,
    ca_file: Option<Text>,
    token_file: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAppliance {
    name: Text,
    url: Text,
    user: Option<String>,
    api_key_file: Text,
    ca_file: Option<Text>,
    #[serde(default)]
    pin: Vec<Text>,
    #[serde(default)]
    addresses: Vec<String>,
    auth: Option<Text>,
    min_tls: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScope {
    parents: Vec<Spanned<RawParent>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParent {
    dataset: String,
    clusters: Vec<String>,
    #[serde(default)]
    complete: bool,
}

impl RawConfig {
    pub(super) fn check(self) -> Result<Config, ConfigError> {
        let recipients = self.recipients.value.iter();
        let recipients: Vec<Recipient> = recipients
            .map(|text| recipient("recipients", text))
            .collect::<Result<_, _>>()?;
        if !(1..=20).contains(&recipients.len()) {
            return Err(refused(
                "recipients",
                &self.recipients,
                "give 1 to 20 lines that begin with age1, from the analyst",
            ));
        }
        let truenas = appliances(self.truenas)?;
        let kubernetes = self.kubernetes.map(kubernetes).transpose()?;
        if kubernetes.is_none() && truenas.is_empty() {
            return Err(ConfigError::Missing {
                line: 1,
                key: "kubernetes` or `truenas".to_owned(),
            });
        }
        let recovery_recipient = self
            .recovery_recipient
            .map(|text| recipient("recovery_recipient", &text))
            .transpose()?;
        Ok(Config {
            has_reid_map: reid_map(self.reid_map, recovery_recipient.is_some())?,
            retention: self
                .retention
                .map_or(Some(Retention::default()), |retention| retention.0),
            site: SiteName::parse(&self.site.value)
                .map_err(|error| refused("site", &self.site, error))?,
            recipients,
            recovery_recipient,
            profile: profile(self.profile.as_ref())?,
            expected_every_secs: duration(self.expected_every.as_ref())?,
            output: optional_path("output", self.output)?,
            keys: KeyPaths {
                site: path("keys.site", &self.keys.site)?,
                pseudonym: path("keys.pseudonym", &self.keys.pseudonym)?,
            },
            epoch: epoch(self.epoch)?,
            thanos: self
                .thanos
                .map(|raw| thanos::check(&raw, kubernetes.as_ref()))
                .transpose()?,
            kubernetes,
            truenas,
            scope: scope(self.scope)?,
            drivers: drivers(self.drivers)?,
            timeouts: self.timeouts.unwrap_or_default().check()?,
            budgets: self.budgets.unwrap_or_default().check()?,
        })
    }
}

pub(super) fn refused<T>(key: &'static str, at: &Spanned<T>, what: impl ToString) -> ConfigError {
    ConfigError::Value {
        line: at.referenced.line(),
        key: key.into(),
        what: what.to_string(),
    }
}

fn recipient(key: &'static str, text: &Text) -> Result<Recipient, ConfigError> {
    Recipient::parse(&text.value).map_err(|error| refused(key, text, error))
}

/// On when somebody can read the maps.
fn reid_map(wanted: Option<Spanned<bool>>, has_recovery: bool) -> Result<bool, ConfigError> {
    match wanted {
        None => Ok(has_recovery),
        Some(wanted) if wanted.value && !has_recovery => Err(refused(
            "reid_map",
            &wanted,
            "maps of names need `recovery_recipient`; `truenas-collector keygen recovery` makes one",
        )),
        Some(wanted) => Ok(wanted.value),
    }
}

pub(super) fn path(key: &'static str, text: &Text) -> Result<PathBuf, ConfigError> {
    let path = PathBuf::from(&text.value);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(refused(
        key,
        text,
        "a relative path depends on where the program is started; write it from / on",
    ))
}

fn optional_path(key: &'static str, text: Option<Text>) -> Result<Option<PathBuf>, ConfigError> {
    text.map(|text| path(key, &text)).transpose()
}

fn profile(text: Option<&Text>) -> Result<Profile, ConfigError> {
    match text {
        None => Ok(Profile::Standard),
        Some(text) => match text.value.as_str() {
            "standard" => Ok(Profile::Standard),
            "open" => Ok(Profile::Open),
            _ => Err(refused(
                "profile",
                text,
                "choose `standard` (names become pseudonyms) or `open` (names stay readable)",
            )),
        },
    }
}

fn duration(text: Option<&Text>) -> Result<u64, ConfigError> {
    let Some(text) = text else {
        return Ok(86_400);
    };
    let unit_secs = match text.value.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => 0,
    };
    let number = text.value.trim_end_matches(['m', 'h', 'd']).parse::<u64>();
    let secs = number.ok().and_then(|number| number.checked_mul(unit_secs));
    secs.filter(|secs| *secs > 0)
        .ok_or_else(|| refused("expected_every", text, "write a time like 24h, 90m or 7d"))
}

fn epoch(epoch: Option<Spanned<u64>>) -> Result<u64, ConfigError> {
    match epoch {
        None => Ok(1),
        Some(epoch) if epoch.value > 0 => Ok(epoch.value),
        Some(epoch) => Err(refused("epoch", &epoch, "epochs are counted from 1")),
    }
}

fn kubernetes(raw: Spanned<RawKubernetes>) -> Result<Kubernetes, ConfigError> {
    let one_way = || {
        refused(
            "kubernetes",
            &raw,
            "give one of: `in_cluster: true`; `kubeconfig`; `server` with `ca_file` and `token_file`",
        )
    };
    let block = &raw.value;
    let access = match (block.in_cluster, &block.kubeconfig, &block.server) {
        (Some(true), None, None) => KubernetesAccess::InCluster,
        (None | Some(false), Some(kubeconfig), None) => KubernetesAccess::Kubeconfig {
            path: path("kubernetes.kubeconfig", kubeconfig)?,
            context: block.context.clone(),
        },
        (None | Some(false), None, Some(server)) => {
            let (Some(ca_file), Some(token_file)) = (&block.ca_file, &block.token_file) else {
                return Err(one_way());
            };
            if !server.value.starts_with("https://") {
                return Err(refused(
                    "kubernetes.server",
                    server,
                    "a token sent over http:// can be read on the way; use https://",
                ));
            }
            KubernetesAccess::Explicit {
                server: server.value.clone(),
                ca_file: path("kubernetes.ca_file", ca_file)?,
                token_file: path("kubernetes.token_file", token_file)?,
            }
        }
        _ => return Err(one_way()),
    };
    let is_explicit = matches!(access, KubernetesAccess::Explicit { .. });
    let is_kubeconfig = matches!(access, KubernetesAccess::Kubeconfig { .. });
    let has_files = block.ca_file.is_some() || block.token_file.is_some();
    if (has_files && !is_explicit) || (block.context.is_some() && !is_kubeconfig) {
        return Err(one_way());
    }
    Ok(Kubernetes {
        name: label("kubernetes.name", &block.name)?,
        access,
    })
}

fn label(key: &'static str, text: &Text) -> Result<String, ConfigError> {
    if text.value.trim().is_empty() {
        return Err(refused(key, text, "give a short label"));
    }
    Ok(text.value.clone())
}

fn appliances(raw: Vec<Spanned<RawAppliance>>) -> Result<Vec<Appliance>, ConfigError> {
    let mut appliances: Vec<Appliance> = Vec::new();
    for raw in raw {
        let appliance = appliance(&raw)?;
        if appliances.iter().any(|other| other.name == appliance.name) {
            return Err(refused(
                "truenas.name",
                &raw.value.name,
                "two appliances have this name; give each its own",
            ));
        }
        appliances.push(appliance);
    }
    Ok(appliances)
}

fn appliance(raw: &Spanned<RawAppliance>) -> Result<Appliance, ConfigError> {
    let block = &raw.value;
    if block.ca_file.is_none() && block.pin.is_empty() {
        return Err(refused(
            "truenas",
            raw,
            "give `ca_file`, `pin` or both; `truenas-collector pin HOST:PORT` prints a pin to compare",
        ));
    }
    let pins = block.pin.iter().map(|text| {
        text.value
            .parse::<SpkiPin>()
            .map_err(|error| refused("truenas.pin", text, error))
    });
    Ok(Appliance {
        name: label("truenas.name", &block.name)?,
        address: Address::parse(&block.url.value)
            .map_err(|what| refused("truenas.url", &block.url, what))?,
        user: block.user.clone(),
        api_key_file: path("truenas.api_key_file", &block.api_key_file)?,
        ca_file: block
            .ca_file
            .as_ref()
            .map(|text| path("truenas.ca_file", text))
            .transpose()?,
        pins: pins.collect::<Result<_, _>>()?,
        addresses: block.addresses.clone(),
        auth: auth(block.auth.as_ref())?,
        min_tls: min_tls(block.min_tls.as_ref())?,
    })
}

fn auth(text: Option<&Text>) -> Result<AuthMode, ConfigError> {
    match text.map(|text| (text, text.value.as_str())) {
        None | Some((_, "auto")) => Ok(AuthMode::Auto),
        Some((_, "api-key")) => Ok(AuthMode::ApiKey),
        Some((_, "scram")) => Ok(AuthMode::Scram),
        Some((text, _)) => Err(refused(
            "truenas.auth",
            text,
            "choose `auto`, `api-key` or `scram`",
        )),
    }
}

fn min_tls(text: Option<&Text>) -> Result<MinTls, ConfigError> {
    match text.map(|text| (text, text.value.as_str())) {
        None | Some((_, "1.3")) => Ok(MinTls::Tls13),
        Some((_, "1.2")) => Ok(MinTls::Tls12),
        Some((text, _)) => Err(refused("truenas.min_tls", text, "choose `1.2` or `1.3`")),
    }
}

fn scope(raw: Option<RawScope>) -> Result<Vec<Parent>, ConfigError> {
    let parents = raw.map(|scope| scope.parents).unwrap_or_default();
    parents
        .into_iter()
        .map(|parent| {
            let is_path = !parent.value.dataset.is_empty()
                && parent.value.dataset.split('/').all(|part| !part.is_empty());
            if !is_path || parent.value.clusters.is_empty() {
                return Err(refused(
                    "scope.parents",
                    &parent,
                    "give `dataset` as POOL/PATH without / at its ends, and at least one of `clusters`",
                ));
            }
            Ok(Parent {
                dataset: parent.value.dataset,
                clusters: parent.value.clusters,
                is_complete: parent.value.complete,
            })
        })
        .collect()
}
