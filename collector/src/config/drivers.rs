//! What the operator declares about CSI drivers, because their own configuration is a Secret.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::config::ConfigError;

/// One driver as it is declared.
#[derive(Debug)]
pub(crate) struct DeclaredDriver {
    /// Name of the driver, as the cluster knows it.
    pub(crate) name: String,
    /// Whether it speaks to the appliance in clear text.
    pub(crate) is_http: Option<bool>,
    /// Whether it takes any certificate.
    pub(crate) is_insecure_allowed: Option<bool>,
    /// Parent dataset of volumes.
    pub(crate) volumes_parent: Option<String>,
    /// Parent dataset of detached snapshots.
    pub(crate) snapshots_parent: Option<String>,
}

/// One driver as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDriver {
    http: Option<bool>,
    allow_insecure: Option<bool>,
    volumes_parent: Option<Spanned<String>>,
    snapshots_parent: Option<Spanned<String>>,
}

/// Checks every driver; sorted by name.
pub(super) fn drivers(
    raw: BTreeMap<String, Spanned<RawDriver>>,
) -> Result<Vec<DeclaredDriver>, ConfigError> {
    raw.into_iter()
        .map(|(name, raw)| driver(name, raw))
        .collect()
}

fn driver(name: String, raw: Spanned<RawDriver>) -> Result<DeclaredDriver, ConfigError> {
    let line = raw.referenced.line();
    let raw = raw.value;
    let driver = DeclaredDriver {
        name,
        is_http: raw.http,
        is_insecure_allowed: raw.allow_insecure,
        volumes_parent: raw.volumes_parent.map(dataset).transpose()?,
        snapshots_parent: raw.snapshots_parent.map(dataset).transpose()?,
    };
    let is_empty = driver.is_http.is_none()
        && driver.is_insecure_allowed.is_none()
        && driver.volumes_parent.is_none()
        && driver.snapshots_parent.is_none();
    if driver.name.is_empty() || is_empty {
        let what = "name the driver as `kubectl get csidrivers` does, and declare one of `http`, `allow_insecure`, \
                    `volumes_parent`, `snapshots_parent`";
        return Err(refused("drivers", line, what));
    }
    Ok(driver)
}

fn dataset(text: Spanned<String>) -> Result<String, ConfigError> {
    let is_component = |component: &str| !component.is_empty() && !component.contains('@');
    match text.value.split('/').all(is_component) {
        true => Ok(text.value),
        false => {
            let what = "write a dataset as TrueNAS names it, like tank/k8s/volumes";
            Err(refused("drivers", text.referenced.line(), what))
        }
    }
}

fn refused(key: &'static str, line: u64, what: &str) -> ConfigError {
    ConfigError::Value {
        line,
        key: key.into(),
        what: what.to_owned(),
    }
}
