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
use truenas_common::tables::code::AgainList;

use super::Clock;
use super::k8s::{again, cluster as identity};
use super::naming::VolumeNamings;
use super::sink::{Sink, SinkError, Tally, rows};
use super::status::{Owner, Reading};
use crate::source::K8sClient;
use crate::source::k8s::{KUBE_SYSTEM, PERSISTENT_VOLUMES, Served, VOLUME_SNAPSHOT_CONTENTS};
use walk::Walk;

/// What is known of a cluster after it was read.
#[derive(Clone, Debug, Default)]
pub struct ClusterFacts {
    /// Uid of the namespace `kube-system`; absent when it could not be read.
    pub uid: Option<String>,
    /// How the provisioners name volumes.
    pub namings: VolumeNamings,
}

/// Reads all Kubernetes lists.
///
/// # Errors
/// Only what the sink says; a list that fails is recorded.
pub async fn cluster(
    client: &K8sClient,
    served: &Served,
    name: &str,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<ClusterFacts, SinkError> {
    let started_at = clock.now();
    let found = client.object::<identity::Namespace>(&KUBE_SYSTEM).await;
    let namespace = found.as_ref().ok();
    let mut facts = ClusterFacts {
        uid: namespace.and_then(|found| found.uid()).map(str::to_owned),
        namings: VolumeNamings::default(),
    };
    let owner = owner(facts.uid.as_deref(), redactor);
    let mut tally = Tally::new(sink);
    if let Some(namespace) = namespace {
        tally.arrived(1);
        rows(
            &mut tally,
            identity::rows(namespace, served, name, redactor),
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
    facts.namings = workloads::read(&walk, redactor, sink).await?;
    storage::read(&walk, &facts.namings, redactor, sink).await?;
    snapshots::read(&walk, redactor, sink).await?;
    Ok(facts)
}

/// Reads volumes and snapshot contents once more, after the appliances.
///
/// # Errors
/// Only what the sink says.
pub async fn cluster_again(
    client: &K8sClient,
    served: &Served,
    _name: &str,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let found = client
        .object::<identity::Namespace>(&KUBE_SYSTEM)
        .await
        .ok();
    let uid = found.as_ref().and_then(identity::Namespace::uid);
    let walk = Walk {
        client,
        served,
        clock,
        owner: owner(uid, redactor),
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

fn owner(uid: Option<&str>, redactor: &Redactor) -> Owner {
    let uid: Option<Uid> = uid.map(|uid| redactor.uid(uid));
    Owner::Cluster(uid)
}
