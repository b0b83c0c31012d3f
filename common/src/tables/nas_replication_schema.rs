//! Table `nas_replication_schema`.

use crate::redact::{ApplianceId, Schema};

crate::table! {
    /// One naming schema whose snapshots a replication task sends; joins snapshots and snapshot tasks by their schema.
    "nas_replication_schema" as NasReplicationSchema in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Task.
        1 [key] task_id: i64,
        /// Naming schema.
        1 [key] schema: Schema,
    }
}
