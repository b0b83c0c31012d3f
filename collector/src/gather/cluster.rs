//! Reads all Kubernetes lists, page by page. A list that fails is a row of `collect_status`, never the end of the run.

use serde::de::DeserializeOwned;
use truenas_common::redact::{Redactor, Uid};
use truenas_common::tables::code::AgainList;

use super::k8s::{
    again, cluster as identity, node, pv, pvc, storage_class, volume_attachment, volume_snapshot,
    volume_snapshot_content,
};
use super::naming::VolumeNaming;
use super::sink::{Sink, SinkError, Tally, rows};
use super::status::{Owner, Reading};
use super::{Clock, Gatherer};
use crate::source::k8s::{
    KUBE_SYSTEM, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES, Served,
    VOLUME_ATTACHMENTS, VOLUME_SNAPSHOT_CONTENTS, VOLUME_SNAPSHOTS,
};
use crate::source::{K8sClient, K8sList, SourceError};

/// What is known of a cluster after it was read.
#[derive(Clone, Debug, Default)]
pub struct ClusterFacts {
    /// Uid of the namespace `kube-system`; absent when it could not be read.
    pub uid: Option<String>,
    /// How the provisioner names volumes.
    pub naming: VolumeNaming,
}

/// What every list of one pass needs.
struct Walk<'a> {
    client: &'a K8sClient,
    served: &'a Served,
    clock: &'a Clock,
    owner: Owner,
    pass: i64,
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
    let facts = ClusterFacts {
        uid: namespace.and_then(|found| found.uid()).map(str::to_owned),
        naming: VolumeNaming::default(),
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
    walk.list(&NODES, &node::GATHERER, sink, |page, sink| {
        rows(sink, node::rows(page, redactor))?;
        rows(sink, node::address_rows(page, redactor))
    })
    .await?;
    let list = &STORAGE_CLASSES;
    walk.list(list, &storage_class::GATHERER, sink, |page, sink| {
        rows(sink, storage_class::rows(page, redactor))
    })
    .await?;
    walk.list(&PERSISTENT_VOLUMES, &pv::GATHERER, sink, |page, sink| {
        rows(sink, pv::rows(page, redactor))?;
        rows(sink, pv::portal_rows(page, redactor))
    })
    .await?;
    let list = &PERSISTENT_VOLUME_CLAIMS;
    walk.list(list, &pvc::GATHERER, sink, |page, sink| {
        rows(sink, pvc::rows(page, &facts.naming, redactor))
    })
    .await?;
    let list = &VOLUME_ATTACHMENTS;
    walk.list(list, &volume_attachment::GATHERER, sink, |page, sink| {
        rows(sink, volume_attachment::rows(page, redactor))
    })
    .await?;
    let list = &VOLUME_SNAPSHOTS;
    walk.list(list, &volume_snapshot::GATHERER, sink, |page, sink| {
        rows(sink, volume_snapshot::rows(page, redactor))
    })
    .await?;
    let list = &VOLUME_SNAPSHOT_CONTENTS;
    let gatherer = &volume_snapshot_content::GATHERER;
    walk.list(list, gatherer, sink, |page, sink| {
        rows(sink, volume_snapshot_content::rows(page, redactor))
    })
    .await?;
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

impl Walk<'_> {
    /// Reads one list, hands its rows over page by page, and records how it ended.
    async fn list<T: DeserializeOwned>(
        &self,
        list: &'static K8sList,
        gatherer: &'static Gatherer,
        sink: &mut dyn Sink,
        mut write: impl FnMut(&[T], &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let mut reading = Reading::new(&self.owner, list.path(), self.pass, self.clock.now());
        let mut tally = Tally::new(sink);
        let mut refused = None;
        // An account without a rule for an absent group gets 403: only discovery tells the two apart.
        let outcome = if self.served.has_list(list) {
            let on_page = |page: Vec<T>| {
                if refused.is_none() {
                    tally.arrived(page.len());
                    refused = write(&page, &mut tally).err();
                }
            };
            self.client.list(list, on_page).await
        } else {
            Err(SourceError::NotServed)
        };
        if let Some(error) = refused {
            return Err(error);
        }
        reading.ended_at = self.clock.now();
        if let Ok(summary) = &outcome {
            reading.server_at = summary.date;
            reading.is_consistent = summary.is_consistent;
            let version = summary.resource_version.as_deref();
            reading.resource_version = version.and_then(|version| version.parse().ok());
        }
        reading.write_tally(gatherer.tables, &mut tally, outcome.as_ref().err())
    }
}
