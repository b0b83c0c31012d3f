//! Backups of Velero, machines of KubeVirt.

use truenas_common::redact::Redactor;
use truenas_common::tables::code::TransferKind;

use super::walk::Walk;
use crate::gather::k8s::{
    data_volume, velero_backup, velero_restore, velero_transfer, virtual_machine,
};
use crate::gather::sink::{Sink, SinkError, rows};
use crate::source::k8s::{
    DATA_VOLUMES, VELERO_BACKUPS, VELERO_DATA_DOWNLOADS, VELERO_DATA_UPLOADS,
    VELERO_POD_VOLUME_BACKUPS, VELERO_POD_VOLUME_RESTORES, VELERO_RESTORES, VELERO_SCHEDULES,
    VIRTUAL_MACHINES,
};

/// Reads them.
pub(super) async fn read(
    walk: &Walk<'_>,
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let gatherer = &velero_backup::GATHERER;
    walk.list(&VELERO_BACKUPS, gatherer, sink, |page, sink| {
        rows(sink, velero_backup::rows(page, redactor))?;
        rows(sink, velero_backup::namespace_rows(page, redactor))
    })
    .await?;
    walk.list(&VELERO_SCHEDULES, gatherer, sink, |page, sink| {
        rows(sink, velero_backup::schedule_rows(page, redactor))?;
        rows(sink, velero_backup::schedule_namespace_rows(page, redactor))
    })
    .await?;
    let list = &VELERO_RESTORES;
    walk.list(list, &velero_restore::GATHERER, sink, |page, sink| {
        rows(sink, velero_restore::rows(page, redactor))
    })
    .await?;
    for (list, kind) in [
        (&VELERO_POD_VOLUME_BACKUPS, TransferKind::PodVolumeBackup),
        (&VELERO_POD_VOLUME_RESTORES, TransferKind::PodVolumeRestore),
        (&VELERO_DATA_UPLOADS, TransferKind::DataUpload),
        (&VELERO_DATA_DOWNLOADS, TransferKind::DataDownload),
    ] {
        walk.list(list, &velero_transfer::GATHERER, sink, |page, sink| {
            rows(sink, velero_transfer::rows(page, kind, redactor))
        })
        .await?;
    }
    let list = &VIRTUAL_MACHINES;
    walk.list(list, &virtual_machine::GATHERER, sink, |page, sink| {
        rows(sink, virtual_machine::rows(page, redactor))?;
        rows(sink, virtual_machine::volume_rows(page, redactor))
    })
    .await?;
    walk.list(&DATA_VOLUMES, &data_volume::GATHERER, sink, |page, sink| {
        rows(sink, data_volume::rows(page, redactor))
    })
    .await
}
