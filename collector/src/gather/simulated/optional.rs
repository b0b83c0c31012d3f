//! What few clusters serve, read from a cluster that serves all of it.

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{Options, start};

use super::{collected, counts};

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
        .filter(|row| row["list"].as_str().unwrap().starts_with('/'))
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
