//! Volumes: tasks, datasets and snapshots.

use serde_json::json;
use truenas_common::redact::{ApplianceId, Redactor};

use super::stop::settle;
use super::{Paged, Walk, dataset_walk, snapshot_walk};
use crate::gather::naming::default_schema;
use crate::gather::sink::{Sink, SinkError, Tally, rows};
use crate::gather::truenas::{dataset, replication_task, snapshot, snapshot_task};
use crate::source::truenas::{POOL_DATASET_QUERY, POOL_SNAPSHOTTASK_QUERY, REPLICATION_QUERY, ask};

impl Walk<'_> {
    /// The naming schemas first: both sides of a clone need one token for a snapshot's name.
    pub(super) async fn volumes(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let version = self.session.version();
        let mut of_tasks = self.reading(&POOL_SNAPSHOTTASK_QUERY);
        let params = json!([[], {"select": snapshot_task::SELECT}]);
        let tasks =
            ask::<Vec<snapshot_task::Task>>(self.session, &POOL_SNAPSHOTTASK_QUERY, &params).await;
        of_tasks.ended_at = self.clock.now();
        let lacks_tasks = tasks.is_err();
        let tables = snapshot::GATHERER.tables;
        let mut tally = Tally::new(sink);
        match &tasks {
            Ok(tasks) => {
                tally.arrived(tasks.len());
                rows(&mut tally, snapshot_task::rows(tasks, id, redactor))?;
                rows(&mut tally, snapshot_task::exclude_rows(tasks, id, redactor))?;
                let all = [snapshot_task::GATHERER.tables, tables].concat();
                of_tasks.write_tally(&all, &mut tally, None)?;
            }
            // Without schemas every snapshot is still listed: the list below says that its prelude is missing.
            Err(error) => {
                of_tasks.write_tally(snapshot_task::GATHERER.tables, &mut tally, Some(error))?;
            }
        }
        let schemas = snapshot::Schemas::new(tasks.unwrap_or_default(), default_schema());

        let paged = Paged {
            method: &REPLICATION_QUERY,
            tables: replication_task::GATHERER.tables,
            select: replication_task::SELECT,
        };
        let last_id = |task: &replication_task::ReplicationTask| task.id;
        self.paged(paged, last_id, sink, |page, sink| {
            let found = replication_task::rows(page, &schemas.known, id, redactor);
            rows(sink, found)?;
            rows(sink, replication_task::dataset_rows(page, id, redactor))?;
            rows(sink, replication_task::schema_rows(page, id, redactor))
        })
        .await?;

        let mut reading = self.reading(&POOL_DATASET_QUERY);
        let mut tally = Tally::new(sink);
        let walked = dataset_walk::walk(self.session, &mut tally, |page, sink| {
            let found = dataset::rows(page, version, &schemas.known, id, redactor);
            rows(sink, found)?;
            rows(sink, dataset::space_rows(page, id, redactor))
        })
        .await;
        reading.ended_at = self.clock.now();
        let error = settle(walked)?;
        reading.write_tally(dataset::GATHERER.tables, &mut tally, error.as_ref())?;

        let method = snapshot_walk::method(version);
        let mut reading = self.reading(method);
        reading.lacks_prelude = lacks_tasks;
        let mut tally = Tally::new(sink);
        let walked = snapshot_walk::walk(self.session, &mut tally, |page, sink| {
            rows(sink, snapshot::rows(page, &schemas, id, redactor))
        })
        .await;
        reading.ended_at = self.clock.now();
        let error = settle(walked)?;
        reading.write_tally(tables, &mut tally, error.as_ref())
    }
}
