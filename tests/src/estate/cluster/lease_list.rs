//! Leases: those by which the sidecars of the drivers elect a leader, renewed a moment ago, and those of the nodes, which
//! most leases of a cluster are.

use std::io;

use serde_json::{Value, json};

use super::platform_list::machines;
use super::{driver_list, metadata, with};
use crate::estate::calendar::{DAY, rfc3339};
use crate::estate::names::CSI_NAMESPACE;
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::volume::Protocol;
use crate::estate::write::Folder;

/// Seconds that a lease of a sidecar is valid.
const DURATION: i64 = 15;

/// Seconds since the last renewal.
const RENEWED: i64 = 3;

/// What precedes the driver in the name of the lease of each sidecar; external-provisioner's has the driver alone.
const SIDECARS: [(&str, &str); 4] = [
    ("csi-attacher", "external-attacher-leader-"),
    ("csi-provisioner", ""),
    ("csi-resizer", "external-resizer-"),
    ("csi-snapshotter", "external-snapshotter-leader-"),
];

/// Writes the list of a day.
pub(super) fn write(estate: &Estate, day: usize, folder: &Folder) -> io::Result<()> {
    let now = estate.calendar.now(day);
    let mut list = folder.list("kubernetes/leases.json")?;
    for protocol in Protocol::ALL {
        for (number, sidecar) in (0..).zip(SIDECARS) {
            list.push_json(&of_sidecar(estate, protocol, (number, sidecar), now))?;
        }
    }
    for (name, _, _, number) in machines(estate) {
        list.push_json(&of_node(estate, &name, number, now))?;
    }
    list.finish()
}

fn of_sidecar(
    estate: &Estate,
    protocol: Protocol,
    (number, (sidecar, prefix)): (u32, (&str, &str)),
    now: i64,
) -> Value {
    let uid = estate
        .seed
        .uuid(Use::Platform, 880 + protocol as u32, number);
    let driver = protocol.driver().replace('.', "-");
    let acquired = now - DAY;
    let holder = match prefix {
        // external-provisioner takes the time of its start and a random number in place of the name of its pod.
        "" => format!("{}000-{}-{driver}", acquired, 1_000 + number),
        _ => driver_list::controller_pod(estate, protocol, 0),
    };
    lease(
        metadata(
            &format!("{prefix}{driver}"),
            Some(CSI_NAMESPACE),
            &uid,
            driver_list::INSTALLED,
            now - RENEWED,
        ),
        sidecar,
        json!({
            "holderIdentity": holder, "leaseDurationSeconds": DURATION, "leaseTransitions": 2,
            "acquireTime": micro(acquired), "renewTime": micro(now - RENEWED),
        }),
        now,
    )
}

fn of_node(estate: &Estate, name: &str, number: u32, now: i64) -> Value {
    let uid = estate.seed.uuid(Use::Node, number, 2);
    let built = estate.calendar.now(0) - 500 * DAY;
    lease(
        metadata(name, Some("kube-node-lease"), &uid, built, now - RENEWED),
        "kubelet",
        json!({"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": micro(now - RENEWED)}),
        now,
    )
}

fn lease(metadata: serde_json::Map<String, Value>, manager: &str, spec: Value, now: i64) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": with(metadata, json!({"managedFields": [{
            "manager": manager, "operation": "Update", "apiVersion": "coordination.k8s.io/v1",
            "time": rfc3339(now - RENEWED), "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:renewTime": {}}},
        }]})),
        "spec": spec,
    })
}

/// A time as leases hold it.
fn micro(second: i64) -> String {
    rfc3339(second).replace('Z', ".000000Z")
}
