//! Data that Velero moves between volumes and a backup store.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVeleroTransfer;
use truenas_common::tables::code::{TransferKind, TransferPhase};

use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::{
    VELERO_DATA_DOWNLOADS, VELERO_DATA_UPLOADS, VELERO_POD_VOLUME_BACKUPS,
    VELERO_POD_VOLUME_RESTORES,
};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/velero_transfer",
    why: "Explains temporary volumes and clones of snapshots, and shows which claims have a copy off the appliance.",
    reads: &[
        Read::K8s(&VELERO_POD_VOLUME_BACKUPS),
        Read::K8s(&VELERO_POD_VOLUME_RESTORES),
        Read::K8s(&VELERO_DATA_UPLOADS),
        Read::K8s(&VELERO_DATA_DOWNLOADS),
    ],
    tables: &["k8s_velero_transfer"],
};

/// Any of the four kinds; they share the names of their fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Transfer {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node: Option<String>,
    pod: Option<PodRef>,
    csi_snapshot: Option<SnapshotRef>,
    source_namespace: Option<String>,
    #[serde(rename = "sourcePVC")]
    source_claim: Option<String>,
    target_volume: Option<TargetVolume>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PodRef {
    namespace: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SnapshotRef {
    volume_snapshot: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TargetVolume {
    namespace: Option<String>,
    pvc: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    node: Option<String>,
    start_timestamp: Option<String>,
    completion_timestamp: Option<String>,
    progress: Progress,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Progress {
    bytes_done: Option<i64>,
    total_bytes: Option<i64>,
}

/// One row a transfer.
pub(in crate::gather) fn rows(
    transfers: &[Transfer],
    kind: TransferKind,
    redactor: &Redactor,
) -> Vec<K8sVeleroTransfer> {
    transfers
        .iter()
        .map(|transfer| row(transfer, kind, redactor))
        .collect()
}

fn row(transfer: &Transfer, kind: TransferKind, redactor: &Redactor) -> K8sVeleroTransfer {
    let (metadata, spec, status) = (&transfer.metadata, &transfer.spec, &transfer.status);
    let target = spec.target_volume.as_ref();
    let namespace = filled(spec.source_namespace.as_ref())
        .or_else(|| filled(target?.namespace.as_ref()))
        .or_else(|| filled(spec.pod.as_ref()?.namespace.as_ref()));
    let claim = filled(spec.source_claim.as_ref()).or_else(|| filled(target?.pvc.as_ref()));
    let node = filled(status.node.as_ref()).or_else(|| filled(spec.node.as_ref()));
    let snapshot = spec.csi_snapshot.as_ref();
    K8sVeleroTransfer {
        uid: metadata.uid(redactor),
        kind,
        phase: TransferPhase::parse(filled(status.phase.as_ref()).unwrap_or("New")),
        created_at: metadata.created_at(),
        started_at: time(status.start_timestamp.as_deref()),
        completed_at: time(status.completion_timestamp.as_deref()),
        backup: metadata
            .label(|labels| &labels.backup)
            .map(|name| redactor.name(name)),
        node: node.map(|name| redactor.name(name)),
        claim_namespace: namespace.map(|name| redactor.name(name)),
        claim: claim.map(|name| redactor.name(name)),
        claim_uid: metadata
            .label(|labels| &labels.claim_uid)
            .map(|uid| redactor.uid(uid)),
        snapshot_name: snapshot
            .and_then(|snapshot| filled(snapshot.volume_snapshot.as_ref()))
            .map(|name| redactor.name(name)),
        done_bytes: status.progress.bytes_done,
        total_bytes: status.progress.total_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn each_kind_leads_to_its_claim_or_pod() {
        let transfers: Vec<Transfer> = serde_json::from_str(
            r#"[{"metadata": {"uid": "a", "labels": {"velero.io/backup-name": "nightly-1",
                  "velero.io/pvc-uid": "0505b078-9802-44c8-9f12-6d1271cd50eb"}},
                 "spec": {"csiSnapshot": {"volumeSnapshot": "vs-1"}, "sourceNamespace": "db", "sourcePVC": "data-0"},
                 "status": {"phase": "InProgress", "node": "worker-01", "progress": {"bytesDone": 5, "totalBytes": 10}}},
                {"metadata": {"uid": "b"}, "spec": {"targetVolume": {"namespace": "db", "pvc": "data-1", "pv": "x"}}},
                {"metadata": {"uid": "c"}, "spec": {"node": "worker-02", "pod": {"name": "pg-0", "namespace": "db"}}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&transfers, TransferKind::DataUpload, &redactor);
        assert_eq!(rows[0].claim, Some(redactor.name("data-0")));
        assert_eq!(rows[0].snapshot_name, Some(redactor.name("vs-1")));
        assert_eq!(
            (rows[0].done_bytes, rows[0].total_bytes),
            (Some(5), Some(10))
        );
        assert_eq!(rows[0].backup, Some(redactor.name("nightly-1")));
        assert!(rows[0].claim_uid.is_some());
        assert_eq!(rows[1].claim, Some(redactor.name("data-1")));
        assert_eq!(
            (rows[1].phase, rows[1].done_bytes),
            (TransferPhase::New, None)
        );
        assert_eq!(rows[2].node, Some(redactor.name("worker-02")));
        assert!(
            rows.iter()
                .all(|row| row.claim_namespace == Some(redactor.name("db")))
        );
    }
}
