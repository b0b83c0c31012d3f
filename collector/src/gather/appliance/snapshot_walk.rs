//! Snapshots: by windows of transaction groups up to 25.10, by batches of datasets from 26 on; never all at once.

mod by_dataset;
mod by_txg;
mod window;

use super::Stop;
use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::truenas::snapshot::Snapshot;
use crate::source::truenas::{
    POOL_SNAPSHOT_QUERY, Version, ZFS_RESOURCE_SNAPSHOT_QUERY, ZFS_SNAPSHOT_QUERY,
};
use crate::source::{Method, Session};

/// Rows that are asked for at once: with the properties that they inherit from a CSI volume these are up to 8 MiB.
const ROWS: usize = 2_000;

/// Rows that are asked for after somebody on the way did not wait for more, at the least.
const MIN_ROWS: usize = 50;

/// The method of a release.
pub(super) fn method(version: Version) -> &'static Method {
    let methods = [&ZFS_RESOURCE_SNAPSHOT_QUERY, &POOL_SNAPSHOT_QUERY];
    let found = methods.into_iter().find(|method| method.is_served(version));
    found.unwrap_or(&ZFS_SNAPSHOT_QUERY)
}

/// Reads all snapshots, some at a time.
pub(super) async fn walk(
    session: &mut Session,
    tally: &mut Tally<'_>,
    mut write: impl FnMut(&[Snapshot], &mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), Stop> {
    let method = method(session.version());
    if *method == ZFS_RESOURCE_SNAPSHOT_QUERY {
        return by_dataset::walk(session, tally, &mut write).await;
    }
    by_txg::walk(session, method, tally, &mut write).await
}

/// Fewer rows after a call that was cut off.
fn fewer(rows: usize) -> usize {
    (rows / 4).max(MIN_ROWS)
}
