//! The cluster itself: its identity is the uid of the namespace `kube-system`.

use serde::Deserialize;
use truenas_common::redact::{Redactor, Version};
use truenas_common::tables::K8sCluster;

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::{KUBE_SYSTEM, Served};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/cluster",
    why: "Identity and version of the cluster, so that bundles of one cluster are recognised.",
    reads: &[Read::K8sObject(&KUBE_SYSTEM)],
    tables: &["k8s_cluster"],
};

/// A namespace.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Namespace {
    metadata: Metadata,
}

impl Namespace {
    /// The uid in clear.
    pub(in crate::gather) fn uid(&self) -> Option<&str> {
        self.metadata.uid.as_deref().filter(|uid| !uid.is_empty())
    }
}

/// The one row; none without a uid.
pub(in crate::gather) fn rows(
    namespace: &Namespace,
    served: &Served,
    name: &str,
    redactor: &Redactor,
) -> Vec<K8sCluster> {
    let row = namespace.uid().map(|uid| K8sCluster {
        uid: redactor.uid(uid),
        name: redactor.name(name),
        version: Version::find(&served.git_version),
        is_openshift: served.is_openshift(),
    });
    row.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn cluster_without_an_identity_has_no_row() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let uid = "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5";
        let json = format!(r#"{{"metadata": {{"name": "kube-system", "uid": "{uid}"}}}}"#);
        let namespace: Namespace = serde_json::from_str(&json).unwrap();
        let mut served = Served::default();
        served.git_version = "v1.36.2".to_owned();
        let found = rows(&namespace, &served, "east", &redactor);
        assert_eq!(found[0].uid.as_str(), uid);
        assert_eq!(found[0].version.as_ref().unwrap().as_str(), "1.36.2");
        assert!(rows(&Namespace::default(), &served, "east", &redactor).is_empty());
    }
}
