//! Snapshots, their contents and classes, one by one and in groups.

use truenas_common::redact::Redactor;

use super::walk::Walk;
use crate::gather::k8s::{
    volume_group_snapshot, volume_group_snapshot_class, volume_group_snapshot_content,
    volume_snapshot, volume_snapshot_class, volume_snapshot_content,
};
use crate::gather::sink::{Sink, SinkError, rows};
use crate::source::k8s::{
    VOLUME_GROUP_SNAPSHOT_CLASSES, VOLUME_GROUP_SNAPSHOT_CLASSES_BETA,
    VOLUME_GROUP_SNAPSHOT_CLASSES_BETA2, VOLUME_GROUP_SNAPSHOT_CONTENTS,
    VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA, VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA2,
    VOLUME_GROUP_SNAPSHOTS, VOLUME_GROUP_SNAPSHOTS_BETA, VOLUME_GROUP_SNAPSHOTS_BETA2,
    VOLUME_SNAPSHOT_CLASSES, VOLUME_SNAPSHOT_CONTENTS, VOLUME_SNAPSHOTS,
};

/// Reads them.
pub(super) async fn read(
    walk: &Walk<'_>,
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let list = &VOLUME_SNAPSHOT_CLASSES;
    let gatherer = &volume_snapshot_class::GATHERER;
    walk.list(list, gatherer, sink, |page, sink| {
        rows(sink, volume_snapshot_class::rows(page, redactor))
    })
    .await?;
    groups(walk, redactor, sink).await?;
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
    .await
}

async fn groups(
    walk: &Walk<'_>,
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let versions = [
        &VOLUME_GROUP_SNAPSHOT_CLASSES,
        &VOLUME_GROUP_SNAPSHOT_CLASSES_BETA2,
        &VOLUME_GROUP_SNAPSHOT_CLASSES_BETA,
    ];
    let gatherer = &volume_group_snapshot_class::GATHERER;
    walk.newest(&versions, gatherer, sink, |page, sink| {
        rows(sink, volume_group_snapshot_class::rows(page, redactor))
    })
    .await?;
    let versions = [
        &VOLUME_GROUP_SNAPSHOTS,
        &VOLUME_GROUP_SNAPSHOTS_BETA2,
        &VOLUME_GROUP_SNAPSHOTS_BETA,
    ];
    let gatherer = &volume_group_snapshot::GATHERER;
    walk.newest(&versions, gatherer, sink, |page, sink| {
        rows(sink, volume_group_snapshot::rows(page, redactor))
    })
    .await?;
    let versions = [
        &VOLUME_GROUP_SNAPSHOT_CONTENTS,
        &VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA2,
        &VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA,
    ];
    let gatherer = &volume_group_snapshot_content::GATHERER;
    walk.newest(&versions, gatherer, sink, |page, sink| {
        rows(sink, volume_group_snapshot_content::rows(page, redactor))
    })
    .await
}
