//! Restores of Velero.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVeleroRestore;
use truenas_common::tables::code::BackupPhase;

use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::VELERO_RESTORES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/velero_restore",
    why: "Explains volumes that appear at once, and shows when a restore was last tried.",
    reads: &[Read::K8s(&VELERO_RESTORES)],
    tables: &["k8s_velero_restore"],
};

/// A restore.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Restore {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    backup_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    start_timestamp: Option<String>,
    completion_timestamp: Option<String>,
    errors: Option<i64>,
    warnings: Option<i64>,
}

/// One row a restore.
pub(in crate::gather) fn rows(restores: &[Restore], redactor: &Redactor) -> Vec<K8sVeleroRestore> {
    restores
        .iter()
        .map(|restore| {
            let (metadata, status) = (&restore.metadata, &restore.status);
            let backup = filled(restore.spec.backup_name.as_ref());
            K8sVeleroRestore {
                uid: metadata.uid(redactor),
                namespace: redactor.name(metadata.namespace()),
                backup: backup.map(|name| redactor.name(name)),
                created_at: metadata.created_at(),
                phase: BackupPhase::parse(filled(status.phase.as_ref()).unwrap_or("New")),
                started_at: time(status.start_timestamp.as_deref()),
                completed_at: time(status.completion_timestamp.as_deref()),
                n_errors: status.errors.unwrap_or(0),
                n_warnings: status.warnings.unwrap_or(0),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn restore_leads_to_its_backup() {
        let restores: Vec<Restore> = serde_json::from_str(
            r#"[{"metadata": {"name": "r", "namespace": "velero", "uid": "u"}, "spec": {"backupName": "nightly-1"},
                 "status": {"phase": "Completed", "startTimestamp": "2026-03-02T09:00:00Z", "warnings": 3}},
                {"metadata": {"name": "s", "namespace": "velero", "uid": "v"}, "spec": {"scheduleName": "nightly"}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&restores, &redactor);
        assert_eq!(rows[0].backup, Some(redactor.name("nightly-1")));
        assert_eq!(
            (rows[0].phase, rows[0].n_warnings),
            (BackupPhase::Completed, 3)
        );
        assert!(rows[0].started_at.is_some() && rows[0].completed_at.is_none());
        assert_eq!(
            (rows[1].backup.as_ref(), rows[1].phase),
            (None, BackupPhase::New)
        );
    }
}
