//! Every query that can be sent.

/// One query, named after its metric; cannot be made outside this file:
///
/// ```compile_fail,E0451
/// use truenas_collector::source::thanos::{PromQuery, USED_BYTES};
/// static ALL_SERIES: PromQuery = PromQuery { promql: "{__name__=~\".+\"}", ..USED_BYTES };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct PromQuery {
    name: &'static str,
    promql: &'static str,
    by_claim: bool,
}

impl PromQuery {
    /// Name of the metric, and of the list in the bundle.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The whole query.
    pub fn promql(&self) -> &'static str {
        self.promql
    }

    /// Whether an answer that is too large can be asked for in parts of the claims.
    pub fn is_by_claim(&self) -> bool {
        self.by_claim
    }

    /// The query with further matchers, which begin with a comma, in its one selector.
    pub(super) fn narrowed(&self, matchers: &str) -> String {
        match self.promql.split_once('}') {
            Some((head, tail)) => format!("{head}{matchers}}}{tail}"),
            None => self.promql.to_owned(),
        }
    }
}

/// One value a claim: nodes that mount the same claim see the same file system.
macro_rules! of_claims {
    ($metric:literal) => {
        PromQuery {
            name: $metric,
            promql: concat!(
                "max by (namespace, persistentvolumeclaim) (",
                $metric,
                "{persistentvolumeclaim!=\"\"})"
            ),
            by_claim: true,
        }
    };
}

/// The growth of a counter of CSI operations over the last day.
macro_rules! of_operations {
    ($metric:literal, $selector:literal, $labels:literal) => {
        PromQuery {
            name: $metric,
            promql: concat!(
                "sum by (",
                $labels,
                ") (increase(",
                $metric,
                "{",
                $selector,
                "}[1d]))"
            ),
            by_claim: false,
        }
    };
}

macro_rules! queries {
    ($($name:ident = $query:expr, $doc:literal;)+) => {
        $(
            #[doc = $doc]
            pub static $name: PromQuery = $query;
        )+

        impl PromQuery {
            /// Every query that can be sent.
            pub const ALL: &'static [&'static Self] = &[$(&$name),+];
        }
    };
}

queries! {
    CAPACITY_BYTES = of_claims!("kubelet_volume_stats_capacity_bytes"), "Size of the file system of each claim.";
    USED_BYTES = of_claims!("kubelet_volume_stats_used_bytes"), "Used bytes.";
    AVAILABLE_BYTES = of_claims!("kubelet_volume_stats_available_bytes"), "Free bytes.";
    INODES = of_claims!("kubelet_volume_stats_inodes"), "Inodes.";
    INODES_USED = of_claims!("kubelet_volume_stats_inodes_used"), "Used inodes.";
    IS_ABNORMAL = of_claims!("kubelet_volume_stats_health_status_abnormal"), "Health as the driver tells it.";
    OPERATION_BUCKETS = of_operations!("storage_operation_duration_seconds_bucket",
        "volume_plugin=~\"kubernetes.io/csi.*\",status=\"success\"", "le, operation_name, volume_plugin"),
        "Durations of whole operations.";
    OPERATION_SUMS = of_operations!("storage_operation_duration_seconds_sum",
        "volume_plugin=~\"kubernetes.io/csi.*\",status=\"success\"", "operation_name, volume_plugin"),
        "Their sum.";
    OPERATION_COUNTS = of_operations!("storage_operation_duration_seconds_count",
        "volume_plugin=~\"kubernetes.io/csi.*\"", "operation_name, volume_plugin, status"),
        "Their number, by how they ended.";
    KUBELET_CALL_BUCKETS = of_operations!("csi_operations_seconds_bucket",
        "grpc_status_code=\"OK\"", "le, method_name, driver_name"), "Durations of the kubelet's calls of drivers.";
    KUBELET_CALL_SUMS = of_operations!("csi_operations_seconds_sum",
        "grpc_status_code=\"OK\"", "method_name, driver_name"), "Their sum.";
    KUBELET_CALL_COUNTS = of_operations!("csi_operations_seconds_count",
        "driver_name!=\"\"", "method_name, driver_name, grpc_status_code"), "Their number, by how they ended.";
    SIDECAR_CALL_BUCKETS = of_operations!("csi_sidecar_operations_seconds_bucket",
        "grpc_status_code=\"OK\"", "le, method_name, driver_name"), "Durations of the sidecars' calls of drivers.";
    SIDECAR_CALL_SUMS = of_operations!("csi_sidecar_operations_seconds_sum",
        "grpc_status_code=\"OK\"", "method_name, driver_name"), "Their sum.";
    SIDECAR_CALL_COUNTS = of_operations!("csi_sidecar_operations_seconds_count",
        "driver_name!=\"\"", "method_name, driver_name, grpc_status_code"), "Their number, by how they ended.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_reads_the_metric_it_is_named_after_through_one_selector() {
        let mut names: Vec<&str> = PromQuery::ALL.iter().map(|query| query.name()).collect();
        for query in PromQuery::ALL {
            let promql = query.promql();
            assert_eq!(promql.matches(['{', '}']).count(), 2, "{promql}");
            assert!(promql.contains(&format!("({}{{", query.name())), "{promql}");
            assert_eq!(query.narrowed(""), promql);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PromQuery::ALL.len());
    }

    #[test]
    fn matchers_stand_inside_the_selector() {
        assert_eq!(
            USED_BYTES.narrowed(",a!=\"b\""),
            "max by (namespace, persistentvolumeclaim) \
             (kubelet_volume_stats_used_bytes{persistentvolumeclaim!=\"\",a!=\"b\"})"
        );
    }
}
