//! Table `collect_status`.

use super::code::{Constant, Outcome, Reason, SourceKind};
use crate::redact::{ApplianceId, Uid};
use crate::time::Time;

crate::table! {
    /// What became of one planned list, for each table that it fills.
    "collect_status" as CollectStatus in Bundle {
        /// Which side was asked.
        1 [key] source: SourceKind,
        /// Cluster the list belongs to; absent for appliances.
        1 [key] cluster: Option<Uid>,
        /// Appliance the list belongs to; absent for clusters.
        1 [key] appliance: Option<ApplianceId>,
        /// Resource path or method name.
        1 [key] list: Constant,
        /// Table that the list fills.
        1 [key] table: Constant,
        /// 1 for the first read, 2 for the read after the appliances.
        1 [key] pass: i64,
        /// How the read ended.
        1 outcome: Outcome,
        /// Why it did not end well.
        1 reason: Option<Reason>,
        /// Objects the server sent.
        1 n_items: i64,
        /// Rows written to the table.
        1 n_rows: i64,
        /// Whether all pages show one moment.
        1 is_consistent: bool,
        /// When the first page was asked for.
        1 started_at: Time,
        /// When the last page had arrived.
        1 ended_at: Time,
        /// The server's clock at the first page.
        1 server_at: Option<Time>,
        /// Kubernetes resourceVersion of the list, where it is a number.
        1 resource_version: Option<i64>,
        /// Objects the server counted, where it counts: the lower of a count before and one after the read.
        1 n_expected: Option<i64>,
    }
}
