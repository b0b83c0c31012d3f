//! What an OpenShift cluster runs on. Its names and addresses are not decoded.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sInfrastructure;
use truenas_common::tables::code::{NodeTopology, Platform};

use crate::gather::metadata::{Metadata, filled};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::INFRASTRUCTURE;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/infrastructure",
    why: "Platform and size class of the cluster, for the advice that depends on them.",
    reads: &[Read::K8sObject(&INFRASTRUCTURE)],
    tables: &["k8s_infrastructure"],
};

/// The one object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Infrastructure {
    metadata: Metadata,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    platform: Option<String>,
    platform_status: PlatformStatus,
    control_plane_topology: Option<String>,
    infrastructure_topology: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PlatformStatus {
    r#type: Option<String>,
}

/// The one row.
pub(in crate::gather) fn rows(
    object: &Infrastructure,
    redactor: &Redactor,
) -> Vec<K8sInfrastructure> {
    let status = &object.status;
    let platform =
        filled(status.platform_status.r#type.as_ref()).or_else(|| filled(status.platform.as_ref()));
    let topology = |text: &Option<String>| filled(text.as_ref()).map(NodeTopology::parse);
    vec![K8sInfrastructure {
        uid: object.metadata.uid(redactor),
        platform: Platform::parse(platform.unwrap_or("None")),
        control_plane_topology: topology(&status.control_plane_topology),
        infrastructure_topology: topology(&status.infrastructure_topology),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn platform_is_a_word_of_a_closed_list() {
        let read = |status: &str| {
            let json =
                format!(r#"{{"metadata": {{"name": "cluster", "uid": "u"}}, "status": {status}}}"#);
            let object: Infrastructure = serde_json::from_str(&json).unwrap();
            let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
            rows(&object, &redactor).remove(0)
        };
        let row = read(
            r#"{"infrastructureName": "prod-x", "platform": "None", "platformStatus": {"type": "BareMetal"},
                "controlPlaneTopology": "SingleReplica"}"#,
        );
        assert_eq!(row.platform, Platform::BareMetal);
        assert_eq!(
            row.control_plane_topology,
            Some(NodeTopology::SingleReplica)
        );
        assert_eq!(row.infrastructure_topology, None);
        assert_eq!(
            read(r#"{"platform": "HomeMade"}"#).platform,
            Platform::Other
        );
    }
}
