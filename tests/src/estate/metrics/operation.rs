//! Histograms of operations over the last day. The chart of the driver leaves the metrics of its sidecars off.

use std::io;

use serde_json::json;

use super::{of_kubelet, series};
use crate::estate::calendar::DAY;
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::volume::{Protocol, Volume};
use crate::estate::write::Folder;

/// Bounds of the buckets, in seconds, as Kubernetes has them.
const BOUNDS: [f64; 13] = [
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 25.0, 50.0, 120.0, 300.0, 600.0,
];

/// The kubelet asks for the usage of every mounted volume once a minute.
const STATS_A_DAY: usize = 1_440;

/// One operation of one driver.
struct Operation {
    labels: [(&'static str, String); 3],
    durations: Vec<f64>,
    /// How often each of them was seen.
    weight: u64,
}

/// Writes the series of both histograms.
pub(super) fn write(estate: &Estate, now: i64, folder: &Folder) -> io::Result<()> {
    let whole = |name: &str, protocol: Protocol| {
        [
            ("operation_name", name.to_owned()),
            (
                "volume_plugin",
                format!("kubernetes.io/csi:{}", protocol.driver()),
            ),
            ("status", "success".to_owned()),
        ]
    };
    let call = |name: &str, protocol: Protocol| {
        [
            ("method_name", format!("/csi.v1.Node/{name}")),
            ("driver_name", protocol.driver()),
            ("grpc_status_code", "OK".to_owned()),
        ]
    };
    let mut operations = Vec::new();
    let mut calls = Vec::new();
    for protocol in Protocol::ALL {
        let of_protocol = estate
            .volumes
            .iter()
            .filter(|volume| volume.protocol == protocol);
        let mounted: Vec<&Volume> = of_protocol.filter(|volume| volume.has_pod(now)).collect();
        let begun = mounted
            .iter()
            .filter(|volume| volume.pod_created() > now - DAY);
        let begun: Vec<&Volume> = begun.copied().collect();
        let durations = |volumes: &[&Volume], part, least: f64, most: f64| {
            let one = |volume: &&Volume| {
                least + (most - least) * estate.seed.unit(Use::Duration, volume.number, part)
            };
            volumes.iter().map(one).collect()
        };
        operations.push(Operation {
            labels: whole("volume_attach", protocol),
            durations: durations(&begun, 0, 0.2, 1.4),
            weight: 1,
        });
        operations.push(Operation {
            labels: whole("volume_mount", protocol),
            durations: durations(&begun, 1, 0.8, 6.0),
            weight: 1,
        });
        calls.push(Operation {
            labels: call("NodeStageVolume", protocol),
            durations: durations(&begun, 2, 0.3, 4.0),
            weight: 1,
        });
        calls.push(Operation {
            labels: call("NodeGetVolumeStats", protocol),
            durations: durations(&mounted, 3, 0.002, 0.09),
            weight: STATS_A_DAY as u64,
        });
    }
    histogram(
        "storage_operation_duration_seconds",
        &operations,
        now,
        folder,
    )?;
    histogram("csi_operations_seconds", &calls, now, folder)
}

fn histogram(metric: &str, operations: &[Operation], now: i64, folder: &Folder) -> io::Result<()> {
    let labels = |part: &str, operation: &Operation| {
        let mut labels = of_kubelet(&format!("{metric}_{part}"), 0);
        for (label, value) in &operation.labels {
            labels[label] = json!(value);
        }
        labels
    };
    let mut list = folder.vector(&format!("{metric}_bucket"))?;
    for operation in operations {
        let mut labels = labels("bucket", operation);
        for bound in BOUNDS.into_iter().chain([f64::INFINITY]) {
            let durations = operation.durations.iter();
            let n_below = durations.filter(|duration| **duration <= bound).count() as u64;
            labels["le"] = match bound.is_finite() {
                true => json!(bound.to_string()),
                false => json!("+Inf"),
            };
            list.push_json(&series(&labels, now, n_below * operation.weight))?;
        }
    }
    list.finish()?;
    let mut list = folder.vector(&format!("{metric}_sum"))?;
    for operation in operations {
        let sum: f64 = operation.durations.iter().sum();
        let value = format!("{:.3}", sum * operation.weight as f64);
        list.push_json(&json!({"metric": labels("sum", operation), "value": [now, value]}))?;
    }
    list.finish()?;
    let mut list = folder.vector(&format!("{metric}_count"))?;
    for operation in operations {
        let count = operation.durations.len() as u64 * operation.weight;
        list.push_json(&series(&labels("count", operation), now, count))?;
    }
    list.finish()
}
