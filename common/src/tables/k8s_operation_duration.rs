//! Table `k8s_operation_duration`.

use super::code::{OperationSource, StorageOperation};
use crate::redact::Driver;

crate::table! {
    /// How long storage operations of one driver took over the last 24 h, from metrics. Quantiles are interpolated inside
    /// the buckets of a histogram, and absent where the cluster drops buckets.
    "k8s_operation_duration" as K8sOperationDuration in Cluster {
        /// Who measured.
        1 [key] source: OperationSource,
        /// Operation.
        1 [key] operation: StorageOperation,
        /// CSI driver.
        1 [key] driver: Driver,
        /// Operations that succeeded; the durations are theirs.
        1 n_times: i64,
        /// Operations that failed.
        1 n_failed: i64,
        /// Mean.
        1 mean_ms: Option<i64>,
        /// Median.
        1 p50_ms: Option<i64>,
        /// Quantile 0.95.
        1 p95_ms: Option<i64>,
        /// Quantile 0.99.
        1 p99_ms: Option<i64>,
    }
}
