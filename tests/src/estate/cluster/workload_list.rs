//! Pods and what owns them, in as few fields as a consumer needs.

use std::io;

use serde_json::{Value, json};

use super::{metadata, quantity, with};
use crate::estate::calendar::{DAY, POOL_BORN};
use crate::estate::names::{self, CSI_NAMESPACE, MEDIA_NAMESPACE};
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::volume::{Protocol, Volume, Workload};
use crate::estate::write::Folder;

/// Writes the lists.
pub(super) fn write(estate: &Estate, day: usize, folder: &Folder) -> io::Result<()> {
    let now = estate.calendar.now(day);
    let consumed = || estate.volumes.iter().filter(|volume| volume.has_claim(now));
    let deployed = || consumed().filter(|volume| volume.workload == Workload::Deployment);
    let mut list = folder.list("kubernetes/pods.json")?;
    list.push_json(&static_pod(estate))?;
    for volume in estate.volumes.iter().filter(|volume| volume.has_pod(now)) {
        list.push_json(&pod(estate, volume))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/deployments.json")?;
    for protocol in Protocol::ALL {
        list.push_json(&controller(estate, protocol))?;
    }
    list.push_json(&static_deployment(estate))?;
    for volume in deployed() {
        list.push_json(&deployment(estate, volume))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/replicasets.json")?;
    for volume in deployed() {
        list.push_json(&replica_set(estate, volume))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/statefulsets.json")?;
    for volume in consumed() {
        if let Workload::StatefulSet {
            ordinal: 0,
            replicas,
            ..
        } = volume.workload
        {
            list.push_json(&stateful_set(estate, volume, replicas))?;
        }
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/daemonsets.json")?;
    for protocol in Protocol::ALL {
        list.push_json(&node_plugin(estate, protocol))?;
    }
    list.finish()
}

/// Uid of a workload; `part` 0 is the set itself.
fn workload_uid(estate: &Estate, volume: &Volume, part: u32) -> String {
    let number = match volume.workload {
        Workload::StatefulSet { first, .. } => first,
        Workload::Deployment => volume.number,
    };
    estate.seed.uuid(
        if part == 0 {
            Use::Workload
        } else {
            Use::ReplicaSet
        },
        number,
        5,
    )
}

fn pod(estate: &Estate, volume: &Volume) -> Value {
    let (kind, owner, owner_uid) = match volume.workload {
        Workload::StatefulSet { .. } => (
            "StatefulSet",
            names::workload(estate, volume),
            workload_uid(estate, volume, 0),
        ),
        Workload::Deployment => (
            "ReplicaSet",
            names::replica_set(estate, volume),
            workload_uid(estate, volume, 1),
        ),
    };
    let uid = estate.seed.uuid(Use::Pod, volume.number, 0);
    let namespace = names::namespace(volume.namespace);
    let created = volume.pod_created() - 15;
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": with(metadata(&names::pod(estate, volume), Some(&namespace), &uid, created, created + 15), json!({
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": owner_uid, "controller": true}],
        })),
        "spec": pod_spec(&names::claim(estate, volume), Some(&names::worker(volume.node))),
        "status": {
            "phase": "Running",
            "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0}],
        },
    })
}

fn pod_spec(claim: &str, node: Option<&str>) -> Value {
    let mut spec = json!({
        "containers": [{
            "name": "main", "image": "registry.example.net/app:1.0",
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        }],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
    });
    if let Some(node) = node {
        spec["nodeName"] = json!(node);
    }
    spec
}

fn deployment(estate: &Estate, volume: &Volume) -> Value {
    let name = names::workload(estate, volume);
    let namespace = names::namespace(volume.namespace);
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": metadata(&name, Some(&namespace), &workload_uid(estate, volume, 0), volume.created, volume.created),
        "spec": deployment_spec(&name, &names::claim(estate, volume)),
        "status": {"replicas": 1, "readyReplicas": 1},
    })
}

/// Recreate, because the block claims among these are ReadWriteOnce.
fn deployment_spec(name: &str, claim: &str) -> Value {
    json!({
        "replicas": 1, "strategy": {"type": "Recreate"}, "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(claim, None)},
    })
}

fn replica_set(estate: &Estate, volume: &Volume) -> Value {
    let name = names::workload(estate, volume);
    let namespace = names::namespace(volume.namespace);
    let uid = workload_uid(estate, volume, 1);
    let metadata = metadata(
        &names::replica_set(estate, volume),
        Some(&namespace),
        &uid,
        volume.created,
        volume.created,
    );
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": with(metadata, json!({
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": workload_uid(estate, volume, 0),
                "controller": true,
            }],
        })),
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}},
        "status": {"replicas": 1, "readyReplicas": 1},
    })
}

fn stateful_set(estate: &Estate, volume: &Volume, replicas: u8) -> Value {
    let name = names::workload(estate, volume);
    let namespace = names::namespace(volume.namespace);
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": metadata(&name, Some(&namespace), &workload_uid(estate, volume, 0), volume.created, volume.created),
        "spec": {
            "replicas": replicas, "serviceName": name, "selector": {"matchLabels": {"app": name}},
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": "registry.example.net/app:1.0"}]},
            },
            "volumeClaimTemplates": [{
                "metadata": {"name": "data"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"], "storageClassName": volume.storage_class(),
                    "resources": {"requests": {"storage": quantity(volume.first_capacity)}},
                },
            }],
        },
        "status": {"replicas": replicas, "readyReplicas": replicas},
    })
}

fn static_deployment(estate: &Estate) -> Value {
    let uid = estate.seed.uuid(Use::Platform, 802, 0);
    let created = POOL_BORN + 100 * DAY;
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": metadata("player", Some(MEDIA_NAMESPACE), &uid, created, created),
        "spec": deployment_spec("player", "films"), "status": {"replicas": 1, "readyReplicas": 1},
    })
}

fn static_pod(estate: &Estate) -> Value {
    let uid = estate.seed.uuid(Use::Platform, 803, 0);
    let created = POOL_BORN + 100 * DAY + 30;
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": metadata("player-0", Some(MEDIA_NAMESPACE), &uid, created, created),
        "spec": pod_spec("films", Some(&names::worker(0))),
        "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0}]},
    })
}

fn release(protocol: Protocol) -> String {
    format!("zfs-{}", protocol.word())
}

/// Labels and the driver container of one chart release.
fn chart(protocol: Protocol, role: &str, mode: &str) -> (Value, Value) {
    let labels = json!({
        "app.kubernetes.io/name": "democratic-csi", "app.kubernetes.io/instance": release(protocol),
        "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/csi-role": role,
        "app.kubernetes.io/component": format!("{role}-linux"),
    });
    let container = json!({
        "name": "csi-driver", "image": "docker.io/democraticcsi/democratic-csi:v1.9.5",
        "args": [
            "--csi-version=1.5.0", format!("--csi-name={}", protocol.driver()),
            "--driver-config-file=/config/driver-config-file.yaml", format!("--csi-mode={mode}"),
        ],
    });
    (labels, container)
}

fn controller(estate: &Estate, protocol: Protocol) -> Value {
    let (labels, driver) = chart(protocol, "controller", "controller");
    let name = format!("{}-democratic-csi-controller", release(protocol));
    let uid = estate.seed.uuid(Use::Platform, 804 + protocol as u32, 0);
    let created = POOL_BORN + 300 * DAY;
    let sidecar =
        |name: &str, image: &str, args: Value| json!({"name": name, "image": image, "args": args});
    let common = json!([
        "--v=5",
        "--leader-election",
        "--timeout=90s",
        "--worker-threads=10"
    ]);
    let provisioner = json!([
        "--v=5",
        "--leader-election",
        "--timeout=90s",
        "--worker-threads=10",
        "--extra-create-metadata"
    ]);
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": with(metadata(&name, Some(CSI_NAMESPACE), &uid, created, created), json!({"labels": labels})),
        "spec": {
            "replicas": 1, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [
                sidecar("external-attacher", "registry.k8s.io/sig-storage/csi-attacher:v4.4.0", common.clone()),
                sidecar("external-provisioner", "registry.k8s.io/sig-storage/csi-provisioner:v3.6.0", provisioner),
                sidecar("external-resizer", "registry.k8s.io/sig-storage/csi-resizer:v1.9.0", common.clone()),
                sidecar("external-snapshotter", "registry.k8s.io/sig-storage/csi-snapshotter:v8.2.1", common),
                driver,
            ]}},
        },
        "status": {"replicas": 1, "readyReplicas": 1},
    })
}

fn node_plugin(estate: &Estate, protocol: Protocol) -> Value {
    let (labels, driver) = chart(protocol, "node", "node");
    let name = format!("{}-democratic-csi-node", release(protocol));
    let uid = estate.seed.uuid(Use::Platform, 806 + protocol as u32, 0);
    let created = POOL_BORN + 300 * DAY;
    let n_nodes = estate.n_workers();
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": with(metadata(&name, Some(CSI_NAMESPACE), &uid, created, created), json!({"labels": labels})),
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [driver]}},
        },
        "status": {"desiredNumberScheduled": n_nodes, "numberReady": n_nodes},
    })
}
