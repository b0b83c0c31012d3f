//! `world.yaml` as it is written, and the checks that turn it into a [`World`].

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{
    Allowed, Appliance, Cluster, DeniedResource, Fault, FaultKind, GrantedVerb, Scope, Side,
    Thanos, World, WorldError, entries,
};
use crate::simulate::Version;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWorld {
    now: String,
    #[serde(default)]
    appliances: Vec<RawAppliance>,
    #[serde(default)]
    clusters: Vec<RawCluster>,
    #[serde(default)]
    scope: Scope,
    #[serde(default)]
    faults: Vec<RawFault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAppliance {
    name: Option<String>,
    version: Option<String>,
    user: Option<String>,
    api_key: Option<String>,
    roles: Option<Vec<String>>,
    allowlist: Option<Vec<Allowed>>,
    #[serde(default)]
    web_shell: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCluster {
    name: Option<String>,
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    granted: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFault {
    at: String,
    kind: String,
    nth: Option<u32>,
    times: Option<u32>,
}

/// The fine-grained roles of a collector's account, used when a world names none.
const DEFAULT_ROLES: [&str; 20] = [
    "POOL_READ",
    "DATASET_READ",
    "SNAPSHOT_READ",
    "ZFS_RESOURCE_READ",
    "SNAPSHOT_TASK_READ",
    "SHARING_ISCSI_GLOBAL_READ",
    "SHARING_ISCSI_TARGET_READ",
    "SHARING_ISCSI_EXTENT_READ",
    "SHARING_ISCSI_TARGETEXTENT_READ",
    "SHARING_ISCSI_PORTAL_READ",
    "SHARING_ISCSI_INITIATOR_READ",
    "SHARING_NFS_READ",
    "SHARING_SMB_READ",
    "SHARING_NVME_TARGET_READ",
    "SERVICE_READ",
    "ALERT_LIST_READ",
    "REPLICATION_TASK_READ",
    "DISK_READ",
    "SYSTEM_UPDATE_READ",
    "FAILOVER_READ",
];

impl RawWorld {
    /// Checks every value and finds the folders.
    pub(super) fn check(self, folder: &Path, path: &Path) -> Result<World, WorldError> {
        let refuse = |key, value: &str, expected| WorldError::Value {
            path: path.to_path_buf(),
            key,
            value: value.to_owned(),
            expected,
        };
        let now = self.now.parse().map_err(|_| {
            refuse(
                "now",
                &self.now,
                "an RFC 3339 time such as 2026-11-01T02:00:00Z",
            )
        })?;
        let mut appliances = Vec::new();
        for raw in self.appliances {
            let version = raw.version.as_deref().unwrap_or("25.10");
            let version = Version::parse(version)
                .ok_or_else(|| refuse("version", version, "24.04, 24.10, 25.04, 25.10 or 26"))?;
            let name = raw.name.unwrap_or_else(|| "default".to_owned());
            if !is_name(&name)
                || appliances
                    .iter()
                    .any(|other: &Appliance| other.name == name)
            {
                return Err(refuse(
                    "appliance name",
                    &name,
                    "a unique name of letters, digits, `-`, `_` and `.`",
                ));
            }
            let folder = place_folder(folder, "truenas", &name);
            let roles = raw.roles.unwrap_or_else(default_roles);
            let user = raw.user.unwrap_or_else(|| "collector".to_owned());
            appliances.push(Appliance {
                name,
                version,
                user,
                api_key: raw.api_key,
                roles,
                allowlist: raw.allowlist,
                has_web_shell: raw.web_shell,
                folder,
            });
        }
        let mut clusters = Vec::new();
        for raw in self.clusters {
            let name = raw.name.unwrap_or_else(|| "default".to_owned());
            if !is_name(&name) || clusters.iter().any(|other: &Cluster| other.name == name) {
                return Err(refuse(
                    "cluster name",
                    &name,
                    "a unique name of letters, digits, `-`, `_` and `.`",
                ));
            }
            let denied = raw
                .denied
                .iter()
                .map(|text| DeniedResource::parse(text))
                .collect();
            let granted = raw.granted.iter().map(|text| {
                let expected = "a verb and a resource, as in `delete persistentvolumes`";
                GrantedVerb::parse(text).ok_or_else(|| refuse("granted", text, expected))
            });
            let granted = granted.collect::<Result<_, _>>()?;
            let folder = place_folder(folder, "kubernetes", &name);
            clusters.push(Cluster {
                name,
                denied,
                granted,
                folder,
            });
        }
        for (prefix, name, folder) in unlisted_places(folder)? {
            if prefix == "truenas" && !appliances.iter().any(|known| known.folder == folder) {
                let version = Version::parse("25.10")
                    .ok_or_else(|| refuse("version", "25.10", "a known version"))?;
                let user = "collector".to_owned();
                appliances.push(Appliance {
                    name,
                    version,
                    user,
                    api_key: None,
                    roles: default_roles(),
                    allowlist: None,
                    has_web_shell: false,
                    folder,
                });
            } else if prefix == "kubernetes" && !clusters.iter().any(|known| known.folder == folder)
            {
                clusters.push(Cluster {
                    name,
                    denied: Vec::new(),
                    granted: Vec::new(),
                    folder,
                });
            }
        }
        let thanos = clusters
            .iter()
            .map(|cluster| thanos(folder, cluster))
            .filter(|thanos| thanos.folder.is_dir())
            .collect();
        let mut faults = Vec::new();
        for raw in self.faults {
            faults.push(
                raw.check()
                    .map_err(|(key, value, expected)| refuse(key, &value, expected))?,
            );
        }
        Ok(World {
            folder: folder.to_path_buf(),
            now,
            appliances,
            clusters,
            thanos,
            scope: self.scope,
            faults,
        })
    }
}

/// The metrics of a cluster, if their folder is there.
fn thanos(world: &Path, cluster: &Cluster) -> Thanos {
    let mut rules = cluster.denied.iter();
    Thanos {
        cluster: cluster.name.clone(),
        is_denied: rules.any(|rule| rule.covers("monitoring.coreos.com", "prometheuses")),
        folder: place_folder(world, "thanos", &cluster.name),
    }
}

impl RawFault {
    fn check(self) -> Result<Fault, (&'static str, String, &'static str)> {
        let expected = "`k8s:/path`, `thanos:metric` or `truenas:method`";
        let Some((side, target)) = self.at.split_once(':') else {
            return Err(("at", self.at, expected));
        };
        let (side, place) = match side.split_once('@') {
            Some((side, place)) => (side, Some(place.to_owned())),
            None => (side, None),
        };
        let side = match side {
            "k8s" => Side::Kubernetes,
            "thanos" => Side::Thanos,
            "truenas" => Side::Truenas,
            _ => return Err(("at", self.at, expected)),
        };
        let Some(kind) = FaultKind::parse(&self.kind) else {
            let expected = "refuse, 401, 403, 404, 410, 429, 500, hang, drip, cut, giant, malformed, wrong-id, \
                            endless, endless-fresh, wrong-proof or wrong-binding";
            return Err(("kind", self.kind, expected));
        };
        let times = self.times.or(self.nth.map(|_| 1));
        Ok(Fault {
            side,
            place,
            target: target.to_owned(),
            kind,
            nth: self.nth.unwrap_or(1).max(1),
            times,
        })
    }
}

impl FaultKind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "refuse" => Self::Refuse,
            "401" => Self::Unauthorized,
            "403" => Self::Forbidden,
            "404" => Self::NotFound,
            "410" => Self::Gone,
            "429" => Self::TooManyRequests,
            "500" => Self::ServerError,
            "hang" => Self::Hang,
            "drip" => Self::Drip,
            "cut" => Self::Cut,
            "giant" => Self::Giant,
            "malformed" => Self::Malformed,
            "wrong-id" => Self::WrongId,
            "endless" => Self::Endless,
            "endless-fresh" => Self::EndlessFresh,
            "wrong-proof" => Self::WrongProof,
            "wrong-binding" => Self::WrongBinding,
            _ => return None,
        })
    }
}

fn default_roles() -> Vec<String> {
    DEFAULT_ROLES
        .iter()
        .map(|role| (*role).to_owned())
        .collect()
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The folder `PREFIX@NAME`, or `PREFIX` for the only or first place of its kind.
fn place_folder(world: &Path, prefix: &str, name: &str) -> PathBuf {
    let named = world.join(format!("{prefix}@{name}"));
    if named.is_dir() {
        named
    } else {
        world.join(prefix)
    }
}

fn unlisted_places(world: &Path) -> Result<Vec<(&'static str, String, PathBuf)>, WorldError> {
    let mut places = Vec::new();
    for path in entries(world)?.into_iter().filter(|path| path.is_dir()) {
        let file_name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
            .to_owned();
        for prefix in ["truenas", "kubernetes"] {
            if file_name == prefix {
                places.push((prefix, "default".to_owned(), path.clone()));
            } else if let Some(name) = file_name
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix('@'))
            {
                places.push((prefix, name.to_owned(), path.clone()));
            }
        }
    }
    places.sort();
    Ok(places)
}
