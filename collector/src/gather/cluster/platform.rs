//! What OpenShift and the operator of the vendor's driver say about the cluster.

use truenas_common::redact::Redactor;

use super::walk::Walk;
use crate::gather::k8s::{cluster_operator, cluster_version, infrastructure, truenas_csi};
use crate::gather::sink::{Sink, SinkError, rows};
use crate::source::k8s::{CLUSTER_OPERATORS, CLUSTER_VERSION, INFRASTRUCTURE, TRUENAS_CSIS};

/// Reads it.
pub(super) async fn read(
    walk: &Walk<'_>,
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let object = &CLUSTER_VERSION;
    walk.object(object, &cluster_version::GATHERER, sink, |found, sink| {
        rows(sink, cluster_version::rows(found, redactor))
    })
    .await?;
    let object = &INFRASTRUCTURE;
    walk.object(object, &infrastructure::GATHERER, sink, |found, sink| {
        rows(sink, infrastructure::rows(found, redactor))
    })
    .await?;
    let list = &CLUSTER_OPERATORS;
    walk.list(list, &cluster_operator::GATHERER, sink, |page, sink| {
        rows(sink, cluster_operator::rows(page))
    })
    .await?;
    walk.list(&TRUENAS_CSIS, &truenas_csi::GATHERER, sink, |page, sink| {
        rows(sink, truenas_csi::rows(page, redactor))
    })
    .await
}
