//! Table `nas_replication_dataset`.

use super::code::ReplicationPart;
use crate::redact::{ApplianceId, DatasetPath};

crate::table! {
    /// One dataset that a replication task names. It is here unless the task pulls.
    "nas_replication_dataset" as NasReplicationDataset in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Task.
        1 [key] task_id: i64,
        /// Whether it is replicated or left out.
        1 [key] part: ReplicationPart,
        /// Dataset.
        1 [key] dataset: DatasetPath,
    }
}
