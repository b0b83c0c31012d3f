//! Data volumes of KubeVirt: claims that are filled by an import, an upload or a clone.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sDataVolume;
use truenas_common::tables::code::DataVolumePhase;

use crate::gather::metadata::{Metadata, filled};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::DATA_VOLUMES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/data_volume",
    why: "Explains temporary claims of imports and clones, and finds those that hang.",
    reads: &[Read::K8s(&DATA_VOLUMES)],
    tables: &["k8s_data_volume"],
};

/// A data volume.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct DataVolume {
    metadata: Metadata,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    phase: Option<String>,
}

/// One row a data volume.
pub(in crate::gather) fn rows(volumes: &[DataVolume], redactor: &Redactor) -> Vec<K8sDataVolume> {
    volumes
        .iter()
        .map(|volume| {
            let metadata = &volume.metadata;
            let owner = metadata.owner();
            K8sDataVolume {
                namespace: redactor.name(metadata.namespace()),
                claim: redactor.name(metadata.name()),
                uid: metadata.uid(redactor),
                created_at: metadata.created_at(),
                deleting_at: metadata.deleting_at(),
                phase: filled(volume.status.phase.as_ref()).map(DataVolumePhase::parse),
                owner_kind: owner.map(|owner| owner.kind()),
                owner_uid: owner.map(|owner| owner.uid(redactor)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::tables::code::WorkloadKind;

    #[test]
    fn data_volume_joins_the_claim_of_its_name() {
        let volumes: Vec<DataVolume> = serde_json::from_str(
            r#"[{"metadata": {"name": "win-root", "namespace": "vms", "uid": "u", "ownerReferences":
                  [{"kind": "VirtualMachine", "name": "win", "uid": "m", "controller": true}]},
                 "spec": {"source": {"http": {"url": "https://user:hush@example.net"}}},
                 "status": {"phase": "ImportInProgress"}},
                {"metadata": {"name": "new", "namespace": "vms", "uid": "v"}, "status": {"phase": ""}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&volumes, &redactor);
        assert_eq!(rows[0].claim, redactor.name("win-root"));
        assert_eq!(rows[0].phase, Some(DataVolumePhase::ImportInProgress));
        assert_eq!(rows[0].owner_kind, Some(WorkloadKind::VirtualMachine));
        assert_eq!((rows[1].phase, rows[1].owner_uid.as_ref()), (None, None));
    }
}
