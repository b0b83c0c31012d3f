//! The declared scope as rows: which clusters own volumes below which parent dataset.

use truenas_common::redact::{Redactor, marker};
use truenas_common::tables::CollectScope;

use crate::config::Parent;
use crate::gather::{self, Sink, SinkError};

/// Writes one row for each parent and cluster.
pub(super) fn write(
    parents: &[Parent],
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    for parent in parents {
        for cluster in &parent.clusters {
            let row = CollectScope {
                parent: redactor.path(&parent.dataset),
                cluster: redactor.name::<marker::ClusterKind>(cluster),
                is_complete: parent.is_complete,
            };
            gather::row(sink, &row)?;
        }
    }
    Ok(())
}
