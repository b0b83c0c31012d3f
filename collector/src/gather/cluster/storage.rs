//! Nodes, drivers, classes, volumes, claims and attachments.

use std::collections::BTreeSet;

use truenas_common::redact::Redactor;

use super::walk::Walk;
use crate::gather::handles::Handles;
use crate::gather::k8s::{
    csi_driver, csi_node, csi_storage_capacity, lease, node, pv, pvc, storage_class,
    volume_attachment, volume_attributes_class,
};
use crate::gather::naming::VolumeNamings;
use crate::gather::sink::{Sink, SinkError, rows};
use crate::source::k8s::{
    CSI_DRIVERS, CSI_NODES, CSI_STORAGE_CAPACITIES, LEASES, NODES, PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES, STORAGE_CLASSES, VOLUME_ATTACHMENTS, VOLUME_ATTRIBUTES_CLASSES,
};

/// Reads them.
pub(super) async fn read(
    walk: &Walk<'_>,
    namings: &VolumeNamings,
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    walk.list(&NODES, &node::GATHERER, sink, |page, sink| {
        rows(sink, node::rows(page, redactor))?;
        rows(sink, node::address_rows(page, redactor))
    })
    .await?;
    walk.list(&CSI_NODES, &csi_node::GATHERER, sink, |page, sink| {
        rows(sink, csi_node::rows(page, redactor))
    })
    .await?;
    // Both ways of knowing a driver, so that its leases are known when one of them is denied.
    let mut drivers: BTreeSet<String> = namings.drivers().map(str::to_owned).collect();
    walk.list(&CSI_DRIVERS, &csi_driver::GATHERER, sink, |page, sink| {
        drivers.extend(csi_driver::names(page).map(str::to_owned));
        rows(sink, csi_driver::rows(page, redactor))
    })
    .await?;
    walk.list(&LEASES, &lease::GATHERER, sink, |page, sink| {
        rows(sink, lease::rows(page, &drivers, redactor))
    })
    .await?;
    let list = &CSI_STORAGE_CAPACITIES;
    walk.list(list, &csi_storage_capacity::GATHERER, sink, |page, sink| {
        rows(sink, csi_storage_capacity::rows(page, redactor))
    })
    .await?;
    let list = &VOLUME_ATTRIBUTES_CLASSES;
    let gatherer = &volume_attributes_class::GATHERER;
    walk.list(list, gatherer, sink, |page, sink| {
        rows(sink, volume_attributes_class::rows(page, redactor))
    })
    .await?;
    let list = &STORAGE_CLASSES;
    walk.list(list, &storage_class::GATHERER, sink, |page, sink| {
        rows(sink, storage_class::rows(page, redactor))?;
        rows(sink, storage_class::mount_option_rows(page, redactor))
    })
    .await?;
    let mut handles = Handles::default();
    walk.list(&PERSISTENT_VOLUMES, &pv::GATHERER, sink, |page, sink| {
        handles.note(pv::handles(page));
        rows(sink, pv::rows(page, redactor))?;
        rows(sink, pv::mount_option_rows(page, redactor))?;
        rows(sink, pv::portal_rows(page, redactor))
    })
    .await?;
    let list = &PERSISTENT_VOLUME_CLAIMS;
    walk.list(list, &pvc::GATHERER, sink, |page, sink| {
        rows(sink, pvc::rows(page, namings, redactor))?;
        rows(sink, pvc::condition_rows(page, redactor))
    })
    .await?;
    let list = &VOLUME_ATTACHMENTS;
    walk.list(list, &volume_attachment::GATHERER, sink, |page, sink| {
        rows(sink, volume_attachment::rows(page, &handles, redactor))
    })
    .await
}
