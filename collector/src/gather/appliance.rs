//! Reads all lists of one appliance. A list that fails is a row of `collect_status`, never the end of the run.
//!
//! No call expects an answer above 8 MiB: tables of the appliance are read on from the last id, datasets by name in
//! batches, snapshots by transaction groups.

mod count;
mod dataset_walk;
mod iscsi;
mod nvmet;
mod snapshot_walk;
mod state;
mod stop;
mod volumes;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use truenas_common::redact::{ApplianceId, Redactor};

use self::stop::Stop;
use super::sink::{Sink, SinkError, Tally, rows};
use super::status::{Owner, Reading};
use super::truenas::{address, iscsi_portal, nfs_share, pool, smb_share, system, vdev};
use super::{ALL, Clock, Gatherer, Read};
use crate::source::truenas::{
    ISCSI_PORTAL_QUERY, NFS_CONFIG, POOL_QUERY, SHARING_NFS_QUERY, SHARING_SMB_QUERY,
    SYSTEM_VERSION, ask,
};
use crate::source::{Method, Session, SourceError};

/// What is known about an appliance before it is read.
#[derive(Clone, Debug)]
pub struct ApplianceFacts<'a> {
    /// Name the operator gave to it.
    pub name: &'a str,
    /// Host of the connection.
    pub host: &'a str,
    /// Further addresses, as declared.
    pub addresses: &'a [String],
    /// Its identity at an earlier read, so that an appliance that fails is not another appliance.
    pub known: Option<ApplianceId>,
}

impl ApplianceFacts<'_> {
    /// The identity without asking: as it was, else the label.
    fn id(&self, redactor: &Redactor) -> ApplianceId {
        let known = self.known.clone();
        known.unwrap_or_else(|| redactor.name(self.name))
    }
}

/// Rows of one page of a table of the appliance.
const PAGE: usize = 5_000;

/// What every list of one appliance needs.
struct Walk<'a> {
    session: &'a mut Session,
    clock: &'a Clock,
    owner: Owner,
}

/// Reads all lists of one appliance; its identity comes back, unless its pools could not be read.
///
/// # Errors
/// Only what the sink says; a list that fails is recorded.
pub async fn appliance(
    session: &mut Session,
    facts: &ApplianceFacts<'_>,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<Option<ApplianceId>, SinkError> {
    let version = session.version();
    let started_at = clock.now();
    let pools = ask::<Vec<pool::Pool>>(session, &POOL_QUERY, &json!([])).await;
    let ended_at = clock.now();
    let identity = pools.as_deref().ok().and_then(pool::identity);
    let identity: Option<ApplianceId> = identity.map(|guid| redactor.name(guid));
    let id = identity.clone().unwrap_or_else(|| facts.id(redactor));
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
        rows(&mut tally, vdev::rows(pools, &id, redactor))?;
    }
    let mut reading = Reading::new(&walk.owner, POOL_QUERY.name(), 1, started_at);
    reading.ended_at = ended_at;
    reading.server_at = walk.session.date();
    let tables = [pool::GATHERER.tables, vdev::GATHERER.tables].concat();
    reading.write_tally(&tables, &mut tally, pools.as_ref().err())?;
    drop(pools);

    walk.state(&id, redactor, sink).await?;
    walk.addresses(facts, &id, redactor, sink).await?;
    walk.shares(&id, redactor, sink).await?;
    walk.iscsi(&id, redactor, sink).await?;
    walk.nvmet(&id, redactor, sink).await?;
    walk.volumes(&id, redactor, sink).await?;
    Ok(identity)
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
    let owner = Owner::Appliance(facts.id(redactor));
    let error = error.clone().though_promised(404);
    for gatherer in ALL {
        for read in gatherer.reads {
            let Read::Truenas(method) = read else {
                continue;
            };
            let reading = Reading::new(&owner, method.name(), 1, clock.now());
            reading.write(gatherer.tables, 0, |_| 0, Some(&error), sink)?;
        }
    }
    Ok(())
}

/// A table of the appliance that is read page by page.
struct Paged<'a> {
    method: &'static Method,
    tables: &'a [&'static str],
    select: &'static [&'static str],
}

/// A list or a set of values that is small on every appliance.
struct Whole {
    method: &'static Method,
    gatherer: &'static Gatherer,
    params: Value,
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
        whole: Whole,
        sink: &mut dyn Sink,
        write: impl FnOnce(Vec<T>, &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        self.answer(whole, Vec::len, sink, write).await
    }

    /// Reads a set of values: one row of its table.
    async fn single<T: DeserializeOwned>(
        &mut self,
        method: &'static Method,
        gatherer: &'static Gatherer,
        sink: &mut dyn Sink,
        write: impl FnOnce(T, &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let params = json!([]);
        let whole = Whole {
            method,
            gatherer,
            params,
        };
        self.answer(whole, |_| 1, sink, write).await
    }

    async fn answer<T: DeserializeOwned>(
        &mut self,
        whole: Whole,
        count: impl FnOnce(&T) -> usize,
        sink: &mut dyn Sink,
        write: impl FnOnce(T, &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let mut reading = self.reading(whole.method);
        let mut tally = Tally::new(sink);
        let found = ask::<T>(self.session, whole.method, &whole.params).await;
        reading.ended_at = self.clock.now();
        let error = match found {
            Ok(found) => {
                tally.arrived(count(&found));
                write(found, &mut tally)?;
                None
            }
            Err(error) => Some(error),
        };
        reading.write_tally(whole.gatherer.tables, &mut tally, error.as_ref())
    }

    /// Reads a table on from the last id, so that no answer grows with the estate.
    async fn paged<T: DeserializeOwned>(
        &mut self,
        paged: Paged<'_>,
        id: impl Fn(&T) -> i64,
        sink: &mut dyn Sink,
        mut write: impl FnMut(&[T], &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let mut reading = self.reading(paged.method);
        let mut tally = Tally::new(sink);
        let mut last = -1;
        let mut limit = PAGE;
        let mut n_pages = 0;
        let error = loop {
            let params = json!([
                [["id", ">", last]],
                {"select": paged.select, "order_by": ["id"], "limit": limit},
            ]);
            match ask::<Vec<T>>(self.session, paged.method, &params).await {
                Ok(page) => {
                    let newest = page.iter().map(&id).max().unwrap_or(last);
                    let is_last = page.len() < limit;
                    if !is_last && newest <= last {
                        // A server that does not look at the filter gives the same page for ever.
                        break Some(SourceError::Endless { n_pages });
                    }
                    n_pages += 1;
                    tally.arrived(page.len());
                    write(&page, &mut tally)?;
                    last = newest;
                    if is_last {
                        break None;
                    }
                }
                Err(SourceError::TooLarge { .. }) if limit > 1 => limit /= 2,
                Err(error) => break Some(error),
            }
        };
        reading.ended_at = self.clock.now();
        reading.write_tally(paged.tables, &mut tally, error.as_ref())
    }

    /// NFS and SMB.
    async fn shares(
        &mut self,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let paged = Paged {
            method: &SHARING_NFS_QUERY,
            tables: nfs_share::GATHERER.tables,
            select: nfs_share::SELECT,
        };
        let last_id = |share: &nfs_share::NfsShare| share.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, nfs_share::rows(page, id, redactor))?;
            rows(sink, nfs_share::network_rows(page, id, redactor))
        })
        .await?;
        let paged = Paged {
            method: &SHARING_SMB_QUERY,
            tables: smb_share::GATHERER.tables,
            select: smb_share::SELECT,
        };
        let last_id = |share: &smb_share::SmbShare| share.id;
        self.paged(paged, last_id, sink, |page, sink| {
            rows(sink, smb_share::rows(page, id, redactor))
        })
        .await
    }

    /// Portals make tables of their own, and one of addresses with those that NFS is bound to.
    async fn addresses(
        &mut self,
        facts: &ApplianceFacts<'_>,
        id: &ApplianceId,
        redactor: &Redactor,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let tables = address::GATHERER.tables;
        let mut of_portals = self.reading(&ISCSI_PORTAL_QUERY);
        let params = json!([[], {"select": iscsi_portal::SELECT}]);
        let portals =
            ask::<Vec<iscsi_portal::Portal>>(self.session, &ISCSI_PORTAL_QUERY, &params).await;
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
        rows(&mut tally, iscsi_portal::rows(listed, id))?;
        let addresses = iscsi_portal::address_rows(listed, id, redactor);
        rows(&mut tally, addresses)?;
        tally.arrived(listed.len());
        let all = [tables, iscsi_portal::GATHERER.tables].concat();
        of_portals.write_tally(&all, &mut tally, portals.as_ref().err())?;
        let n_items = i64::from(config.is_ok());
        of_config.write(tables, n_items, |_| 0, config.as_ref().err(), sink)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::gather::sink::Kept;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::time::Time;

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    fn unreachable(known: Option<ApplianceId>, error: &SourceError) -> Kept {
        let clock = Clock(Arc::new(|| Time::from_unix_secs(1_000)));
        let facts = ApplianceFacts {
            name: "nas",
            host: "nas.example",
            addresses: &[],
            known,
        };
        let mut kept = Kept::default();
        appliance_unreachable(&facts, error, &redactor(), &clock, &mut kept).unwrap();
        kept
    }

    #[test]
    fn server_that_knows_none_of_our_methods_is_a_failure_and_not_an_appliance_without_lists() {
        let kept = unreachable(None, &SourceError::NotServed);
        for row in kept.of("collect_status") {
            assert_eq!(
                (&row["outcome"], &row["reason"]),
                (&"failed".into(), &"server".into())
            );
        }
    }

    #[test]
    fn appliance_that_is_down_has_the_identity_it_had_before_and_the_label_only_at_first() {
        let known: ApplianceId = redactor().name("1234567890");
        let label: ApplianceId = redactor().name("nas");
        for (known, expected) in [(Some(known.clone()), known), (None, label)] {
            let kept = unreachable(known, &SourceError::TimedOut);
            let mut rows = kept.of("collect_status").into_iter();
            assert!(rows.all(|row| row["appliance"] == expected.as_str()));
        }
    }

    #[test]
    fn appliance_that_is_down_is_a_failed_row_for_each_planned_list() {
        let kept = unreachable(None, &SourceError::TimedOut);
        let status = kept.of("collect_status");
        assert!(status.iter().all(|row| row["outcome"] == "timed-out"));
        for table in [
            "nas_pool",
            "nas_vdev",
            "zfs_dataset",
            "zfs_snapshot",
            "nas_address",
        ] {
            assert!(status.iter().any(|row| row["table"] == table), "{table}");
        }
    }
}
