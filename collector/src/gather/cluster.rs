//! Reads all Kubernetes lists, page by page.
//!
//! What rarely changes is read first and volumes last, next to the appliances, so that the two sides are close in time.

mod platform;
mod protection;
mod snapshots;
mod storage;
mod walk;
mod workloads;

use truenas_common::redact::{Redactor, Uid};
use truenas_common::tables::code::{AgainList, SourceKind};

use super::k8s::{again, cluster as identity};
use super::sink::{Sink, SinkError, Tally, rows};
use super::status::{Owner, Reading};
use super::{ALL, Clock, Read};
use crate::source::k8s::{KUBE_SYSTEM, PERSISTENT_VOLUMES, Served, VOLUME_SNAPSHOT_CONTENTS};
use crate::source::{K8sClient, SourceError};
use walk::Walk;

/// What is known about a cluster before it is read.
#[derive(Clone, Debug)]
pub struct ClusterFacts<'a> {
    /// Name the operator gave to it.
    pub name: &'a str,
    /// Its identity at an earlier read, so that a cluster that fails is not another cluster.
    pub known: Option<Uid>,
}

/// Reads all Kubernetes lists; the identity of the cluster comes back, unless it could not be read.
///
/// # Errors
/// Only what the sink says; a list that fails is recorded.
pub async fn cluster(
    client: &K8sClient,
    served: &Served,
    facts: &ClusterFacts<'_>,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<Option<Uid>, SinkError> {
    let started_at = clock.now();
    let found = client.object::<identity::Namespace>(&KUBE_SYSTEM).await;
    let found = found.map_err(|error| error.though_promised(404));
    let namespace = found.as_ref().ok();
    let uid = namespace.and_then(identity::Namespace::uid);
    let uid = uid.map(|uid| redactor.uid(uid));
    let owner = Owner::Cluster(uid.clone().or_else(|| facts.known.clone()));
    let mut tally = Tally::new(sink);
    if let Some(namespace) = namespace {
        tally.arrived(1);
        rows(
            &mut tally,
            identity::rows(namespace, served, facts.name, redactor),
        )?;
    }
    let mut reading = Reading::new(&owner, KUBE_SYSTEM.path(), 1, started_at);
    reading.ended_at = clock.now();
    let error = found.as_ref().err();
    reading.write_tally(identity::GATHERER.tables, &mut tally, error)?;

    let walk = Walk {
        client,
        served,
        clock,
        owner,
        pass: 1,
    };
    platform::read(&walk, redactor, sink).await?;
    protection::read(&walk, redactor, sink).await?;
    let namings = workloads::read(&walk, redactor, sink).await?;
    storage::read(&walk, &namings, redactor, sink).await?;
    snapshots::read(&walk, redactor, sink).await?;
    Ok(uid)
}

/// Reads volumes and snapshot contents once more, after the appliances.
///
/// # Errors
/// Only what the sink says.
pub async fn cluster_again(
    client: &K8sClient,
    served: &Served,
    facts: &ClusterFacts<'_>,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let walk = Walk {
        client,
        served,
        clock,
        owner: Owner::Cluster(facts.known.clone()),
        pass: 2,
    };
    for (list, word) in [
        (&PERSISTENT_VOLUMES, AgainList::PersistentVolumes),
        (&VOLUME_SNAPSHOT_CONTENTS, AgainList::SnapshotContents),
    ] {
        walk.list(list, &again::GATHERER, sink, |page, sink| {
            rows(sink, again::rows(page, word, redactor))
        })
        .await?;
    }
    Ok(())
}

/// Records every planned list of a cluster that could not be asked.
///
/// # Errors
/// Only what the sink says.
pub fn cluster_unreachable(
    facts: &ClusterFacts<'_>,
    error: &SourceError,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let owner = Owner::Cluster(facts.known.clone());
    let error = error.clone().though_promised(404);
    for gatherer in ALL {
        // Its metrics are another server's.
        let is_own = |read: &&Read| read.source() == SourceKind::Kubernetes;
        for read in gatherer.reads.iter().filter(is_own) {
            for table in gatherer.tables {
                let pass = if again::GATHERER.tables.contains(table) {
                    2
                } else {
                    1
                };
                let reading = Reading::new(&owner, read.name(), pass, clock.now());
                reading.write(&[*table], 0, |_| 0, Some(&error), sink)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::gather::sink::Kept;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::time::Time;

    const UID: &str = "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5";

    fn unreachable(known: Option<Uid>, error: &SourceError) -> Kept {
        let clock = Clock(Arc::new(|| Time::from_unix_secs(1_000)));
        let facts = ClusterFacts {
            name: "prod",
            known,
        };
        let mut kept = Kept::default();
        cluster_unreachable(&facts, error, &clock, &mut kept).unwrap();
        kept
    }

    #[test]
    fn cluster_that_is_down_is_a_failed_row_for_each_planned_list() {
        let kept = unreachable(None, &SourceError::TimedOut);
        let status = kept.of("collect_status");
        assert!(status.iter().all(|row| row["outcome"] == "timed-out"));
        for (table, pass) in [("k8s_cluster", 1), ("k8s_pv", 1), ("k8s_again", 2)] {
            let of_table: Vec<_> = status.iter().filter(|row| row["table"] == table).collect();
            assert!(!of_table.is_empty(), "{table}");
            assert!(of_table.iter().all(|row| row["pass"] == pass), "{table}");
        }
        assert!(status.iter().all(|row| row["source"] == "kubernetes"));
    }

    #[test]
    fn server_that_knows_none_of_our_paths_is_a_failure_and_not_a_cluster_without_lists() {
        let kept = unreachable(None, &SourceError::NotServed);
        for row in kept.of("collect_status") {
            assert_eq!(
                (&row["outcome"], &row["reason"]),
                (&"failed".into(), &"server".into())
            );
        }
    }

    #[test]
    fn cluster_that_was_read_before_keeps_its_identity_when_it_is_down() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let kept = unreachable(Some(redactor.uid(UID)), &SourceError::TimedOut);
        assert!(
            kept.of("collect_status")
                .iter()
                .all(|row| row["cluster"] == UID)
        );
    }
}
