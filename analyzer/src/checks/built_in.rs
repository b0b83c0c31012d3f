//! The built-in checks and views, embedded at compile time: one sorted line for each.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::checks::{Check, PageError, View};
use crate::query::Statement;

/// Texts of one directory of checks.
struct Source {
    directory: &'static str,
    page: &'static str,
    sql: &'static str,
}

macro_rules! check {
    ($directory:literal) => {
        Source {
            directory: $directory,
            page: include_str!(concat!("../../checks/", $directory, "/check.md")),
            sql: include_str!(concat!("../../checks/", $directory, "/check.sql")),
        }
    };
}

macro_rules! view {
    ($name:literal) => {
        View {
            name: Cow::Borrowed($name),
            sql: Statement::of(include_str!(concat!("../../views/", $name, ".sql"))),
        }
    };
}

/// Sorted by directory.
const CHECKS: &[Source] = &[
    check!("availability/hav-001-single-controller"),
    check!("availability/hav-002-failover-unhealthy"),
    check!("availability/hav-003-lease-not-renewed"),
    check!("availability/res-001-driver-without-resources"),
    check!("capacity/cap-001-pool-fill"),
    check!("capacity/cap-002-block-pool-fill"),
    check!("capacity/cap-003-overcommit"),
    check!("capacity/cap-004-unbacked-promise"),
    check!("capacity/cap-005-days-to-threshold"),
    check!("capacity/cap-006-abnormal-growth"),
    check!("capacity/cap-007-growth-changepoint"),
    check!("capacity/cap-008-claim-nearly-full"),
    check!("capacity/cap-009-claim-out-of-inodes"),
    check!("capacity/cap-010-refquota-near-limit"),
    check!("capacity/cap-011-trim-debt"),
    check!("capacity/cap-012-claim-over-allocated"),
    check!("capacity/cap-013-raidz-inflation"),
    check!("capacity/cap-014-thick-volume-counts-twice"),
    check!("capacity/cap-015-freeing-or-leaked-space"),
    check!("capacity/cap-016-namespace-quota-pressure"),
    check!("configuration/cfg-001-shared-parent"),
    check!("configuration/cfg-002-overlapping-parents"),
    check!("configuration/cfg-003-parent-not-usable"),
    check!("configuration/cfg-004-target-group-without-part"),
    check!("configuration/cfg-005-portal-not-listening"),
    check!("configuration/cfg-006-class-without-driver"),
    check!("configuration/cfg-007-default-class-count"),
    check!("configuration/cfg-008-expansion-disabled"),
    check!("configuration/cfg-009-reclaim-policy-against-data-class"),
    check!("configuration/cfg-010-access-mode-against-protocol"),
    check!("configuration/cfg-011-size-mismatch"),
    check!("configuration/cfg-012-no-quota"),
    check!("configuration/cfg-013-mixed-reservations"),
    check!("configuration/cfg-014-share-open-to-all"),
    check!("configuration/cfg-015-root-over-open-share"),
    check!("configuration/cfg-016-target-open-to-all"),
    check!("configuration/cfg-017-unsafe-connection"),
    check!("configuration/cfg-018-task-over-parent"),
    check!("configuration/cfg-019-sidecar-timeout"),
    check!("configuration/cfg-020-driver-unhealthy"),
    check!("configuration/cfg-021-release-not-maintained"),
    check!("configuration/cfg-022-thick-by-default"),
    check!("configuration/cfg-023-credential-in-a-class"),
    check!("configuration/cfg-024-pv-from-before-a-migration"),
    check!("configuration/cfg-025-driver-against-appliance"),
    check!("configuration/cfg-026-share-above-volumes"),
    check!("configuration/cfg-027-volumes-without-driver"),
    check!("configuration/cfg-028-block-class-without-file-system"),
    check!("orphans/orp-001-dataset-without-pv"),
    check!("orphans/orp-002-pv-without-dataset"),
    check!("orphans/orp-003-extent-without-zvol"),
    check!("orphans/orp-004-target-without-extent"),
    check!("orphans/orp-005-extent-without-target"),
    check!("orphans/orp-006-export-without-pv"),
    check!("orphans/orp-007-export-missing"),
    check!("orphans/orp-008-stored-id-drift"),
    check!("orphans/orp-009-volume-half-made"),
    check!("orphans/orp-010-released-pv"),
    check!("orphans/orp-011-available-pv-with-data"),
    check!("orphans/orp-012-claim-without-consumer"),
    check!("orphans/orp-013-statefulset-leftover"),
    check!("orphans/orp-014-deletion-blocked"),
    check!("orphans/orp-015-clone-parent-without-pv"),
    check!("orphans/orp-016-attachment-dangling"),
    check!("orphans/orp-017-session-without-attachment"),
    check!("orphans/orp-018-consumer-outside-fleet"),
    check!("orphans/orp-019-finalizer-stuck"),
    check!("orphans/orp-020-volume-from-another-dataset"),
    check!("orphans/orp-021-empty-snapshot-container"),
    check!("orphans/orp-022-task-of-a-missing-dataset"),
    check!("orphans/orp-023-initiator-group-unused"),
    check!("orphans/orp-024-volume-with-two-pvs"),
    check!("orphans/orp-025-attachment-without-target"),
    check!("orphans/orp-026-subsystem-without-namespace"),
    check!("performance/prf-001-slow-provisioning"),
    check!("performance/prf-002-claim-pending-too-long"),
    check!("performance/prf-003-slow-attaching"),
    check!("performance/prf-004-slow-pod-start"),
    check!("performance/prf-005-slow-snapshots"),
    check!("performance/prf-006-slow-deletion"),
    check!("performance/prf-007-expansion-stuck"),
    check!("performance/prf-008-operations-fail"),
    check!("performance/prf-009-multi-attach-stall"),
    check!("performance/prf-010-slower-than-before"),
    check!("performance/prf-011-list-time-grows"),
    check!("performance/prf-012-scan-takes-long"),
    check!("practice/bpr-001-pool-unhealthy"),
    check!("practice/bpr-002-scrub-overdue"),
    check!("practice/bpr-003-sync-disabled"),
    check!("practice/bpr-004-deduplication-on"),
    check!("practice/bpr-005-compression-off"),
    check!("practice/bpr-006-small-volblocksize"),
    check!("practice/bpr-007-block-volumes-on-raidz"),
    check!("practice/bpr-008-no-space-warning-to-initiators"),
    check!("practice/bpr-009-not-encrypted-at-rest"),
    check!("practice/bpr-010-no-discard"),
    check!("practice/bpr-011-single-path"),
    check!("practice/bpr-012-no-capacity-signal"),
    check!("practice/bpr-013-rolling-update-on-one-writer"),
    check!("practice/bpr-014-collection-incomplete"),
    check!("restore/rst-001-restore-point-unusable"),
    check!("restore/rst-002-velero-backup-not-good"),
    check!("restore/sch-001-snapshot-schedules-collide"),
    check!("restore/sch-002-snapshot-task-never-prunes"),
    check!("snapshots/snp-001-content-without-snapshot"),
    check!("snapshots/snp-002-snapshot-without-content"),
    check!("snapshots/snp-003-clone-source-kept"),
    check!("snapshots/snp-004-content-without-volumesnapshot"),
    check!("snapshots/snp-005-snapshot-not-ready"),
    check!("snapshots/snp-006-stale-newest-snapshot"),
    check!("snapshots/snp-007-over-retention"),
    check!("snapshots/snp-008-too-many-snapshots"),
    check!("snapshots/snp-009-snapshot-space"),
    check!("snapshots/snp-010-foreign-snapshots-on-volume"),
    check!("snapshots/snp-011-unprotected-claim"),
    check!("snapshots/snp-012-protected-in-one-pool"),
    check!("snapshots/snp-013-held-snapshot"),
    check!("snapshots/snp-014-snapshot-class"),
    check!("snapshots/snp-015-volume-without-its-task"),
    check!("snapshots/snp-016-detached-copy-not-finished"),
];

/// Sorted by name.
static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
    vec![
        view!("again"),
        view!("again_content"),
        view!("again_pv"),
        view!("attach_operation"),
        view!("bare_parent"),
        view!("blind_dataset"),
        view!("blind_home"),
        view!("blind_leaf"),
        view!("blind_volume"),
        view!("block_charge"),
        view!("block_session"),
        view!("bound_volume"),
        view!("claim_consumer"),
        view!("claim_point"),
        view!("claim_protection"),
        view!("claim_quota"),
        view!("claim_source"),
        view!("claimed_export"),
        view!("class_parent"),
        view!("clock_offset"),
        view!("cloned_dataset"),
        view!("collection_start"),
        view!("covered_pv"),
        view!("csi_export"),
        view!("csi_share"),
        view!("csi_volume"),
        view!("dataset_ancestor"),
        view!("dataset_owner"),
        view!("declared_scope"),
        view!("deleting_object"),
        view!("dependent"),
        view!("detached_copy"),
        view!("detached_parent"),
        view!("driver_operation"),
        view!("driver_pod"),
        view!("driver_target"),
        view!("driver_workload"),
        view!("export_absence"),
        view!("export_dataset"),
        view!("export_mark"),
        view!("export_session"),
        view!("idle_claim"),
        view!("inferred_parent"),
        view!("iscsi_chain"),
        view!("judged_content"),
        view!("known_parent"),
        view!("live_clone"),
        view!("live_content"),
        view!("lost_content"),
        view!("mount_operation"),
        view!("operation_rate"),
        view!("orphan_absence"),
        view!("orphan_dataset"),
        view!("orphan_stillness"),
        view!("outside_session"),
        view!("own_volume"),
        view!("parent_path"),
        view!("pending_claim"),
        view!("pod_mount"),
        view!("pod_start"),
        view!("point_backing"),
        view!("pool_geometry"),
        view!("pool_promise"),
        view!("pool_state"),
        view!("pool_zvol"),
        view!("promise"),
        view!("protection_listed"),
        view!("provision_operation"),
        view!("pv_host"),
        view!("pv_phase_age"),
        view!("pv_space"),
        view!("pv_target"),
        view!("pv_use"),
        view!("received_dataset"),
        view!("replica_home"),
        view!("replication_coverage"),
        view!("restore_point"),
        view!("retained_snapshot"),
        view!("session_node"),
        view!("set_claim"),
        view!("settled_dataset"),
        view!("snapshot_absence"),
        view!("snapshot_cut"),
        view!("snapshot_maker"),
        view!("snapshot_operation"),
        view!("snapshot_origin"),
        view!("snapshot_parent"),
        view!("snapshot_space"),
        view!("storage_driver"),
        view!("stored_id"),
        view!("target_listen"),
        view!("target_reach"),
        view!("task_coverage"),
        view!("task_lifetime"),
        view!("timed_operation"),
        view!("unclaimed_export"),
        view!("unclaimed_snapshot"),
        view!("unheard_portal"),
        view!("unlinked"),
        view!("used_volume"),
        view!("vanished_share"),
        view!("vdev_geometry"),
        view!("velero_cover"),
        view!("velero_replacement"),
        view!("velero_result"),
        view!("visible_driver"),
        view!("volume_join"),
        view!("volume_link"),
        view!("volume_pod_start"),
        view!("waiting_claim"),
        view!("waiting_operation"),
        view!("zvol_worst"),
    ]
});

/// The built-in checks, sorted by directory.
pub fn built_in() -> Result<Vec<Check>, PageError> {
    CHECKS
        .iter()
        .map(|source| Check::parse(source.directory, source.page, source.sql))
        .collect()
}

/// The built-in views, sorted by name.
pub fn built_in_views() -> &'static [View] {
    &VIEWS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn folder(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
    }

    /// Names below a folder; none when it does not exist.
    fn entries(folder: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = entries
            .map(|entry| entry.expect("a readable folder").path())
            .collect();
        paths.sort();
        paths
    }

    #[test]
    fn the_list_of_checks_is_sorted_and_equals_the_directories() {
        let root = folder("checks");
        let on_disk: Vec<_> = entries(&root)
            .into_iter()
            .filter(|area| area.is_dir())
            .flat_map(|area| entries(&area))
            .filter(|check| check.is_dir())
            .map(|check| {
                check
                    .strip_prefix(&root)
                    .expect("below the root")
                    .display()
                    .to_string()
            })
            .collect();
        let listed: Vec<_> = CHECKS
            .iter()
            .map(|source| source.directory.to_owned())
            .collect();
        assert_eq!(listed, on_disk);
    }

    #[test]
    fn the_list_of_views_is_sorted_and_equals_the_files() {
        let on_disk: Vec<_> = entries(&folder("views"))
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        let listed: Vec<_> = VIEWS.iter().map(|view| view.name.to_string()).collect();
        assert_eq!(listed, on_disk);
    }

    #[test]
    fn every_page_names_exactly_the_tables_that_its_check_reads() {
        let is_derived = |table: &String| {
            table == "bundle"
                || table == "bundle_list"
                || table == "complete_list"
                || table == "known_consumer"
                || table.starts_with("history_")
                || table.starts_with("collect_")
        };
        let catalog = crate::tables::catalog();
        let mut wrong = Vec::new();
        for check in built_in().expect("every page is valid") {
            let page = &check.page;
            let mut read = crate::checks::reads(&check, &VIEWS, &catalog).expect("SELECTs");
            read.retain(|table| !is_derived(table));
            let named: BTreeSet<String> = [&page.needs, &page.where_served, &page.adds]
                .into_iter()
                .flatten()
                .filter(|table| !is_derived(table))
                .cloned()
                .collect();
            if read != named {
                wrong.push(format!(
                    "{}: read and not named {:?}, named and not read {:?}",
                    page.id,
                    read.difference(&named).collect::<Vec<_>>(),
                    named.difference(&read).collect::<Vec<_>>()
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_built_in_page_can_be_read_and_ids_are_unique() {
        let checks = built_in().expect("every page is valid");
        let ids: BTreeSet<_> = checks.iter().map(|check| check.page.id.as_str()).collect();
        assert_eq!(ids.len(), checks.len(), "an id is used twice");
    }
}
