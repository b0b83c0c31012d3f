//! Backups and backup schedules of Velero: which namespaces they cover, and how volumes are taken.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::Redactor;
use truenas_common::tables::code::{BackupPhase, SchedulePhase};
use truenas_common::tables::{K8sVeleroBackup, K8sVeleroNamespace, K8sVeleroSchedule};

use crate::gather::duration::whole_secs;
use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::{VELERO_BACKUPS, VELERO_SCHEDULES};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/velero_backup",
    why: "Claims that are protected elsewhere, and snapshots that belong to a backup which has not expired.",
    reads: &[Read::K8s(&VELERO_BACKUPS), Read::K8s(&VELERO_SCHEDULES)],
    tables: &[
        "k8s_velero_backup",
        "k8s_velero_namespace",
        "k8s_velero_schedule",
    ],
};

/// A backup.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Backup {
    metadata: Metadata,
    spec: Scope,
    status: BackupStatus,
}

/// A schedule.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Schedule {
    metadata: Metadata,
    spec: ScheduleSpec,
    status: ScheduleStatus,
}

/// What is backed up and how.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Scope {
    included_namespaces: Option<Vec<String>>,
    excluded_namespaces: Option<Vec<String>>,
    label_selector: Option<IgnoredAny>,
    or_label_selectors: Option<Vec<IgnoredAny>>,
    snapshot_volumes: Option<bool>,
    snapshot_move_data: Option<bool>,
    default_volumes_to_fs_backup: Option<bool>,
    ttl: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BackupStatus {
    phase: Option<String>,
    start_timestamp: Option<String>,
    completion_timestamp: Option<String>,
    expiration: Option<String>,
    errors: Option<i64>,
    warnings: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ScheduleSpec {
    template: Scope,
    paused: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ScheduleStatus {
    phase: Option<String>,
    last_backup: Option<String>,
}

impl Scope {
    fn is_all_namespaces(&self) -> bool {
        let included = self.included_namespaces.as_deref().unwrap_or_default();
        included.is_empty() || included.iter().any(|name| name == "*")
    }

    fn is_selective(&self) -> bool {
        self.label_selector.is_some()
            || self
                .or_label_selectors
                .as_ref()
                .is_some_and(|all| !all.is_empty())
    }

    /// Every namespace that is named once; what is excluded wins, as it does in Velero.
    fn namespaces(&self) -> BTreeMap<&str, bool> {
        let included = self.included_namespaces.iter().flatten();
        let excluded = self.excluded_namespaces.iter().flatten();
        included
            .map(|name| (name.as_str(), false))
            .chain(excluded.map(|name| (name.as_str(), true)))
            .filter(|(name, _)| !name.contains('*'))
            .collect()
    }

    fn rows(&self, owner: &Metadata, redactor: &Redactor) -> Vec<K8sVeleroNamespace> {
        let rows = self
            .namespaces()
            .into_iter()
            .map(|(name, is_excluded)| K8sVeleroNamespace {
                owner_uid: owner.uid(redactor),
                namespace: redactor.name(name),
                is_excluded,
            });
        rows.collect()
    }
}

/// One row a backup.
pub(in crate::gather) fn rows(backups: &[Backup], redactor: &Redactor) -> Vec<K8sVeleroBackup> {
    backups
        .iter()
        .map(|backup| {
            let (metadata, scope, status) = (&backup.metadata, &backup.spec, &backup.status);
            K8sVeleroBackup {
                uid: metadata.uid(redactor),
                namespace: redactor.name(metadata.namespace()),
                name: redactor.name(metadata.name()),
                schedule: metadata
                    .label(|labels| &labels.schedule)
                    .map(|name| redactor.name(name)),
                created_at: metadata.created_at(),
                phase: BackupPhase::parse(filled(status.phase.as_ref()).unwrap_or("New")),
                started_at: time(status.start_timestamp.as_deref()),
                completed_at: time(status.completion_timestamp.as_deref()),
                expires_at: time(status.expiration.as_deref()),
                n_errors: status.errors.unwrap_or(0),
                n_warnings: status.warnings.unwrap_or(0),
                is_all_namespaces: scope.is_all_namespaces(),
                is_selective: scope.is_selective(),
                is_snapshotting: scope.snapshot_volumes,
                is_moving_data: scope.snapshot_move_data.unwrap_or(false),
                is_copying_files: scope.default_volumes_to_fs_backup.unwrap_or(false),
            }
        })
        .collect()
}

/// One row a schedule.
pub(in crate::gather) fn schedule_rows(
    schedules: &[Schedule],
    redactor: &Redactor,
) -> Vec<K8sVeleroSchedule> {
    schedules
        .iter()
        .map(|schedule| {
            let (metadata, status) = (&schedule.metadata, &schedule.status);
            let scope = &schedule.spec.template;
            K8sVeleroSchedule {
                uid: metadata.uid(redactor),
                namespace: redactor.name(metadata.namespace()),
                name: redactor.name(metadata.name()),
                created_at: metadata.created_at(),
                phase: SchedulePhase::parse(filled(status.phase.as_ref()).unwrap_or("New")),
                is_paused: schedule.spec.paused.unwrap_or(false),
                last_backup_at: time(status.last_backup.as_deref()),
                retention_secs: filled(scope.ttl.as_ref())
                    .and_then(whole_secs)
                    .filter(|secs| *secs > 0),
                is_all_namespaces: scope.is_all_namespaces(),
                is_selective: scope.is_selective(),
                is_snapshotting: scope.snapshot_volumes,
                is_moving_data: scope.snapshot_move_data.unwrap_or(false),
                is_copying_files: scope.default_volumes_to_fs_backup.unwrap_or(false),
            }
        })
        .collect()
}

/// One row for each namespace that a backup names.
pub(in crate::gather) fn namespace_rows(
    backups: &[Backup],
    redactor: &Redactor,
) -> Vec<K8sVeleroNamespace> {
    let rows = backups
        .iter()
        .flat_map(|backup| backup.spec.rows(&backup.metadata, redactor));
    rows.collect()
}

/// One row for each namespace that a schedule names.
pub(in crate::gather) fn schedule_namespace_rows(
    schedules: &[Schedule],
    redactor: &Redactor,
) -> Vec<K8sVeleroNamespace> {
    let rows = schedules
        .iter()
        .flat_map(|schedule| schedule.spec.template.rows(&schedule.metadata, redactor));
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    #[test]
    fn backup_shows_what_it_covers_and_when_it_expires() {
        let backups: Vec<Backup> = serde_json::from_str(
            r#"[{"metadata": {"name": "nightly-1", "namespace": "velero", "uid": "u",
                  "labels": {"velero.io/schedule-name": "nightly"}},
                 "spec": {"includedNamespaces": ["shop", "db"], "excludedNamespaces": ["db"], "snapshotMoveData": true},
                 "status": {"phase": "PartiallyFailed", "expiration": "2026-04-01T00:00:00Z", "errors": 2}},
                {"metadata": {"name": "all", "namespace": "velero", "uid": "v"},
                 "spec": {"includedNamespaces": ["*"], "labelSelector": {"matchLabels": {"a": "b"}}}, "status": {}}]"#,
        )
        .unwrap();
        let redactor = redactor();
        let all = rows(&backups, &redactor);
        assert_eq!(all[0].schedule, Some(redactor.name("nightly")));
        assert_eq!(
            (all[0].phase, all[0].n_errors),
            (BackupPhase::PartiallyFailed, 2)
        );
        assert!(all[0].expires_at.is_some() && all[0].is_moving_data);
        assert!(!all[0].is_all_namespaces && !all[0].is_selective);
        assert!(all[1].is_all_namespaces && all[1].is_selective);
        assert_eq!(all[1].phase, BackupPhase::New);
        let namespaces = namespace_rows(&backups, &redactor);
        let excluded: Vec<bool> = namespaces.iter().map(|row| row.is_excluded).collect();
        assert_eq!(excluded, [true, false]);
        assert_eq!(namespaces[0].namespace, redactor.name("db"));
    }

    #[test]
    fn schedule_covers_what_its_template_says() {
        let schedules: Vec<Schedule> = serde_json::from_str(
            r#"[{"metadata": {"name": "nightly", "namespace": "velero", "uid": "u"},
                 "spec": {"paused": true, "template": {"ttl": "720h0m0s", "excludedNamespaces": ["lab"]}},
                 "status": {"phase": "Enabled", "lastBackup": "2026-03-02T09:00:00Z"}}]"#,
        )
        .unwrap();
        let redactor = redactor();
        let row = &schedule_rows(&schedules, &redactor)[0];
        assert!(row.is_paused && row.is_all_namespaces && row.last_backup_at.is_some());
        assert_eq!(row.retention_secs, Some(2_592_000));
        assert!(schedule_namespace_rows(&schedules, &redactor)[0].is_excluded);
    }
}
