//! Reads all lists of one appliance. A list that fails is a row of `collect_status`, never the end of the run.
//!
//! No call expects an answer above 8 MiB: tables of the appliance are read on from the last id, datasets by name in
//! batches, snapshots by transaction groups.

mod call;
mod dataset_walk;
mod snapshot_walk;

use serde::de::DeserializeOwned;
use serde_json::json;
use truenas_common::redact::{ApplianceId, Redactor};

use self::call::{Stop, ask, settle};
use super::naming::default_schema;
use super::sink::{Sink, SinkError, Tally, rows};
use super::status::{Owner, Reading};
use super::truenas::{
    address, dataset, iscsi_extent, iscsi_target, iscsi_target_extent, nfs_share, pool, service,
    snapshot, system,
};
use super::{ALL, Clock, Gatherer, Read};
use crate::source::truenas::{
    ISCSI_EXTENT_QUERY, ISCSI_GLOBAL_CONFIG, ISCSI_PORTAL_QUERY, ISCSI_TARGET_QUERY,
    ISCSI_TARGETEXTENT_QUERY, NFS_CONFIG, POOL_DATASET_QUERY, POOL_QUERY, POOL_SNAPSHOTTASK_QUERY,
    SERVICE_QUERY, SHARING_NFS_QUERY, SYSTEM_VERSION,
};
use crate::source::{Method, Session, SourceError};

/// What the configuration says about an appliance.
#[derive(Clone, Copy, Debug)]
pub struct ApplianceFacts<'a> {
    /// Name the operator gave to it.
    pub name: &'a str,
    /// Host of the connection.
    pub host: &'a str,
    /// Further addresses, as declared.
    pub addresses: &'a [String],
}

/// Rows of one page of a table of the appliance.
const PAGE: usize = 5_000;

/// What every list of one appliance needs.
struct Walk<'a> {
    session: &'a mut Session,
    clock: &'a Clock,
    owner: Owner,
}

/// Reads all lists of one appliance.
///
/// # Errors
/// Only what the sink says; a list that fails is recorded.
pub async fn appliance(
    session: &mut Session,
    facts: &ApplianceFacts<'_>,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let version = session.version();
    let started_at = clock.now();
    let pools = ask::<Vec<pool::Pool>>(session, &POOL_QUERY, &json!([])).await;
    let ended_at = clock.now();
    let identity = pools.as_deref().ok().and_then(pool::identity);
    let id: ApplianceId = redactor.name(identity.unwrap_or(facts.name));
    let mut walk = Walk {
        session,
        clock,
        owner: Owner::Appliance(id.clone()),
    };

    let mut tally = Tally::new(sink);
    tally.arrived(1);
    let text = walk.session.version_text();
    rows(&mut tally, system::rows(text, version, &id))?;
    walk.record(&SYSTEM_VERSION, &system::GATHERER, &mut tally, None)?;

    let mut tally = Tally::new(sink);
    if let Ok(pools) = &pools {
        tally.arrived(pools.len());
        rows(&mut tally, pool::rows(pools, &id, redactor))?;
    }
    let mut reading = Reading::new(&walk.owner, POOL_QUERY.name(), 1, started_at);
    reading.ended_at = ended_at;
    reading.server_at = walk.session.date();
    reading.write_tally(pool::GATHERER.tables, &mut tally, pools.as_ref().err())?;
    drop(pools);

    walk.whole(&SERVICE_QUERY, &service::GATHERER, sink, |found, sink| {
        rows(sink, service::rows(&found, &id))
    })
    .await?;
    walk.addresses(facts, &id, redactor, sink).await?;
    let paged = Paged {
        method: &SHARING_NFS_QUERY,
        gatherer: &nfs_share::GATHERER,
        select: nfs_share::SELECT,
    };
    let last_id = |share: &nfs_share::NfsShare| share.id;
    walk.paged(paged, last_id, sink, |page, sink| {
        rows(sink, nfs_share::rows(page, &id, redactor))
    })
    .await?;
    walk.targets(&id, redactor, sink).await?;
    let paged = Paged {
        method: &ISCSI_EXTENT_QUERY,
        gatherer: &iscsi_extent::GATHERER,
        select: iscsi_extent::SELECT,
    };
    let last_id = |extent: &iscsi_extent::Extent| extent.id;
    walk.paged(paged, last_id, sink, |page, sink| {
        rows(sink, iscsi_extent::rows(page, &id, redactor))
    })
    .await?;
    let paged = Paged {
        method: &ISCSI_TARGETEXTENT_QUERY,
        gatherer: &iscsi_target_extent::GATHERER,
        select: iscsi_target_extent::SELECT,
    };
    let last_id = |link: &iscsi_target_extent::TargetExtent| link.id;
    walk.paged(paged, last_id, sink, |page, sink| {
        rows(sink, iscsi_target_extent::rows(page, &id))
    })
    .await?;
    walk.datasets_and_snapshots(&id, redactor, sink).await
}

/// Records every planned list of an appliance that could not be connected.
///
/// # Errors
/// Only what the sink says.
pub fn appliance_unreachable(
    facts: &ApplianceFacts<'_>,
    error: &SourceError,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let owner = Owner::Appliance(redactor.name(facts.name));
    for gatherer in ALL {
        for read in gatherer.reads {
            let Read::Truenas(method) = read else {
                continue;
            };
            let reading = Reading::new(&owner, method.name(), 1, clock.now());
            reading.write(gatherer.tables, 0, |_| 0, Some(error), sink)?;
        }
    }
    Ok(())
}

/// A table of the appliance that is read page by page.
struct Paged {
    method: &'static Method,
    gatherer: &'static Gatherer,
    select: &'static [&'static str],
}

impl Walk<'_> {
    fn reading(&self, method: &'static Method) -> Reading {
        let mut reading = Reading::new(&self.owner, method.name(), 1, self.clock.now());
        reading.server_at = self.session.date();
        reading
    }

    /// Records a read that has just ended.
    fn record(
        &self,
        method: &'static Method,
        gatherer: &'static Gatherer,
        tally: &mut Tally<'_>,
        error: Option<&SourceError>,
    ) -> Result<(), SinkError> {
        self.reading(method)
            .write_tally(gatherer.tables, tally, error)
    }

    /// Reads a list that is small on every appliance.
    async fn whole<T: DeserializeOwned>(
        &mut self,
        method: &'static Method,
        gatherer: &'static Gatherer,
        sink: &mut dyn Sink,
        write: impl FnOnce(Vec<T>, &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let mut reading = self.reading(method);
        let mut tally = Tally::new(sink);
        let found = ask::<Vec<T>>(self.session, method, &json!([])).await;
        reading.ended_at = self.clock.now();
        let error = match found {
            Ok(found) => {
                tally.arrived(found.len());
                write(found, &mut tally)?;
                None
            }
            Err(error) => Some(error),
        };
        reading.write_tally(gatherer.tables, &mut tally, error.as_ref())
    }

    /// Reads a table on from the last id, so that no answer grows with the estate.
    async fn paged<T: DeserializeOwned>(
        &mut self,
        paged: Paged,
        id: impl Fn(&T) -> i64,
        sink: &mut dyn Sink,
        mut write: impl FnMut(&[T], &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let mut reading = self.reading(paged.method);
        let mut tally = Tally::new(sink);
        let mut last = -1;
        let mut limit = PAGE;
        let error = loop {
            let params = json!([
                [["id", ">", last]],
                {"select": paged.select, "order_by": ["id"], "limit": limit},
            ]);
            match ask::<Vec<T>>(self.session, paged.method, &params).await {
                Ok(page) => {
                    tally.arrived(page.len());
                    write(&page, &mut tally)?;
                    last = page.iter().map(&id).max().unwrap_or(last).max(last);
                    if page.len() < limit {
                        break None;
                    }
                }
                Err(SourceError::TooLarge { .. }) if limit > 1 => limit /= 2,
                Err(error) => break Some(error),
            }
        };
        reading.ended_at = self.clock.now();
        reading.write_tally(paged.gatherer.tables, &mut tally, error.as_ref())
    }

    /// Portals and the bound addresses of NFS make one table.
    async fn addresses(
        &mut self,
        facts: &ApplianceFacts<'_>,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let tables = address::GATHERER.tables;
        let mut of_portals = self.reading(&ISCSI_PORTAL_QUERY);
        let portals =
            ask::<Vec<address::Portal>>(self.session, &ISCSI_PORTAL_QUERY, &json!([])).await;
        of_portals.ended_at = self.clock.now();
        let mut of_config = self.reading(&NFS_CONFIG);
        let config = ask::<address::NfsConfig>(self.session, &NFS_CONFIG, &json!([])).await;
        of_config.ended_at = self.clock.now();

        let mut tally = Tally::new(sink);
        let none = address::NfsConfig::default();
        let (listed, bound) = (portals.as_deref().unwrap_or_default(), config.as_ref());
        rows(
            &mut tally,
            address::rows(listed, bound.unwrap_or(&none), facts, id, redactor),
        )?;
        tally.arrived(listed.len());
        of_portals.write_tally(tables, &mut tally, portals.as_ref().err())?;
        of_config.write(tables, 1, |_| 0, config.as_ref().err(), sink)
    }

    /// The base name of all targets, then the targets.
    async fn targets(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let mut reading = self.reading(&ISCSI_GLOBAL_CONFIG);
        let found =
            ask::<iscsi_target::GlobalConfig>(self.session, &ISCSI_GLOBAL_CONFIG, &json!([])).await;
        reading.ended_at = self.clock.now();
        let error = found.as_ref().err();
        reading.write(iscsi_target::GATHERER.tables, 1, |_| 0, error, sink)?;
        let basename = found.ok().and_then(|config| config.basename);
        let paged = Paged {
            method: &ISCSI_TARGET_QUERY,
            gatherer: &iscsi_target::GATHERER,
            select: iscsi_target::SELECT,
        };
        let last_id = |target: &iscsi_target::Target| target.id;
        self.paged(paged, last_id, sink, |page, sink| {
            let found = iscsi_target::rows(page, basename.as_deref(), id, redactor);
            rows(sink, found)
        })
        .await
    }

    /// The naming schemas first: both sides of a clone need one token for a snapshot's name.
    async fn datasets_and_snapshots(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let version = self.session.version();
        let mut of_tasks = self.reading(&POOL_SNAPSHOTTASK_QUERY);
        let params = json!([[], {"select": ["dataset", "recursive", "exclude", "naming_schema"]}]);
        let tasks =
            ask::<Vec<snapshot::Task>>(self.session, &POOL_SNAPSHOTTASK_QUERY, &params).await;
        of_tasks.ended_at = self.clock.now();
        let lacks_tasks = tasks.is_err();
        let tables = snapshot::GATHERER.tables;
        // Without schemas every snapshot is still listed: the list below says that its prelude is missing.
        match &tasks {
            Ok(tasks) => {
                let n_tasks = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
                of_tasks.write(tables, n_tasks, |_| 0, None, sink)?;
            }
            Err(error) => tracing::warn!(%error, "no naming schemas of snapshot tasks"),
        }
        let schemas = snapshot::Schemas::new(tasks.unwrap_or_default(), default_schema());

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::gather::sink::Kept;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::time::Time;

    #[test]
    fn appliance_that_is_down_is_a_failed_row_for_each_planned_list() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let clock = Clock(Arc::new(|| Time::from_unix_secs(1_000)));
        let facts = ApplianceFacts {
            name: "nas",
            host: "nas.example",
            addresses: &[],
        };
        let mut kept = Kept::default();
        let error = SourceError::TimedOut;
        appliance_unreachable(&facts, &error, &redactor, &clock, &mut kept).unwrap();
        let status = kept.of("collect_status");
        assert!(status.iter().all(|row| row["outcome"] == "timed-out"));
        for table in ["nas_pool", "zfs_dataset", "zfs_snapshot", "nas_address"] {
            assert!(status.iter().any(|row| row["table"] == table), "{table}");
        }
    }
}
