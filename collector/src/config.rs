//! The configuration file: read as text, checked once, used as types. It holds paths of secrets, never secrets.

mod address;
mod budgets;
mod drivers;
mod raw;
mod retention;
mod secret_scan;
#[cfg(test)]
mod tests;
mod thanos;
mod timeouts;

use std::path::{Path, PathBuf};

use truenas_common::bundle::{Recipient, SiteName};
use truenas_common::redact::Profile;

use crate::source::truenas::AuthMode;
use crate::source::{MinTls, SpkiPin, Timeouts};

pub(crate) use address::Address;
pub(crate) use budgets::{Budgets, Share};
pub(crate) use drivers::DeclaredDriver;
pub(crate) use retention::Retention;
pub(crate) use thanos::Thanos;
pub(crate) use truenas_common::config::ConfigError;

/// A configuration file is a page of text; more is another file.
const MAX_BYTES: u64 = 1 << 20;

/// Everything that the operator decides.
#[derive(Debug)]
pub(crate) struct Config {
    /// Alias of the site.
    pub(crate) site: SiteName,
    /// Who can read the bundles.
    pub(crate) recipients: Vec<Recipient>,
    /// The site's own key, for `--also-to recovery` and for the maps of names.
    pub(crate) recovery_recipient: Option<Recipient>,
    /// Whether new names are written into maps for the recovery key.
    pub(crate) has_reid_map: bool,
    /// Which bundles may go; nothing goes without it.
    pub(crate) retention: Option<Retention>,
    /// What happens to names.
    pub(crate) profile: Profile,
    /// Seconds between planned runs.
    pub(crate) expected_every_secs: u64,
    /// Folder of the bundles, unless `--output` names one.
    pub(crate) output: Option<PathBuf>,
    /// Where the keys are.
    pub(crate) keys: KeyPaths,
    /// Number of the pseudonym key, from 1.
    pub(crate) epoch: u64,
    /// The cluster.
    pub(crate) kubernetes: Option<Kubernetes>,
    /// The metrics of the cluster.
    pub(crate) thanos: Option<Thanos>,
    /// The appliances.
    pub(crate) truenas: Vec<Appliance>,
    /// Which clusters share a parent dataset.
    pub(crate) scope: Vec<Parent>,
    /// What is declared about CSI drivers.
    pub(crate) drivers: Vec<DeclaredDriver>,
    /// How long to wait for servers.
    pub(crate) timeouts: Timeouts,
    /// How much of a run each source may use.
    pub(crate) budgets: Budgets,
}

/// Where the keys are.
#[derive(Debug)]
pub(crate) struct KeyPaths {
    /// Signs bundles.
    pub(crate) site: PathBuf,
    /// Turns names into pseudonyms.
    pub(crate) pseudonym: PathBuf,
}

/// One cluster.
#[derive(Debug)]
pub(crate) struct Kubernetes {
    /// Label; `scope` refers to it.
    pub(crate) name: String,
    /// How to reach it.
    pub(crate) access: KubernetesAccess,
}

/// How to reach the cluster.
#[derive(Debug)]
pub(crate) enum KubernetesAccess {
    /// As a pod of the cluster.
    InCluster,
    /// As a kubeconfig says.
    Kubeconfig {
        /// The file.
        path: PathBuf,
        /// Another context than the current one.
        context: Option<String>,
    },
    /// As given.
    Explicit {
        /// `https://HOST[:PORT]`.
        server: String,
        /// Who signs the server's certificate.
        ca_file: PathBuf,
        /// Bearer token.
        token_file: PathBuf,
    },
}

/// One appliance.
#[derive(Debug)]
pub(crate) struct Appliance {
    /// Label.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) address: Address,
    /// Owner of the key.
    pub(crate) user: Option<String>,
    /// The key.
    pub(crate) api_key_file: PathBuf,
    /// Who signs its certificate.
    pub(crate) ca_file: Option<PathBuf>,
    /// Which keys it may show.
    pub(crate) pins: Vec<SpkiPin>,
    /// Further addresses under which clusters know it.
    pub(crate) addresses: Vec<String>,
    /// How to log in.
    pub(crate) auth: AuthMode,
    /// The oldest TLS version.
    pub(crate) min_tls: MinTls,
}

/// A parent dataset of CSI volumes.
#[derive(Debug)]
pub(crate) struct Parent {
    /// Path of the dataset.
    pub(crate) dataset: String,
    /// Clusters that provision below it.
    pub(crate) clusters: Vec<String>,
    /// Whether no other cluster does.
    pub(crate) is_complete: bool,
}

impl Config {
    /// Reads and checks a file.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::Read {
            path: path.to_owned(),
            source,
        };
        let size = std::fs::metadata(path).map_err(failed)?.len();
        if size > MAX_BYTES {
            return Err(ConfigError::TooLarge {
                path: path.to_owned(),
            });
        }
        Self::parse(&std::fs::read_to_string(path).map_err(failed)?)
    }

    /// Checks a text.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        if let Some((line, key)) = secret_scan::find(text) {
            return Err(ConfigError::Secret { line, key });
        }
        raw::parse(text)?.check()
    }
}
