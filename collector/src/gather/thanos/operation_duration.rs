//! Durations of storage operations: histograms of three measurers, as quantiles and counts of a day.

mod histogram;

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sOperationDuration;
use truenas_common::tables::code::{OperationSource, StorageOperation};

use self::histogram::Histogram;
use crate::gather::metadata::filled;
use crate::gather::{Gatherer, Read};
use crate::source::PromQuery;
use crate::source::thanos::{
    KUBELET_CALL_BUCKETS, KUBELET_CALL_COUNTS, KUBELET_CALL_SUMS, OPERATION_BUCKETS,
    OPERATION_COUNTS, OPERATION_SUMS, SIDECAR_CALL_BUCKETS, SIDECAR_CALL_COUNTS, SIDECAR_CALL_SUMS,
    Sample,
};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "thanos/operation_duration",
    why: "How long provisioning, attaching, mounting and snapshots take, against the timeouts of the sidecars.",
    reads: &[
        Read::Thanos(&OPERATION_BUCKETS),
        Read::Thanos(&OPERATION_SUMS),
        Read::Thanos(&OPERATION_COUNTS),
        Read::Thanos(&KUBELET_CALL_BUCKETS),
        Read::Thanos(&KUBELET_CALL_SUMS),
        Read::Thanos(&KUBELET_CALL_COUNTS),
        Read::Thanos(&SIDECAR_CALL_BUCKETS),
        Read::Thanos(&SIDECAR_CALL_SUMS),
        Read::Thanos(&SIDECAR_CALL_COUNTS),
    ],
    tables: &["k8s_operation_duration"],
};

/// Which operation, of which driver, how it ended, and which bucket of its histogram.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct OperationLabels {
    le: Option<String>,
    operation_name: Option<String>,
    volume_plugin: Option<String>,
    status: Option<String>,
    method_name: Option<String>,
    driver_name: Option<String>,
    grpc_status_code: Option<String>,
}

/// What the metrics tell of each operation.
#[derive(Debug, Default)]
pub(in crate::gather) struct Operations(
    BTreeMap<(OperationSource, StorageOperation, String), Histogram>,
);

/// What the values of a query are.
enum Part {
    Buckets,
    Sums,
    Counts,
}

impl Operations {
    /// Takes the values of one query.
    pub(in crate::gather) fn add(
        &mut self,
        query: &PromQuery,
        samples: Vec<Sample<OperationLabels>>,
    ) {
        let Some((source, part)) = meaning(query) else {
            return;
        };
        for Sample { labels, value } in samples {
            let Some(driver) = labels.driver() else {
                continue;
            };
            let operation = labels.operation();
            let histogram = self.0.entry((source, operation, driver.to_owned()));
            let histogram = histogram.or_default();
            match part {
                Part::Buckets => {
                    let bound = labels.le.as_deref().and_then(|le| le.parse().ok());
                    bound
                        .into_iter()
                        .for_each(|bound| histogram.bucket(bound, value));
                }
                Part::Sums => histogram.sum_secs += value,
                Part::Counts if labels.is_success() => histogram.n_times += value,
                Part::Counts => histogram.n_failed += value,
            }
        }
    }
}

fn meaning(query: &PromQuery) -> Option<(OperationSource, Part)> {
    let name = query.name();
    let (metric, part) = [
        ("_bucket", Part::Buckets),
        ("_sum", Part::Sums),
        ("_count", Part::Counts),
    ]
    .into_iter()
    .find_map(|(ending, part)| Some((name.strip_suffix(ending)?, part)))?;
    let source = match metric {
        "storage_operation_duration_seconds" => OperationSource::Kubernetes,
        "csi_operations_seconds" => OperationSource::Kubelet,
        "csi_sidecar_operations_seconds" => OperationSource::Sidecar,
        _ => return None,
    };
    Some((source, part))
}

impl OperationLabels {
    /// The CSI driver: a label of its own, or behind the name of the plugin.
    fn driver(&self) -> Option<&str> {
        filled(self.driver_name.as_ref()).or_else(|| {
            let (_, driver) = filled(self.volume_plugin.as_ref())?.split_once(':')?;
            Some(driver).filter(|driver| !driver.is_empty())
        })
    }

    /// The name of Kubernetes, or the last word of `/csi.v1.Controller/CreateVolume`.
    fn operation(&self) -> StorageOperation {
        let name = filled(self.operation_name.as_ref());
        let name = name.or_else(|| filled(self.method_name.as_ref()));
        let name = name.and_then(|name| name.rsplit('/').next());
        StorageOperation::parse(name.unwrap_or_default())
    }

    fn is_success(&self) -> bool {
        let status = filled(self.status.as_ref());
        let code = filled(self.grpc_status_code.as_ref());
        matches!(status.or(code), Some("success" | "OK"))
    }
}

/// One row an operation of a driver, unless nothing happened.
pub(in crate::gather) fn rows(
    operations: &Operations,
    redactor: &Redactor,
) -> Vec<K8sOperationDuration> {
    let rows = operations.0.iter();
    rows.filter_map(|((source, operation, driver), histogram)| {
        let measured = histogram.measured();
        let row = K8sOperationDuration {
            source: *source,
            operation: *operation,
            driver: redactor.name(driver),
            n_times: measured.n_times,
            n_failed: measured.n_failed,
            mean_ms: measured.mean_ms,
            p50_ms: measured.quantile_ms[0],
            p95_ms: measured.quantile_ms[1],
            p99_ms: measured.quantile_ms[2],
        };
        (row.n_times + row.n_failed > 0).then_some(row)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn add(operations: &mut Operations, query: &PromQuery, series: &[(&str, f64)]) {
        let samples = series.iter().map(|(labels, value)| Sample {
            labels: serde_json::from_str(labels).unwrap(),
            value: *value,
        });
        operations.add(query, samples.collect());
    }

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    #[test]
    fn sidecar_histogram_becomes_quantiles_and_failures_are_counted_apart() {
        let mut operations = Operations::default();
        let of = |more: &str| {
            format!(
                r#"{{"method_name": "/csi.v1.Controller/CreateVolume", "driver_name": "org.example.csi"{more}}}"#
            )
        };
        let buckets = [("1", 0.0), ("2.5", 90.0), ("10", 98.0), ("+Inf", 100.0)]
            .map(|(le, value)| (of(&format!(r#", "le": "{le}""#)), value));
        let buckets = buckets
            .each_ref()
            .map(|(labels, value)| (labels.as_str(), *value));
        add(&mut operations, &SIDECAR_CALL_BUCKETS, &buckets);
        add(&mut operations, &SIDECAR_CALL_SUMS, &[(&of(""), 250.0)]);
        let (good, bad) = (
            of(r#", "grpc_status_code": "OK""#),
            of(r#", "grpc_status_code": "DeadlineExceeded""#),
        );
        add(
            &mut operations,
            &SIDECAR_CALL_COUNTS,
            &[(&good, 100.2), (&bad, 6.8)],
        );
        let rows = rows(&operations, &redactor());
        assert_eq!(rows.len(), 1);
        let row = &rows[0];
        assert_eq!(row.source, OperationSource::Sidecar);
        assert_eq!(row.operation, StorageOperation::CreateVolume);
        assert_eq!(row.driver, redactor().name("org.example.csi"));
        assert_eq!((row.n_times, row.n_failed), (100, 7));
        assert_eq!(row.mean_ms, Some(2_495));
        assert_eq!(row.p50_ms, Some(1_833));
        assert_eq!(row.p95_ms, Some(7_188));
        assert_eq!(row.p99_ms, Some(10_000));
    }

    #[test]
    fn cluster_that_drops_buckets_still_tells_the_mean() {
        let mut operations = Operations::default();
        let of = |status: &str| {
            format!(
                r#"{{"operation_name": "volume_attach", "volume_plugin": "kubernetes.io/csi:org.example.csi"{status}}}"#
            )
        };
        add(&mut operations, &OPERATION_SUMS, &[(&of(""), 12.0)]);
        let failed = of(r#", "status": "fail-unknown""#);
        let good = of(r#", "status": "success""#);
        add(
            &mut operations,
            &OPERATION_COUNTS,
            &[(&good, 8.0), (&failed, 1.0)],
        );
        let rows = rows(&operations, &redactor());
        assert_eq!(rows[0].operation, StorageOperation::Attach);
        assert_eq!((rows[0].mean_ms, rows[0].p50_ms), (Some(1_500), None));
        assert_eq!((rows[0].n_times, rows[0].n_failed), (8, 1));
    }

    #[test]
    fn plugins_of_the_tree_and_operations_that_did_not_happen_give_no_row() {
        let mut operations = Operations::default();
        let nfs = r#"{"operation_name": "volume_mount", "volume_plugin": "kubernetes.io/nfs", "status": "success"}"#;
        let idle = r#"{"operation_name": "volume_mount", "volume_plugin": "kubernetes.io/csi:a.b", "status": "success"}"#;
        add(
            &mut operations,
            &OPERATION_COUNTS,
            &[(nfs, 5.0), (idle, 0.0)],
        );
        assert!(rows(&operations, &redactor()).is_empty());
    }

    #[test]
    fn operations_that_no_list_names_are_one_row() {
        let mut operations = Operations::default();
        let of = |method: &str| {
            format!(
                r#"{{"method_name": "{method}", "driver_name": "a.b", "grpc_status_code": "OK"}}"#
            )
        };
        let (one, two) = (of("/csi.v2.New/One"), of("/csi.v2.New/Two"));
        add(
            &mut operations,
            &KUBELET_CALL_COUNTS,
            &[(&one, 2.0), (&two, 3.0)],
        );
        let rows = rows(&operations, &redactor());
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].operation, rows[0].n_times),
            (StorageOperation::Other, 5)
        );
    }

    #[test]
    fn every_query_of_the_gatherer_has_a_meaning() {
        for read in GATHERER.reads {
            let Read::Thanos(query) = read else { continue };
            assert!(meaning(query).is_some(), "{}", query.name());
        }
    }
}
