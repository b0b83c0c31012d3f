//! The CSI drivers themselves, as the chart installs them: one release for each protocol.

use serde_json::{Value, json};

use super::{metadata, with};
use crate::estate::calendar::{DAY, POOL_BORN, rfc3339};
use crate::estate::names::{self, CSI_NAMESPACE};
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::volume::Protocol;

/// Pods of a controller.
const CONTROLLERS: u16 = 2;

/// Number of the pods of controllers among the objects of the platform.
const CONTROLLER_POD: u32 = 860;

/// When the drivers were installed.
pub(super) const INSTALLED: i64 = POOL_BORN + 300 * DAY;

/// What each container asks for.
fn resources() -> Value {
    json!({"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}})
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
        "name": "csi-driver", "resources": resources(), "image": "docker.io/democraticcsi/democratic-csi:v1.9.5",
        "args": [
            "--csi-version=1.5.0", format!("--csi-name={}", protocol.driver()),
            "--driver-config-file=/config/driver-config-file.yaml", format!("--csi-mode={mode}"),
        ],
    });
    (labels, container)
}

/// The Deployment of the controller: two pods, of which one leads.
pub(super) fn controller(estate: &Estate, protocol: Protocol) -> Value {
    let (labels, driver) = chart(protocol, "controller", "controller");
    let name = format!("{}-democratic-csi-controller", release(protocol));
    let uid = estate.seed.uuid(Use::Platform, 804 + protocol as u32, 0);
    let created = INSTALLED;
    let sidecar = |name: &str, image: &str, args: Value| json!({"name": name, "image": image, "args": args, "resources": resources()});
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
            "replicas": CONTROLLERS, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [
                sidecar("external-attacher", "registry.k8s.io/sig-storage/csi-attacher:v4.4.0", common.clone()),
                sidecar("external-provisioner", "registry.k8s.io/sig-storage/csi-provisioner:v3.6.0", provisioner),
                sidecar("external-resizer", "registry.k8s.io/sig-storage/csi-resizer:v1.9.0", common.clone()),
                sidecar("external-snapshotter", "registry.k8s.io/sig-storage/csi-snapshotter:v8.2.1", common),
                driver,
            ]}},
        },
        "status": {"replicas": CONTROLLERS, "readyReplicas": CONTROLLERS},
    })
}

/// The DaemonSet of the node plugin.
pub(super) fn node_plugin(estate: &Estate, protocol: Protocol) -> Value {
    let (labels, driver) = chart(protocol, "node", "node");
    let name = format!("{}-democratic-csi-node", release(protocol));
    let uid = estate.seed.uuid(Use::Platform, 806 + protocol as u32, 0);
    let created = INSTALLED;
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

/// The ReplicaSet of the controller.
pub(super) fn replica_set(estate: &Estate, protocol: Protocol) -> Value {
    let (labels, _) = chart(protocol, "controller", "controller");
    let name = format!("{}-democratic-csi-controller", release(protocol));
    let metadata = metadata(
        &replica_set_name(protocol),
        Some(CSI_NAMESPACE),
        &replica_set_uid(estate, protocol),
        INSTALLED,
        INSTALLED,
    );
    let owner_uid = estate.seed.uuid(Use::Platform, 804 + protocol as u32, 0);
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": with(metadata, json!({"ownerReferences": [owner("Deployment", &name, &owner_uid)]})),
        "spec": {"replicas": CONTROLLERS, "selector": {"matchLabels": labels}},
        "status": {"replicas": CONTROLLERS, "readyReplicas": CONTROLLERS},
    })
}

fn replica_set_uid(estate: &Estate, protocol: Protocol) -> String {
    estate.seed.uuid(Use::Platform, 850 + protocol as u32, 0)
}

fn owner(kind: &str, name: &str, uid: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true})
}

/// Pods of the controllers and, on every worker, of the node plugins.
pub(super) fn pods(estate: &Estate) -> Vec<Value> {
    let mut pods = Vec::new();
    for protocol in Protocol::ALL {
        let template = controller(estate, protocol)["spec"]["template"].clone();
        let name = replica_set_name(protocol);
        let owner_of = owner("ReplicaSet", &name, &replica_set_uid(estate, protocol));
        for number in 0..CONTROLLERS {
            pods.push(pod(
                estate,
                (CONTROLLER_POD + protocol as u32, number),
                &name,
                &owner_of,
                &template,
            ));
        }
        let template = node_plugin(estate, protocol)["spec"]["template"].clone();
        let name = format!("{}-democratic-csi-node", release(protocol));
        let uid = estate.seed.uuid(Use::Platform, 806 + protocol as u32, 0);
        let owner_of = owner("DaemonSet", &name, &uid);
        for number in 0..estate.n_workers() {
            pods.push(pod(
                estate,
                (870 + protocol as u32, number),
                &name,
                &owner_of,
                &template,
            ));
        }
    }
    pods
}

/// Name of one pod of a controller.
pub(super) fn controller_pod(estate: &Estate, protocol: Protocol, number: u16) -> String {
    let uid = pod_uid(estate, CONTROLLER_POD + protocol as u32, number);
    pod_name(&replica_set_name(protocol), &uid)
}

fn replica_set_name(protocol: Protocol) -> String {
    format!("{}-democratic-csi-controller-7d4b9c6f5d", release(protocol))
}

fn pod_uid(estate: &Estate, object: u32, number: u16) -> String {
    estate.seed.uuid(Use::Platform, object, u32::from(number))
}

fn pod_name(prefix: &str, uid: &str) -> String {
    format!("{prefix}-{}", &uid[..5])
}

fn pod(
    estate: &Estate,
    (object, number): (u32, u16),
    prefix: &str,
    owner_of: &Value,
    template: &Value,
) -> Value {
    let uid = pod_uid(estate, object, number);
    let name = pod_name(prefix, &uid);
    let mut spec = template["spec"].clone();
    spec["nodeName"] = json!(names::worker(number));
    let ready: Vec<Value> = spec["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|container| json!({"name": container["name"], "ready": true, "restartCount": 0}))
        .collect();
    let metadata = metadata(&name, Some(CSI_NAMESPACE), &uid, INSTALLED, INSTALLED + 30);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": with(metadata, json!({
            "labels": template["metadata"]["labels"], "ownerReferences": [owner_of],
        })),
        "spec": spec,
        "status": {
            "phase": "Running", "containerStatuses": ready,
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": rfc3339(INSTALLED + 90)}],
        },
    })
}
