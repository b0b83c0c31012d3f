//! Version and update state of an OpenShift cluster.

use serde::Deserialize;
use truenas_common::redact::{Redactor, Version};
use truenas_common::tables::K8sClusterVersion;
use truenas_common::tables::code::UpdateChannel;

use crate::gather::condition::{Condition, truth};
use crate::gather::metadata::{filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::CLUSTER_VERSION;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/cluster_version",
    why: "Whether the platform is supported, and whether an update was running while the rest was read.",
    reads: &[Read::K8sObject(&CLUSTER_VERSION)],
    tables: &["k8s_cluster_version"],
};

/// The one object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct ClusterVersion {
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(rename = "clusterID")]
    cluster_id: Option<String>,
    channel: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    history: Option<Vec<Update>>,
    conditions: Option<Vec<Condition>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Update {
    state: String,
    version: String,
    completion_time: Option<String>,
}

/// The one row.
pub(in crate::gather) fn rows(
    object: &ClusterVersion,
    redactor: &Redactor,
) -> Vec<K8sClusterVersion> {
    let (spec, status) = (&object.spec, &object.status);
    let Some(cluster_id) = filled(spec.cluster_id.as_ref()) else {
        return Vec::new();
    };
    // The newest is first; one that is not completed is still being installed.
    let mut history = status.history.iter().flatten();
    let installed = history.find(|update| update.state == "Completed");
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let channel = filled(spec.channel.as_ref());
    vec![K8sClusterVersion {
        cluster_uid: redactor.uid(cluster_id),
        version: installed.and_then(|update| Version::find(&update.version)),
        installed_at: installed.and_then(|update| time(update.completion_time.as_deref())),
        channel: channel.map(|name| UpdateChannel::parse(name.split('-').next().unwrap_or(name))),
        is_available: truth(conditions, "Available"),
        is_progressing: truth(conditions, "Progressing"),
        is_failing: truth(conditions, "Failing"),
        is_upgradeable: truth(conditions, "Upgradeable"),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn version_is_the_installed_one_while_an_update_runs() {
        let object: ClusterVersion = serde_json::from_str(
            r#"{"metadata": {"name": "version"},
                "spec": {"clusterID": "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5", "channel": "stable-4.20"},
                "status": {"history": [{"state": "Partial", "version": "4.20.5", "completionTime": null},
                    {"state": "Completed", "version": "4.20.4", "completionTime": "2026-03-02T09:00:00Z"}],
                  "conditions": [{"type": "Available", "status": "True"}, {"type": "Progressing", "status": "True"}]}}"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = &rows(&object, &redactor)[0];
        assert_eq!(row.version.as_ref().unwrap().as_str(), "4.20.4");
        assert_eq!(row.channel, Some(UpdateChannel::Stable));
        assert_eq!((row.is_progressing, row.is_failing), (Some(true), None));
        assert!(row.installed_at.is_some());
        assert!(rows(&ClusterVersion::default(), &redactor).is_empty());
    }
}
