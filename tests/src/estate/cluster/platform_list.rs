//! Nodes, namespaces, CSI registrations, classes, and what tells OpenShift from plain Kubernetes.

use std::io;

use serde_json::{Value, json};

use super::{metadata, storage_list, with};
use crate::estate::calendar::{DAY, rfc3339};
use crate::estate::names::{self, CSI_NAMESPACE, N_CONTROL, PLATFORM_NAMESPACES};
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::volume::Protocol;
use crate::estate::write::Folder;

/// OpenShift release and the Kubernetes inside it.
const RELEASE: &str = "4.20.4";
const KUBELET: &str = "v1.33.5";

/// Writes the lists.
pub(super) fn write(estate: &Estate, folder: &Folder) -> io::Result<()> {
    let built = estate.calendar.now(0) - 500 * DAY;
    nodes(estate, built, folder)?;
    namespaces(estate, built, folder)?;
    csi(estate, built, folder)?;
    classes(estate, built, folder)?;
    openshift(estate, built, folder)
}

/// Name, address, role and number of every node.
pub(super) fn machines(estate: &Estate) -> Vec<(String, String, &'static str, u32)> {
    let control = (0..N_CONTROL).map(|number| {
        (
            format!("control-{number:02}.example.net"),
            format!("198.51.100.{}", 11 + number),
            "control-plane",
            number,
        )
    });
    let workers = (0..estate.n_workers()).map(|number| {
        (
            names::worker(number),
            names::worker_address(number),
            "worker",
            number + N_CONTROL,
        )
    });
    control
        .chain(workers)
        .map(|(name, address, role, number)| (name, address, role, u32::from(number)))
        .collect()
}

fn nodes(estate: &Estate, built: i64, folder: &Folder) -> io::Result<()> {
    let mut list = folder.list("kubernetes/nodes.json")?;
    for (name, address, role, number) in machines(estate) {
        let uid = estate.seed.uuid(Use::Node, number, 0);
        list.push_json(&json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": with(metadata(&name, None, &uid, built, built), json!({
                "labels": {"kubernetes.io/hostname": name, format!("node-role.kubernetes.io/{role}"): ""},
                "annotations": {"csi.volume.kubernetes.io/nodeid": json!({
                    "org.democratic-csi.iscsi": name, "org.democratic-csi.nfs": name,
                }).to_string()},
            })),
            "spec": {},
            "status": {
                "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
                "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": rfc3339(built)}],
                "nodeInfo": {
                    "kubeletVersion": KUBELET, "osImage": "Red Hat Enterprise Linux CoreOS", "kernelVersion": "5.14.0",
                    "containerRuntimeVersion": "cri-o://1.33.5", "architecture": "amd64", "operatingSystem": "linux",
                },
            },
        }))?;
    }
    list.finish()
}

fn namespaces(estate: &Estate, built: i64, folder: &Folder) -> io::Result<()> {
    let mut list = folder.list("kubernetes/namespaces.json")?;
    let own = (0..estate.n_namespaces()).map(names::namespace);
    let all = PLATFORM_NAMESPACES
        .into_iter()
        .map(str::to_owned)
        .chain(own);
    for (number, name) in (0..).zip(all) {
        let uid = estate.seed.uuid(Use::Namespace, number, 0);
        list.push_json(&json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": with(metadata(&name, None, &uid, built, built), json!({
                "labels": {"kubernetes.io/metadata.name": name},
            })),
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
        }))?;
    }
    list.finish()
}

fn csi(estate: &Estate, built: i64, folder: &Folder) -> io::Result<()> {
    let mut list = folder.list("kubernetes/csidrivers.json")?;
    for protocol in Protocol::ALL {
        let uid = estate.seed.uuid(Use::Platform, 810 + protocol as u32, 0);
        list.push_json(&json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver",
            "metadata": with(metadata(&protocol.driver(), None, &uid, built, built), json!({"labels": labels(protocol)})),
            "spec": {
                "attachRequired": true, "fsGroupPolicy": "File", "podInfoOnMount": true, "requiresRepublish": false,
                "storageCapacity": false, "seLinuxMount": false, "volumeLifecycleModes": ["Persistent"],
            },
        }))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/csinodes.json")?;
    for (name, _, role, number) in machines(estate) {
        let drivers = Protocol::ALL.map(
            |protocol| json!({"name": protocol.driver(), "nodeID": name, "topologyKeys": null}),
        );
        let uid = estate.seed.uuid(Use::Node, number, 1);
        list.push_json(&json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "CSINode",
            "metadata": with(metadata(&name, None, &uid, built, built), json!({
                "ownerReferences": [{
                    "apiVersion": "v1", "kind": "Node", "name": name, "uid": estate.seed.uuid(Use::Node, number, 0),
                }],
            })),
            "spec": {"drivers": if role == "worker" { json!(drivers) } else { Value::Null }},
        }))?;
    }
    list.finish()
}

fn labels(protocol: Protocol) -> Value {
    json!({
        "app.kubernetes.io/name": "democratic-csi", "app.kubernetes.io/instance": format!("zfs-{}", protocol.word()),
        "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "democratic-csi-0.15.1",
    })
}

fn classes(estate: &Estate, built: i64, folder: &Folder) -> io::Result<()> {
    let mut list = folder.list("kubernetes/storageclasses.json")?;
    for (number, (protocol, is_retained)) in (0..).zip(
        Protocol::ALL
            .into_iter()
            .flat_map(|protocol| [(protocol, false), (protocol, true)]),
    ) {
        let name = format!(
            "truenas-{}{}",
            protocol.word(),
            if is_retained { "-retain" } else { "" }
        );
        let is_default = protocol == Protocol::Nfs && !is_retained;
        let is_block = protocol == Protocol::Iscsi;
        let mut parameters = json!({
            "fsType": if is_block { "ext4" } else { "nfs" }, "detachedVolumesFromSnapshots": "false",
            "detachedVolumesFromVolumes": "false",
        });
        for purpose in [
            "provisioner",
            "controller-publish",
            "node-stage",
            "node-publish",
            "controller-expand",
        ] {
            parameters[format!("csi.storage.k8s.io/{purpose}-secret-name")] =
                json!(storage_list::secret_name(purpose, &name));
            parameters[format!("csi.storage.k8s.io/{purpose}-secret-namespace")] =
                json!(CSI_NAMESPACE);
        }
        let uid = estate.seed.uuid(Use::Platform, 830 + number, 0);
        let mut class = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": with(metadata(&name, None, &uid, built, built), json!({
                "labels": labels(protocol),
                "annotations": {"storageclass.kubernetes.io/is-default-class": is_default.to_string()},
            })),
            "provisioner": protocol.driver(), "parameters": parameters,
            "reclaimPolicy": if is_retained { "Retain" } else { "Delete" }, "allowVolumeExpansion": true,
            "volumeBindingMode": "Immediate",
        });
        if !is_block {
            class["mountOptions"] = json!(["noatime", "nfsvers=4.1"]);
        }
        list.push_json(&class)?;
    }
    list.finish()
}

fn openshift(estate: &Estate, built: i64, folder: &Folder) -> io::Result<()> {
    let uid = |number: u32| estate.seed.uuid(Use::Platform, 840 + number, 0);
    let condition = |kind: &str, status: &str| json!({"type": kind, "status": status, "lastTransitionTime": rfc3339(built + DAY)});
    let conditions = json!([
        condition("Available", "True"),
        condition("Progressing", "False"),
        condition("Degraded", "False")
    ]);
    let installed = json!({
        "state": "Completed", "version": RELEASE, "startedTime": rfc3339(built), "completionTime": rfc3339(built + 3_600),
        "verified": false, "image": "",
    });
    let mut list = folder.list("kubernetes/clusterversions.json")?;
    list.push_json(&json!({
        "apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion",
        "metadata": metadata("version", None, &uid(0), built, built),
        "spec": {"clusterID": uid(1), "channel": "stable-4.20"},
        "status": {"desired": {"version": RELEASE}, "history": [installed], "conditions": conditions},
    }))?;
    list.finish()?;
    let mut list = folder.list("kubernetes/infrastructures.json")?;
    list.push_json(&json!({
        "apiVersion": "config.openshift.io/v1", "kind": "Infrastructure",
        "metadata": metadata("cluster", None, &uid(2), built, built),
        "spec": {"platformSpec": {"type": "None"}},
        "status": {
            "infrastructureName": estate.options.cluster, "platform": "None", "platformStatus": {"type": "None"},
            "controlPlaneTopology": "HighlyAvailable", "infrastructureTopology": "HighlyAvailable",
        },
    }))?;
    list.finish()?;
    let mut list = folder.list("kubernetes/clusteroperators.json")?;
    for (number, name) in [(3, "csi-snapshot-controller"), (4, "storage")] {
        list.push_json(&json!({
            "apiVersion": "config.openshift.io/v1", "kind": "ClusterOperator",
            "metadata": metadata(name, None, &uid(number), built, built), "spec": {},
            "status": {"conditions": conditions, "versions": [{"name": "operator", "version": RELEASE}]},
        }))?;
    }
    list.finish()
}
