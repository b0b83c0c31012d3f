//! Pods and what owns them, in as few fields as a consumer needs.

use std::io;

use serde_json::{Value, json};

use super::{driver_list, metadata, quantity, with};
use crate::estate::calendar::{DAY, POOL_BORN};
use crate::estate::innocent::MANUAL_CLAIM;
use crate::estate::names::{self, MEDIA_NAMESPACE};
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
    for pod in driver_list::pods(estate) {
        list.push_json(&pod)?;
    }
    for volume in estate.volumes.iter().filter(|volume| volume.has_pod(now)) {
        list.push_json(&pod(estate, volume))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/deployments.json")?;
    for protocol in Protocol::ALL {
        list.push_json(&driver_list::controller(estate, protocol))?;
    }
    list.push_json(&static_deployment(estate))?;
    for volume in deployed() {
        list.push_json(&deployment(estate, volume))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/replicasets.json")?;
    for protocol in Protocol::ALL {
        list.push_json(&driver_list::replica_set(estate, protocol))?;
    }
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
        list.push_json(&driver_list::node_plugin(estate, protocol))?;
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
        "spec": deployment_spec("player", MANUAL_CLAIM), "status": {"replicas": 1, "readyReplicas": 1},
    })
}

fn static_pod(estate: &Estate) -> Value {
    let uid = estate.seed.uuid(Use::Platform, 803, 0);
    let created = POOL_BORN + 100 * DAY + 30;
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": metadata("player-0", Some(MEDIA_NAMESPACE), &uid, created, created),
        "spec": pod_spec(MANUAL_CLAIM, Some(&names::worker(0))),
        "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0}]},
    })
}
