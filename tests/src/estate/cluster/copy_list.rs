//! VolumeSnapshots, their contents and classes.

use std::io;

use serde_json::{Value, json};

use super::{metadata, quantity, storage_list, with};
use crate::estate::calendar::rfc3339;
use crate::estate::names::{self, CSI_NAMESPACE};
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::snapshot::{CsiSnapshot, Form};
use crate::estate::volume::{Protocol, Volume};
use crate::estate::write::Folder;

/// Writes the lists.
pub(super) fn write(estate: &Estate, day: usize, folder: &Folder) -> io::Result<()> {
    let now = estate.calendar.now(day);
    let living = || {
        estate
            .snapshots
            .iter()
            .filter(|snapshot| snapshot.is_in_k8s(now))
    };
    let mut list = folder.list("kubernetes/volumesnapshots.json")?;
    for snapshot in living() {
        list.push_json(&volume_snapshot(estate, snapshot))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/volumesnapshotcontents.json")?;
    for snapshot in living() {
        list.push_json(&content(estate, snapshot))?;
    }
    list.finish()?;
    classes(estate, folder)
}

fn class(volume: &Volume, form: Form) -> String {
    let kind = if form == Form::Detached {
        "-detached"
    } else {
        ""
    };
    format!("truenas-{}-snap{kind}", volume.protocol.word())
}

/// Seconds from the VolumeSnapshot to its content; the ZFS snapshot lies between.
const DELAY: i64 = 3;

fn volume_snapshot(estate: &Estate, snapshot: &CsiSnapshot) -> Value {
    let volume = &estate.volumes[snapshot.volume as usize];
    let namespace = names::namespace(volume.namespace);
    let name = names::volume_snapshot(estate, snapshot);
    let created = snapshot.created - DELAY;
    json!({
        "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot",
        "metadata": with(metadata(&name, Some(&namespace), &snapshot.uid(estate.seed), created, created + 9), json!({
            "finalizers": [
                "snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection",
                "snapshot.storage.kubernetes.io/volumesnapshot-bound-protection",
            ],
        })),
        "spec": {
            "source": {"persistentVolumeClaimName": names::claim(estate, volume)},
            "volumeSnapshotClassName": class(volume, snapshot.form),
        },
        "status": {
            "boundVolumeSnapshotContentName": snapshot.content(estate.seed), "creationTime": rfc3339(snapshot.created),
            "readyToUse": true, "restoreSize": quantity(restore_bytes(volume, snapshot)),
        },
    })
}

fn content(estate: &Estate, snapshot: &CsiSnapshot) -> Value {
    let volume = &estate.volumes[snapshot.volume as usize];
    let handle = volume.handle(estate.seed);
    let separator = if snapshot.form == Form::Detached {
        '/'
    } else {
        '@'
    };
    let class = class(volume, snapshot.form);
    let created = snapshot.created - 2;
    let uid = estate.seed.uuid(Use::Content, snapshot.number, 0);
    json!({
        "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotContent",
        "metadata": with(metadata(&snapshot.content(estate.seed), None, &uid, created, created + 8), json!({
            "annotations": {
                "snapshot.storage.kubernetes.io/deletion-secret-name": storage_list::secret_name("snapshotter", &class),
                "snapshot.storage.kubernetes.io/deletion-secret-namespace": CSI_NAMESPACE,
            },
            "finalizers": ["snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection"],
        })),
        "spec": {
            "deletionPolicy": "Delete", "driver": volume.protocol.driver(), "source": {"volumeHandle": handle},
            "sourceVolumeMode": "Filesystem", "volumeSnapshotClassName": class,
            "volumeSnapshotRef": {
                "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot",
                "name": names::volume_snapshot(estate, snapshot), "namespace": names::namespace(volume.namespace),
                "uid": snapshot.uid(estate.seed),
                "resourceVersion": (created - crate::estate::calendar::POOL_BORN).to_string(),
            },
        },
        "status": {
            "creationTime": snapshot.created * 1_000_000_000, "readyToUse": true,
            "restoreSize": restore_bytes(volume, snapshot),
            "snapshotHandle": format!("{handle}{separator}{}", snapshot.name(estate.seed)),
        },
    })
}

/// A zvol restores to its size; a file system to what it referenced, rounded up here to a whole gibibyte.
fn restore_bytes(volume: &Volume, snapshot: &CsiSnapshot) -> u64 {
    match volume.protocol {
        Protocol::Iscsi => volume.capacity(snapshot.created),
        Protocol::Nfs => volume
            .referenced(snapshot.created)
            .next_multiple_of(1 << 30),
    }
}

fn classes(estate: &Estate, folder: &Folder) -> io::Result<()> {
    let created = estate.calendar.now(0) - 480 * 86_400;
    let mut list = folder.list("kubernetes/volumesnapshotclasses.json")?;
    for (protocol, is_detached, number) in [
        (Protocol::Iscsi, false, 0),
        (Protocol::Nfs, false, 1),
        (Protocol::Iscsi, true, 2),
    ] {
        let kind = if is_detached { "-detached" } else { "" };
        let name = format!("truenas-{}-snap{kind}", protocol.word());
        let uid = estate.seed.uuid(Use::Platform, 820 + number, 0);
        list.push_json(&json!({
            "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass",
            "metadata": metadata(&name, None, &uid, created, created), "driver": protocol.driver(),
            "deletionPolicy": "Delete",
            "parameters": {
                "detachedSnapshots": is_detached.to_string(),
                "csi.storage.k8s.io/snapshotter-secret-name": storage_list::secret_name("snapshotter", &name),
                "csi.storage.k8s.io/snapshotter-secret-namespace": CSI_NAMESPACE,
            },
        }))?;
    }
    list.finish()
}
