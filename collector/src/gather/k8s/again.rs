//! The second look at volumes and snapshot contents, after the appliances were read.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sAgain;
use truenas_common::tables::code::{AgainList, Phase};

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::{PERSISTENT_VOLUMES, VOLUME_SNAPSHOT_CONTENTS};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/again",
    why: "Kubernetes and the appliances are not read at one instant: only what both reads agree on is judged.",
    reads: &[
        Read::K8s(&PERSISTENT_VOLUMES),
        Read::K8s(&VOLUME_SNAPSHOT_CONTENTS),
    ],
    tables: &["k8s_again"],
};

/// Any object with a phase.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Object {
    metadata: Metadata,
    status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    phase: Option<String>,
}

/// One row an object.
pub(in crate::gather) fn rows(
    objects: &[Object],
    list: AgainList,
    redactor: &Redactor,
) -> Vec<K8sAgain> {
    let phase = |object: &Object| object.status.as_ref()?.phase.as_deref().map(Phase::parse);
    objects
        .iter()
        .map(|object| K8sAgain {
            list,
            uid: object.metadata.uid(redactor),
            phase: phase(object).unwrap_or(Phase::Other),
            is_deleting: object.metadata.is_deleting(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn second_look_keeps_uid_phase_and_deletion_only() {
        let objects: Vec<Object> = serde_json::from_str(
            r#"[{"metadata": {"name": "pvc-1", "uid": "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5",
                 "deletionTimestamp": "2026-03-02T08:15:11Z"}, "status": {"phase": "Released"}},
                {"metadata": {"uid": "x"}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&objects, AgainList::PersistentVolumes, &redactor);
        assert_eq!(rows[0].uid.as_str(), "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5");
        assert!(rows[0].is_deleting && rows[0].phase == Phase::Released);
        assert!(!rows[1].is_deleting && rows[1].phase == Phase::Other);
    }
}
