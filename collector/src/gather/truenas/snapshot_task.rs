//! Periodic snapshot tasks: what they cover, how long their snapshots live, and whether they run.

use serde::Deserialize;
use serde_json::Value;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::code::LifetimeUnit;
use truenas_common::tables::{NasSnapshotTask, NasSnapshotTaskExclude};

use crate::gather::metadata::filled;
use crate::gather::progress::Progress;
use crate::gather::schedule::Schedule;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::POOL_SNAPSHOTTASK_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/snapshot_task",
    why: "Which volumes periodic tasks protect, for how long, and which tasks take snapshots that block the driver.",
    reads: &[Read::Truenas(&POOL_SNAPSHOTTASK_QUERY)],
    tables: &["nas_snapshot_task", "nas_snapshot_task_exclude"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &[
    "id",
    "dataset",
    "recursive",
    "exclude",
    "naming_schema",
    "lifetime_value",
    "lifetime_unit",
    "schedule",
    "allow_empty",
    "enabled",
    "state",
];

/// A periodic task.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Task {
    id: i64,
    pub(in crate::gather) dataset: String,
    pub(in crate::gather) recursive: bool,
    pub(in crate::gather) exclude: Option<Vec<String>>,
    pub(in crate::gather) naming_schema: Option<String>,
    lifetime_value: Option<i64>,
    lifetime_unit: Option<String>,
    schedule: Option<Schedule>,
    allow_empty: Option<bool>,
    enabled: Option<bool>,
    state: Option<Value>,
}

/// One row a task.
pub(in crate::gather) fn rows(
    tasks: &[Task],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasSnapshotTask> {
    tasks
        .iter()
        .map(|task| {
            let progress = Progress::of(task.state.as_ref());
            let n_excluded = task.exclude.as_ref().map_or(0, Vec::len);
            NasSnapshotTask {
                appliance: appliance.clone(),
                id: task.id,
                dataset: redactor.path(&task.dataset),
                is_recursive: task.recursive,
                n_excluded: i64::try_from(n_excluded).unwrap_or(i64::MAX),
                schema: filled(task.naming_schema.as_ref()).map(|schema| redactor.name(schema)),
                n_lifetime_units: task.lifetime_value,
                lifetime_unit: task.lifetime_unit.as_deref().map(LifetimeUnit::parse),
                longest_gap_secs: task.schedule.as_ref().and_then(Schedule::longest_gap_secs),
                is_enabled: task.enabled.unwrap_or(true),
                is_empty_allowed: task.allow_empty,
                state: progress.state,
                state_at: progress.at,
            }
        })
        .collect()
}

/// One row a dataset that is left out.
pub(in crate::gather) fn exclude_rows(
    tasks: &[Task],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasSnapshotTaskExclude> {
    let of_task = |task: &Task| {
        let mut excluded = task.exclude.clone().unwrap_or_default();
        excluded.sort();
        excluded.dedup();
        let rows = excluded.iter().map(|dataset| NasSnapshotTaskExclude {
            appliance: appliance.clone(),
            task_id: task.id,
            dataset: redactor.path(dataset),
        });
        rows.collect::<Vec<_>>()
    };
    tasks.iter().flat_map(of_task).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::tables::code::TaskState;

    #[test]
    fn task_tells_scope_retention_and_last_run() {
        let tasks: Vec<Task> = serde_json::from_str(
            r#"[{"dataset": "tank/k8s", "recursive": true, "lifetime_value": 2, "lifetime_unit": "WEEK", "enabled": true,
                 "exclude": ["tank/k8s/b", "tank/k8s/a", "tank/k8s/b"], "naming_schema": "auto-%Y-%m-%d_%H-%M",
                 "allow_empty": true, "id": 1, "vmware_sync": false,
                 "schedule": {"minute": "0", "hour": "0", "begin": "00:00", "end": "23:59"},
                 "state": {"state": "ERROR", "error": "hidden", "datetime": {"$date": 1766880005000}}},
                {"id": 2, "dataset": "tank", "state": {"state": "PENDING"}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let id = redactor.name("a");
        let found = rows(&tasks, &id, &redactor);
        assert_eq!(found[0].dataset, redactor.path("tank/k8s"));
        assert_eq!(found[0].schema, Some(redactor.name("auto-%Y-%m-%d_%H-%M")));
        assert_eq!(
            (found[0].n_lifetime_units, found[0].lifetime_unit),
            (Some(2), Some(LifetimeUnit::Week))
        );
        assert_eq!(found[0].longest_gap_secs, Some(86_400));
        assert_eq!(found[0].state, Some(TaskState::Error));
        assert_eq!(
            (found[1].state, found[1].state_at),
            (Some(TaskState::Pending), None)
        );
        let excluded = exclude_rows(&tasks, &id, &redactor);
        assert_eq!(excluded.len(), 2);
        assert!(excluded.iter().all(|row| row.task_id == 1));
    }
}
