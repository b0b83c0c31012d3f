//! Namespaces, workloads, pods, quotas and events.

use truenas_common::redact::Redactor;
use truenas_common::tables::code::WorkloadKind;

use super::walk::Walk;
use crate::gather::k8s::{event, namespace, pod, resource_quota, workload};
use crate::gather::naming::VolumeNamings;
use crate::gather::sink::{Sink, SinkError, rows};
use crate::source::k8s::{
    CRON_JOBS, DAEMON_SETS, DEPLOYMENTS, EVENTS, JOBS, NAMESPACES, PODS, REPLICA_SETS,
    RESOURCE_QUOTAS, STATEFUL_SETS,
};

/// Reads them; what the provisioners' arguments say about names comes back.
pub(super) async fn read(
    walk: &Walk<'_>,
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<VolumeNamings, SinkError> {
    let mut namings = VolumeNamings::default();
    walk.list(&EVENTS, &event::GATHERER, sink, |page, sink| {
        rows(sink, event::rows(page, redactor))
    })
    .await?;
    walk.list(&NAMESPACES, &namespace::GATHERER, sink, |page, sink| {
        rows(sink, namespace::rows(page, redactor))
    })
    .await?;
    let list = &RESOURCE_QUOTAS;
    walk.list(list, &resource_quota::GATHERER, sink, |page, sink| {
        rows(sink, resource_quota::rows(page, redactor))
    })
    .await?;
    for (list, kind) in [
        (&DEPLOYMENTS, WorkloadKind::Deployment),
        (&STATEFUL_SETS, WorkloadKind::StatefulSet),
        (&DAEMON_SETS, WorkloadKind::DaemonSet),
        (&REPLICA_SETS, WorkloadKind::ReplicaSet),
        (&JOBS, WorkloadKind::Job),
        (&CRON_JOBS, WorkloadKind::CronJob),
    ] {
        walk.list(list, &workload::GATHERER, sink, |page, sink| {
            workload::note_namings(page, &mut namings);
            rows(sink, workload::rows(page, kind, redactor))?;
            rows(sink, workload::volume_rows(page, redactor))?;
            rows(sink, workload::claim_rows(page, redactor))?;
            rows(sink, workload::container_rows(page, redactor))
        })
        .await?;
    }
    walk.list(&PODS, &pod::GATHERER, sink, |page, sink| {
        rows(sink, pod::rows(page, redactor))?;
        rows(sink, pod::volume_rows(page, redactor))
    })
    .await?;
    Ok(namings)
}
