//! Replication tasks. Keys, credentials and hosts are neither asked for nor decoded.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use truenas_common::redact::{ApplianceId, NamingSchema, Redactor};
use truenas_common::tables::code::{
    LifetimeUnit, ReadonlyPolicy, ReplicationDirection, ReplicationPart, ReplicationTransport,
    RetentionPolicy,
};
use truenas_common::tables::{NasReplicationDataset, NasReplicationSchema, NasReplicationTask};

use crate::gather::metadata::filled;
use crate::gather::progress::Progress;
use crate::gather::schedule::Schedule;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::REPLICATION_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/replication_task",
    why: "Which volumes have a copy elsewhere, which datasets are such copies, and which snapshots wait to be sent.",
    reads: &[Read::Truenas(&REPLICATION_QUERY)],
    tables: &[
        "nas_replication_task",
        "nas_replication_dataset",
        "nas_replication_schema",
    ],
};

/// Fields that are asked for: the server sends the others, keys among them, to everybody.
pub(in crate::gather) const SELECT: &[&str] = &[
    "id",
    "direction",
    "transport",
    "source_datasets",
    "target_dataset",
    "recursive",
    "exclude",
    "naming_schema",
    "also_include_naming_schema",
    "name_regex",
    "auto",
    "enabled",
    "schedule",
    "readonly",
    "retention_policy",
    "lifetime_value",
    "lifetime_unit",
    "hold_pending_snapshots",
    "state.state",
    "state.datetime",
    "state.last_snapshot",
];

/// A task.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct ReplicationTask {
    pub(in crate::gather) id: i64,
    direction: String,
    transport: String,
    source_datasets: Option<Vec<String>>,
    target_dataset: String,
    recursive: Option<bool>,
    exclude: Option<Vec<String>>,
    naming_schema: Option<Vec<String>>,
    also_include_naming_schema: Option<Vec<String>>,
    name_regex: Option<String>,
    auto: Option<bool>,
    enabled: Option<bool>,
    schedule: Option<Schedule>,
    readonly: String,
    retention_policy: String,
    lifetime_value: Option<i64>,
    lifetime_unit: Option<String>,
    hold_pending_snapshots: Option<bool>,
    state: Option<Value>,
}

/// One row a task.
pub(in crate::gather) fn rows(
    tasks: &[ReplicationTask],
    schemas: &[NamingSchema],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasReplicationTask> {
    tasks
        .iter()
        .map(|task| {
            let progress = Progress::of(task.state.as_ref());
            let last = progress.last_snapshot.and_then(|last| last.split_once('@'));
            NasReplicationTask {
                appliance: appliance.clone(),
                id: task.id,
                direction: ReplicationDirection::parse(&task.direction),
                transport: ReplicationTransport::parse(&task.transport),
                target_path: redactor.path(&task.target_dataset),
                is_recursive: task.recursive.unwrap_or(false),
                n_sources: count(&task.source_datasets),
                n_schemas: count(&task.naming_schema) + count(&task.also_include_naming_schema),
                has_name_pattern: filled(task.name_regex.as_ref()).is_some(),
                is_automatic: task.auto.unwrap_or(false),
                is_enabled: task.enabled.unwrap_or(true),
                readonly: ReadonlyPolicy::parse(&task.readonly),
                retention: RetentionPolicy::parse(&task.retention_policy),
                n_lifetime_units: task.lifetime_value,
                lifetime_unit: task.lifetime_unit.as_deref().map(LifetimeUnit::parse),
                is_holding: task.hold_pending_snapshots,
                longest_gap_secs: task.schedule.as_ref().and_then(Schedule::longest_gap_secs),
                state: progress.state,
                state_at: progress.at,
                last_dataset: last.map(|(dataset, _)| redactor.path(dataset)),
                last_snapshot: last.map(|(_, name)| redactor.snapshot(name, schemas)),
            }
        })
        .collect()
}

/// One row a dataset that a task names.
pub(in crate::gather) fn dataset_rows(
    tasks: &[ReplicationTask],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasReplicationDataset> {
    let of_task = |task: &ReplicationTask| {
        let parts = [
            (ReplicationPart::Source, &task.source_datasets),
            (ReplicationPart::Exclude, &task.exclude),
        ];
        let all: BTreeSet<(ReplicationPart, &String)> = parts
            .into_iter()
            .flat_map(|(part, datasets)| datasets.iter().flatten().map(move |it| (part, it)))
            .collect();
        let rows = all
            .into_iter()
            .map(|(part, dataset)| NasReplicationDataset {
                appliance: appliance.clone(),
                task_id: task.id,
                part,
                dataset: redactor.path(dataset),
            });
        rows.collect::<Vec<_>>()
    };
    tasks.iter().flat_map(of_task).collect()
}

/// One row a naming schema of a task.
pub(in crate::gather) fn schema_rows(
    tasks: &[ReplicationTask],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasReplicationSchema> {
    let of_task = |task: &ReplicationTask| {
        let lists = [&task.naming_schema, &task.also_include_naming_schema];
        let all = lists.into_iter().flat_map(|list| list.iter().flatten());
        let all: BTreeSet<&String> = all.filter(|schema| !schema.is_empty()).collect();
        let rows = all.into_iter().map(|schema| NasReplicationSchema {
            appliance: appliance.clone(),
            task_id: task.id,
            schema: redactor.name(schema),
        });
        rows.collect::<Vec<_>>()
    };
    tasks.iter().flat_map(of_task).collect()
}

fn count(list: &Option<Vec<String>>) -> i64 {
    i64::try_from(list.as_ref().map_or(0, Vec::len)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::naming::default_schema;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::tables::code::TaskState;

    #[test]
    fn task_names_sources_target_and_newest_snapshot() {
        let tasks: Vec<ReplicationTask> = serde_json::from_str(
            r#"[{"id": 1, "name": "tank to dr", "direction": "PUSH", "transport": "SSH", "source_datasets": ["tank/k8s"],
                 "target_dataset": "backup/nas01/k8s", "recursive": true, "exclude": ["tank/k8s/a"], "auto": true,
                 "enabled": true, "retention_policy": "SOURCE", "lifetime_value": null, "lifetime_unit": null,
                 "naming_schema": [], "also_include_naming_schema": ["x-%Y"], "name_regex": null, "readonly": "SET",
                 "encryption_key": "hidden", "schedule": null,
                 "state": {"state": "FINISHED", "last_snapshot": "tank/k8s@auto-2025-12-28_00-00",
                           "datetime": {"$date": 1766880305000}}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let schemas: Vec<NamingSchema> = default_schema().into_iter().collect();
        let id = redactor.name("a");
        let row = &rows(&tasks, &schemas, &id, &redactor)[0];
        assert_eq!(row.target_path, redactor.path("backup/nas01/k8s"));
        assert_eq!((row.n_sources, row.n_schemas), (1, 1));
        assert_eq!(
            (row.transport, row.readonly),
            (ReplicationTransport::Ssh, ReadonlyPolicy::Set)
        );
        assert_eq!(row.last_dataset, Some(redactor.path("tank/k8s")));
        assert_eq!(
            row.last_snapshot,
            Some(redactor.snapshot("auto-2025-12-28_00-00", &schemas))
        );
        assert_eq!(row.state, Some(TaskState::Finished));
        let datasets = dataset_rows(&tasks, &id, &redactor);
        let parts: Vec<_> = datasets.iter().map(|row| row.part).collect();
        assert_eq!(parts, [ReplicationPart::Source, ReplicationPart::Exclude]);
        assert_eq!(datasets[1].dataset, redactor.path("tank/k8s/a"));
        let of_schemas = schema_rows(&tasks, &id, &redactor);
        let of_schemas: Vec<_> = of_schemas.iter().map(|row| &row.schema).collect();
        assert_eq!(of_schemas, [&redactor.name("x-%Y")]);
    }
}
