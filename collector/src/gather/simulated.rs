//! All lists of a generated estate, read from the simulated servers of several releases.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{Options, Simulation, start};
use truenas_common::redact::{Profile, PseudonymKey, Redactor};
use truenas_common::time::Time;

use super::sink::Kept;
use super::{ApplianceFacts, Clock, appliance, cluster, cluster_again};
use crate::source::{
    K8sAccess, K8sClient, TruenasAccess, Trust, read_secret_file, truenas::connect,
};

/// Groups that a generated estate does not serve.
const OPTIONAL: [&str; 5] = [
    "/apis/groupsnapshot.storage.k8s.io/",
    "/apis/csi.truenas.io/",
    "/apis/velero.io/",
    "/apis/kubevirt.io/",
    "/apis/cdi.kubevirt.io/",
];

/// What every generated estate has.
const PLATFORM_TABLES: [&str; 13] = [
    "k8s_cluster_operator",
    "k8s_cluster_version",
    "k8s_csi_container",
    "k8s_csi_driver",
    "k8s_csi_node_driver",
    "k8s_infrastructure",
    "k8s_namespace",
    "k8s_pod",
    "k8s_pod_volume",
    "k8s_volume_snapshot_class",
    "k8s_workload",
    "k8s_workload_claim",
    "k8s_workload_volume",
];

async fn collected(simulation: &Simulation) -> Kept {
    let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
    let clock = Clock(Arc::new(|| Time::from_unix_secs(1_772_500_000)));
    let mut kept = Kept::default();
    let access = K8sAccess::from_kubeconfig(simulation.kubeconfig(None), None).unwrap();
    let client = K8sClient::new(access).unwrap();
    let served = client.discover().await.unwrap();
    let name = "prod-a";
    cluster(&client, &served, name, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    let url = simulation.truenas_url(None);
    let port = url.split('/').nth(2).unwrap().rsplit(':').next().unwrap();
    let key = read_secret_file(simulation.api_key_file(None)).unwrap();
    let trust = Trust::from_ca_pem(&std::fs::read(simulation.ca_file()).unwrap()).unwrap();
    let port = port.parse().unwrap();
    let access = TruenasAccess::new("127.0.0.1", port, Some("svc-collector"), key, trust).unwrap();
    let mut session = connect(&access).await.unwrap();
    let facts = ApplianceFacts {
        name: "nas01",
        host: "127.0.0.1",
        addresses: &["192.0.2.50".to_owned()],
    };
    appliance(&mut session, &facts, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    cluster_again(&client, &served, name, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    kept
}

fn counts(kept: &Kept) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (table, _) in &kept.0 {
        *counts.entry(*table).or_default() += 1;
    }
    counts
}

fn set_version(world: &Path, version: &str) {
    let path = world.join("world.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| match line.split_once("version:") {
        Some((head, tail)) => {
            let rest = tail.find(',').map_or("", |comma| &tail[comma..]);
            format!("{head}version: \"{version}\"{rest}\n")
        }
        None => format!("{line}\n"),
    });
    let text: String = lines.collect();
    std::fs::write(path, text).unwrap();
}

#[test]
fn every_release_gives_the_same_estate() {
    let folder = tempfile::tempdir().unwrap();
    let estate = estate(&EstateOptions {
        days: 1,
        snapshots: 3_000,
        ..EstateOptions::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut first: Option<BTreeMap<&str, usize>> = None;
    for version in ["24.10", "25.04", "25.10", "26"] {
        let world = folder.path().join(version);
        std::fs::create_dir(&world).unwrap();
        estate.write_day(0, &world).unwrap();
        set_version(&world, version);
        let simulation = start(&world, &Options::default()).unwrap();
        let kept = runtime.block_on(collected(&simulation));
        for row in kept.of("collect_status") {
            let outcome = row["outcome"].as_str().unwrap();
            let list = row["list"].as_str().unwrap();
            let is_optional = OPTIONAL.iter().any(|group| list.starts_with(group));
            let is_fine = matches!(outcome, "ok" | "empty");
            assert!(
                is_fine || (is_optional && outcome == "unsupported"),
                "{version}: {row}"
            );
        }
        let mut counts = counts(&kept);
        assert!(
            counts["zfs_snapshot"] > 2_000 && counts["zfs_dataset"] > 100,
            "{counts:?}"
        );
        assert!(counts["k8s_again"] >= counts["k8s_pv"]);
        for table in PLATFORM_TABLES {
            assert!(counts.contains_key(table), "{table}");
        }
        counts.remove("collect_status");
        let first = first.get_or_insert_with(|| counts.clone());
        assert_eq!(*first, counts, "{version}");
    }
}

/// One object of each optional kind, as a cluster with all of these products serves them.
const OPTIONAL_OBJECTS: &str = r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "csi.truenas.io/v1alpha1", "kind": "TrueNASCSI", "metadata": {"name": "truenas", "uid": "1"},
   "spec": {"truenasURL": "wss://nas01/api/current", "defaultPool": "tank"}},
  {"apiVersion": "groupsnapshot.storage.k8s.io/v1beta2", "kind": "VolumeGroupSnapshotClass",
   "metadata": {"name": "g", "uid": "2"}, "driver": "csi.truenas.io", "deletionPolicy": "Delete"},
  {"apiVersion": "groupsnapshot.storage.k8s.io/v1beta2", "kind": "VolumeGroupSnapshot",
   "metadata": {"name": "all", "namespace": "db", "uid": "3"}, "spec": {}},
  {"apiVersion": "groupsnapshot.storage.k8s.io/v1beta2", "kind": "VolumeGroupSnapshotContent",
   "metadata": {"name": "c", "uid": "4"}, "spec": {"driver": "csi.truenas.io", "source": {}}},
  {"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttributesClass", "metadata": {"name": "v", "uid": "5"},
   "driverName": "csi.truenas.io"},
  {"apiVersion": "storage.k8s.io/v1", "kind": "CSIStorageCapacity", "metadata": {"name": "s", "namespace": "csi", "uid": "6"},
   "storageClassName": "fast", "capacity": "1Gi"},
  {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "db", "uid": "7"},
   "spec": {"hard": {"requests.storage": "1Ti"}}, "status": {}},
  {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "db", "uid": "8"}, "reason": "FailedMount",
   "type": "Warning", "message": "x", "involvedObject": {"kind": "Pod", "name": "pg-0", "namespace": "db"}},
  {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "dump", "namespace": "db", "uid": "9"},
   "spec": {"jobTemplate": {"spec": {"template": {"spec": {}}}}}},
  {"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": "b", "namespace": "velero", "uid": "10"},
   "spec": {"includedNamespaces": ["db"]}, "status": {}},
  {"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "s", "namespace": "velero", "uid": "11"},
   "spec": {"template": {}}, "status": {}},
  {"apiVersion": "velero.io/v1", "kind": "Restore", "metadata": {"name": "r", "namespace": "velero", "uid": "12"},
   "spec": {}, "status": {}},
  {"apiVersion": "velero.io/v2alpha1", "kind": "DataUpload", "metadata": {"name": "u", "namespace": "velero", "uid": "13"},
   "spec": {}, "status": {}},
  {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "m", "namespace": "vms", "uid": "14"},
   "spec": {"template": {"spec": {"volumes": [{"dataVolume": {"name": "root"}}]}}}},
  {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "metadata": {"name": "root", "namespace": "vms", "uid": "15"},
   "spec": {}, "status": {"phase": "Succeeded"}}]}"#;

#[test]
fn optional_groups_are_read_where_they_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let estate = estate(&EstateOptions {
        days: 1,
        ..EstateOptions::default()
    });
    estate.write_day(0, folder.path()).unwrap();
    std::fs::write(
        folder.path().join("kubernetes/optional.json"),
        OPTIONAL_OBJECTS,
    )
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let simulation = start(folder.path(), &Options::default()).unwrap();
    let kept = runtime.block_on(collected(&simulation));
    let statuses = kept.of("collect_status");
    let unread: Vec<_> = statuses
        .iter()
        .filter(|row| !matches!(row["outcome"].as_str(), Some("ok" | "empty")))
        .map(|row| {
            (
                row["list"].as_str().unwrap(),
                row["reason"].as_str().unwrap(),
            )
        })
        .collect();
    // The simulator serves a group as a whole: with the newest version there is no need for the older ones.
    assert_eq!(unread.len(), 6, "{unread:?}");
    for (list, reason) in unread {
        assert!(
            list.starts_with("/apis/groupsnapshot.storage.k8s.io/v1beta"),
            "{list}"
        );
        assert_eq!(reason, "superseded");
    }
    let counts = counts(&kept);
    let empty: Vec<&str> = truenas_common::tables::ALL
        .iter()
        .map(|table| table.name)
        .filter(|name| name.starts_with("k8s_") && !counts.contains_key(name))
        .collect();
    assert_eq!(empty, ["k8s_pvc_condition"]);
}
