//! What a cluster serves. A group that is absent answers 403 to an account without a rule for it, so only discovery
//! can tell "not installed" from "not allowed".

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::source::SourceError;
use crate::source::k8s::{
    API_GROUPS, CORE_VERSIONS, K8sClient, K8sList, K8sObject, SERVER_VERSION,
};

/// Groups and versions that a cluster serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Version of the API server, like `v1.36.2`; empty when it has another form.
    pub git_version: String,
    groups: BTreeSet<(String, String)>,
}

impl Served {
    /// True when the group is served in this version; the core group is the empty text.
    pub fn has(&self, group: &str, version: &str) -> bool {
        self.groups
            .iter()
            .any(|(served, at)| served == group && at == version)
    }

    /// True when the group and version of a list are served; the list itself may still be absent.
    pub fn has_list(&self, list: &K8sList) -> bool {
        self.has(list.group(), list.version())
    }

    /// True when the group and version of an object are served.
    pub fn has_object(&self, object: &K8sObject) -> bool {
        let mut parts = object.path().trim_start_matches('/').split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("apis"), Some(group), Some(version)) => self.has(group, version),
            (Some("api"), Some(version), _) => self.has("", version),
            _ => true,
        }
    }

    /// True for OpenShift.
    pub fn is_openshift(&self) -> bool {
        self.has("config.openshift.io", "v1")
    }

    /// All groups with their versions, sorted.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &str)> {
        self.groups
            .iter()
            .map(|(group, version)| (group.as_str(), version.as_str()))
    }

    fn new(version: VersionBody, core: CoreBody, groups: GroupsBody) -> Self {
        let core = core
            .versions
            .into_iter()
            .map(|version| (String::new(), version));
        let named = groups.groups.into_iter().flat_map(|group| {
            group
                .versions
                .into_iter()
                .map(move |served| (group.name.clone(), served.version))
        });
        let git_version = Some(version.git_version)
            .filter(|text| is_version(text))
            .unwrap_or_default();
        Self {
            git_version,
            groups: core.chain(named).collect(),
        }
    }
}

impl K8sClient {
    /// Asks what the cluster serves: three small documents that every account may read.
    ///
    /// Every cluster has them: a server that does not is out of order, or no API server.
    pub async fn discover(&self) -> Result<Served, SourceError> {
        let documents = async {
            let version = self.object(&SERVER_VERSION).await?;
            let core = self.object(&CORE_VERSIONS).await?;
            let groups = self.object(&API_GROUPS).await?;
            Ok(Served::new(version, core, groups))
        };
        documents
            .await
            .map_err(|error: SourceError| error.though_promised(404))
    }
}

fn is_version(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with('v')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionBody {
    git_version: String,
}

#[derive(Deserialize)]
struct CoreBody {
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct GroupsBody {
    groups: Vec<GroupBody>,
}

#[derive(Deserialize)]
struct GroupBody {
    name: String,
    versions: Vec<GroupVersionBody>,
}

#[derive(Deserialize)]
struct GroupVersionBody {
    version: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::k8s::{CLUSTER_VERSION, KUBE_SYSTEM, PERSISTENT_VOLUMES, VOLUME_SNAPSHOTS};

    fn served(git_version: &str) -> Served {
        let version = VersionBody {
            git_version: git_version.to_owned(),
        };
        let core = serde_json::from_str(r#"{"kind": "APIVersions", "versions": ["v1"]}"#).unwrap();
        let groups = r#"{"groups": [{"name": "storage.k8s.io", "versions":
            [{"groupVersion": "storage.k8s.io/v1", "version": "v1"}, {"groupVersion": "x", "version": "v1beta1"}]}]}"#;
        Served::new(version, core, serde_json::from_str(groups).unwrap())
    }

    #[test]
    fn group_is_served_in_its_versions_only() {
        let served = served("v1.36.2");
        assert!(served.has("", "v1") && served.has("storage.k8s.io", "v1beta1"));
        assert!(!served.has("storage.k8s.io", "v2") && !served.is_openshift());
        assert!(served.has_list(&PERSISTENT_VOLUMES) && !served.has_list(&VOLUME_SNAPSHOTS));
        assert!(served.has_object(&KUBE_SYSTEM) && !served.has_object(&CLUSTER_VERSION));
        assert_eq!(served.git_version, "v1.36.2");
    }

    #[test]
    fn version_of_another_form_is_not_kept() {
        assert_eq!(served("v1 <script>").git_version, "");
    }
}
