//! The world folder: what the simulators serve, read from `world.yaml` and checked once.
//!
//! A *world* is one moment of an estate; a *series* is a folder of worlds `000/`, `001/`, ….

mod raw;

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use serde::Deserialize;

use self::raw::RawWorld;
use crate::simulate::Version;

/// Why a world folder cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// A file or folder could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `world.yaml` is not YAML, or holds a key that no world has.
    #[error("cannot parse `{path}`; see the world folder's keys in the documentation")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: Box<serde_saphyr::Error>,
    },
    /// A value of `world.yaml` has the right form but no meaning.
    #[error("`{path}`: {key} `{value}` is not valid; write {expected}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// The value found.
        value: String,
        /// What would be valid.
        expected: &'static str,
    },
    /// A folder that is neither a world nor a series.
    #[error("`{path}` holds neither `world.yaml` nor worlds `000/`, `001/`, …")]
    NoWorld {
        /// The folder.
        path: PathBuf,
    },
}

/// One moment of an estate.
#[derive(Debug, Clone)]
pub struct World {
    /// The folder.
    pub folder: PathBuf,
    /// The time that every simulated server believes in.
    pub now: Timestamp,
    /// TrueNAS appliances, in the order of their ports.
    pub appliances: Vec<Appliance>,
    /// Kubernetes clusters, in the order of their ports.
    pub clusters: Vec<Cluster>,
    /// Metrics of the clusters that have any.
    pub thanos: Vec<Thanos>,
    /// Which clusters share which parent dataset.
    pub scope: Scope,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
}

/// One simulated appliance.
#[derive(Debug, Clone)]
pub struct Appliance {
    /// Name; `default` for the folder `truenas/`.
    pub name: String,
    /// Release it imitates.
    pub version: Version,
    /// Account that the API key belongs to.
    pub user: String,
    /// API key `ID-KEY`; made up for each run when absent.
    pub api_key: Option<String>,
    /// Roles of the account; up to 24.10, where a key has no account, they stand for the list of what it may call.
    pub roles: Vec<String>,
    /// What the key may call, up to 24.10; made of the roles when absent.
    pub allowlist: Option<Vec<Allowed>>,
    /// Whether the account may open a shell in the web interface.
    pub has_web_shell: bool,
    /// Folder of its answers; need not exist.
    pub folder: PathBuf,
}

/// One entry of the list of an API key; `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// `CALL`, or `*`.
    pub method: String,
    /// Method of the middleware, or a pattern.
    pub resource: String,
}

/// One simulated cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Name; `default` for the folder `kubernetes/`.
    pub name: String,
    /// What the account may not read.
    pub denied: Vec<DeniedResource>,
    /// What it may do beyond reading; only the reviews of rights know it.
    pub granted: Vec<GrantedVerb>,
    /// Folder of its objects; need not exist.
    pub folder: PathBuf,
}

/// The metrics of one simulated cluster; a world without their folder has none.
#[derive(Debug, Clone)]
pub struct Thanos {
    /// Name of the cluster.
    pub cluster: String,
    /// Whether the account lacks the role: the cluster denies `monitoring.coreos.com/prometheuses`.
    pub is_denied: bool,
    /// Folder of its series.
    pub folder: PathBuf,
}

/// A resource that RBAC refuses; `*` stands for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeniedResource {
    /// API group, empty for core.
    pub group: String,
    /// Plural resource name.
    pub resource: String,
}

/// A right in excess, written `delete persistentvolumes` or `create apps/deployments`; `*` stands for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedVerb {
    /// Verb.
    pub verb: String,
    /// API group, empty for core.
    pub group: String,
    /// Plural resource name, of the core group with its subresource.
    pub resource: String,
}

/// Declared sharing of parent datasets, in the form of the collector's configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Parent datasets and the clusters that keep volumes below them.
    #[serde(default)]
    pub parents: Vec<ScopeParent>,
}

/// One parent dataset of a [`Scope`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeParent {
    /// Full dataset name.
    pub dataset: String,
    /// Clusters with volumes below it.
    #[serde(default)]
    pub clusters: Vec<String>,
    /// True when no other cluster uses it.
    #[serde(default)]
    pub complete: bool,
}

/// Which simulated side a fault or a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// A Kubernetes API server.
    Kubernetes,
    /// The metrics of a cluster.
    Thanos,
    /// A TrueNAS appliance.
    Truenas,
}

/// One thing that goes wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which side.
    pub side: Side,
    /// Only this cluster or appliance (`k8s@NAME:`, `thanos@NAME:` or `truenas@NAME:`).
    pub place: Option<String>,
    /// Path without query, metric, or method; a final `*` matches any rest.
    pub target: String,
    /// What happens.
    pub kind: FaultKind,
    /// First matching request that is hit, from 1.
    pub nth: u32,
    /// How many matching requests are hit; `None` is all of them.
    pub times: Option<u32>,
}

/// What a fault does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The connection is closed without an answer.
    Refuse,
    /// The credential is not accepted.
    Unauthorized,
    /// The credential may not do this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// A continue token, or a session, has expired.
    Gone,
    /// Too many requests; come back later.
    TooManyRequests,
    /// The server fails.
    ServerError,
    /// No answer ever comes.
    Hang,
    /// The answer comes a few bytes at a time.
    Drip,
    /// The connection is cut in the middle of the answer.
    Cut,
    /// The answer is far larger than any client should accept.
    Giant,
    /// The answer is not JSON.
    Malformed,
    /// The answer belongs to another request: TrueNAS names another id, Kubernetes sends a list of another kind, Thanos
    /// a result of another type, an upgrade proves another key.
    WrongId,
    /// Pages without end: a continue token that leads to the same page, or rows that no filter holds back. What has no
    /// pages is one answer without end.
    Endless,
    /// Kubernetes: pages without end, each with a continue token of its own. Elsewhere as [`FaultKind::Endless`].
    EndlessFresh,
    /// A SCRAM login whose server does not know the key: another nonce than the client's, another signature.
    WrongProof,
    /// A SCRAM login on which the server sees another certificate than the client does: somebody is in between.
    WrongBinding,
}

impl World {
    /// Reads and checks one world folder.
    pub fn read(folder: &Path) -> Result<Self, WorldError> {
        let path = folder.join("world.yaml");
        let text = fs::read_to_string(&path).map_err(|source| WorldError::Read {
            path: path.clone(),
            source,
        })?;
        let raw: RawWorld = serde_saphyr::from_str(&text).map_err(|source| WorldError::Parse {
            path: path.clone(),
            source: Box::new(source),
        })?;
        raw.check(folder, &path)
    }

    /// Folders of the worlds below `path`: the folder itself, or the members of a series in order.
    pub fn folders(path: &Path) -> Result<Vec<PathBuf>, WorldError> {
        if path.join("world.yaml").is_file() {
            return Ok(vec![path.to_path_buf()]);
        }
        let mut folders: Vec<PathBuf> = entries(path)?
            .into_iter()
            .filter(|entry| is_member(entry))
            .collect();
        folders.sort();
        if folders.is_empty() {
            return Err(WorldError::NoWorld {
                path: path.to_path_buf(),
            });
        }
        Ok(folders)
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, WorldError> {
    let read_error = |source| WorldError::Read {
        path: folder.to_path_buf(),
        source,
    };
    fs::read_dir(folder)
        .map_err(read_error)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(read_error))
        .collect()
}

fn is_member(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_digit())
        && path.join("world.yaml").is_file()
}

impl GrantedVerb {
    fn parse(text: &str) -> Option<Self> {
        let (verb, resource) = text.split_once(' ')?;
        let (group, resource) = match resource.split_once('/') {
            // The core group has no name, and its subresources do: `create pods/exec`.
            Some((group, resource))
                if group.contains('.') || ["apps", "batch", "*"].contains(&group) =>
            {
                (group, resource)
            }
            _ => ("", resource),
        };
        Some(Self {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
        })
    }

    /// True when the right covers the question.
    #[must_use]
    pub fn covers(&self, verb: &str, group: &str, resource: &str) -> bool {
        let is = |granted: &str, asked: &str| granted == "*" || granted == asked;
        is(&self.verb, verb) && is(&self.group, group) && is(&self.resource, resource)
    }
}

impl DeniedResource {
    fn parse(text: &str) -> Self {
        let (group, resource) = text.rsplit_once('/').unwrap_or(("", text));
        let group = if matches!(group, "core" | "v1") {
            ""
        } else {
            group
        };
        Self {
            group: group.to_owned(),
            resource: resource.to_owned(),
        }
    }

    /// True when the rule covers the resource.
    #[must_use]
    pub fn covers(&self, group: &str, resource: &str) -> bool {
        (self.group == "*" || self.group == group)
            && (self.resource == "*" || self.resource == resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<World, WorldError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("world.yaml"), yaml).unwrap();
        World::read(folder.path())
    }

    #[test]
    fn only_now_is_needed() {
        let world = read("now: 2026-11-01T02:00:00Z").unwrap();
        assert!(world.appliances.is_empty() && world.clusters.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(matches!(
            read("now: 2026-11-01T02:00:00Z\nappliance: []"),
            Err(WorldError::Parse { .. })
        ));
    }

    #[test]
    fn a_version_keeps_its_last_zero_and_a_status_may_be_a_number() {
        let yaml = "now: 2026-11-01T02:00:00Z\nappliances: [{name: a, version: 24.10}]\n\
                    faults: [{at: 'k8s:/api/v1/pods', kind: 429, nth: 2}]";
        let world = read(yaml).unwrap();
        assert_eq!(world.appliances[0].version.name(), "24.10");
        assert_eq!(world.faults[0].kind, FaultKind::TooManyRequests);
        assert_eq!((world.faults[0].nth, world.faults[0].times), (2, Some(1)));
    }

    #[test]
    fn a_series_is_its_numbered_folders_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["001", "000", "notes"] {
            let member = folder.path().join(name);
            fs::create_dir(&member).unwrap();
            fs::write(member.join("world.yaml"), "now: 2026-11-01T02:00:00Z").unwrap();
        }
        let folders = World::folders(folder.path()).unwrap();
        assert_eq!(
            folders,
            [folder.path().join("000"), folder.path().join("001")]
        );
    }
}
