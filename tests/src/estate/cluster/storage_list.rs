//! PersistentVolumes, PersistentVolumeClaims and VolumeAttachments.

use std::io;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{metadata, quantity, with};
use crate::estate::appliance::{ADDRESS, IQN_BASE};
use crate::estate::calendar::{DAY, POOL_BORN, rfc3339};
use crate::estate::innocent::{MANUAL_CLAIM, MANUAL_DATASET, MANUAL_PV};
use crate::estate::names::{self, CSI_NAMESPACE, MEDIA_NAMESPACE};
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::snapshot::Form;
use crate::estate::volume::{Protocol, Volume};
use crate::estate::write::Folder;

/// When the static PV was made.
const STATIC_CREATED: i64 = POOL_BORN + 100 * DAY;

/// Writes the lists.
pub(super) fn write(estate: &Estate, day: usize, folder: &Folder) -> io::Result<()> {
    let now = estate.calendar.now(day);
    let mut list = folder.list("kubernetes/persistentvolumes.json")?;
    list.push_json(&static_volume(estate))?;
    for volume in estate.volumes.iter().filter(|volume| volume.has_pv(now)) {
        list.push_json(&persistent_volume(estate, now, volume))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/persistentvolumeclaims.json")?;
    list.push_json(&static_claim(estate))?;
    for volume in estate.volumes.iter().filter(|volume| volume.has_claim(now)) {
        list.push_json(&claim(estate, now, volume))?;
    }
    list.finish()?;
    let mut list = folder.list("kubernetes/volumeattachments.json")?;
    for volume in estate.volumes.iter().filter(|volume| volume.has_pod(now)) {
        list.push_json(&attachment(estate, volume))?;
    }
    list.finish()
}

/// The last change of a volume's objects by `now`.
fn changed(volume: &Volume, now: i64) -> i64 {
    let times = [
        volume.pv_created() + 1,
        volume.expanded_at,
        volume.released_at,
    ];
    times
        .into_iter()
        .filter(|&time| time <= now)
        .max()
        .unwrap_or(volume.created)
}

/// A Secret reference as the chart names it, cut at 63 characters.
pub(super) fn secret_name(purpose: &str, class: &str) -> String {
    let protocol = class.split('-').nth(1).unwrap_or_default();
    let mut name = format!("{purpose}-secret-{class}-zfs-{protocol}-democratic-csi");
    name.truncate(63);
    name
}

fn persistent_volume(estate: &Estate, now: i64, volume: &Volume) -> Value {
    let seed = estate.seed;
    let (handle, class, driver) = (
        volume.handle(seed),
        volume.storage_class(),
        volume.protocol.driver(),
    );
    let secret =
        |purpose| json!({"name": secret_name(purpose, &class), "namespace": CSI_NAMESPACE});
    let is_block = volume.protocol == Protocol::Iscsi;
    let is_released = volume.is_released(now);
    let bound_at = if is_released {
        volume.released_at
    } else {
        volume.pv_created() + 1
    };
    let uid = seed.uuid(Use::PersistentVolume, volume.number, 0);
    let mut spec = json!({
        "capacity": {"storage": quantity(volume.capacity(now))},
        "accessModes": [access_mode(volume)],
        "persistentVolumeReclaimPolicy": if volume.is_retained { "Retain" } else { "Delete" },
        "storageClassName": class, "volumeMode": "Filesystem",
        "csi": {
            "driver": driver, "volumeHandle": handle, "volumeAttributes": attributes(estate, volume),
            "fsType": if is_block { "ext4" } else { "nfs" },
            "controllerPublishSecretRef": secret("controller-publish"),
            "controllerExpandSecretRef": secret("controller-expand"),
            "nodeStageSecretRef": secret("node-stage"), "nodePublishSecretRef": secret("node-publish"),
        },
        "claimRef": {
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": names::namespace(volume.namespace),
            "name": names::claim(estate, volume), "uid": volume.claim_uid(seed),
            "resourceVersion": (volume.created - POOL_BORN).to_string(),
        },
    });
    if !is_block {
        spec["mountOptions"] = json!(["noatime", "nfsvers=4.1"]);
    }
    json!({
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": with(metadata(&handle, None, &uid, volume.pv_created(), changed(volume, now)), json!({
            "annotations": {
                "pv.kubernetes.io/provisioned-by": driver,
                "volume.kubernetes.io/provisioner-deletion-secret-name": secret_name("provisioner", &class),
                "volume.kubernetes.io/provisioner-deletion-secret-namespace": CSI_NAMESPACE,
            },
            "finalizers": ["kubernetes.io/pv-protection"],
        })),
        "spec": spec,
        "status": {
            "phase": if is_released { "Released" } else { "Bound" },
            "lastPhaseTransitionTime": rfc3339(bound_at),
        },
    })
}

fn access_mode(volume: &Volume) -> &'static str {
    match volume.protocol {
        Protocol::Iscsi => "ReadWriteOnce",
        Protocol::Nfs => "ReadWriteMany",
    }
}

fn attributes(estate: &Estate, volume: &Volume) -> Value {
    let word = volume.protocol.word();
    let identity = format!(
        "{}-8081-{}",
        (POOL_BORN + 300 * DAY) * 1_000 + 123,
        volume.protocol.driver()
    );
    let mut attributes = match volume.protocol {
        Protocol::Nfs => {
            json!({"server": ADDRESS, "share": format!("/mnt/{}", volume.dataset(estate.seed))})
        }
        Protocol::Iscsi => json!({
            "portal": format!("{ADDRESS}:3260"), "portals": "", "interface": "", "lun": "0",
            "iqn": format!("{IQN_BASE}:{}", volume.asset(estate.seed, &estate.options.cluster)),
        }),
    };
    attributes["node_attach_driver"] = json!(word);
    attributes["provisioner_driver"] = json!(format!("freenas-api-{word}"));
    attributes["provisioner_driver_instance_id"] = json!(estate.options.cluster);
    attributes["storage.kubernetes.io/csiProvisionerIdentity"] = json!(identity);
    attributes
}

fn claim(estate: &Estate, now: i64, volume: &Volume) -> Value {
    let (name, namespace) = (
        names::claim(estate, volume),
        names::namespace(volume.namespace),
    );
    let driver = volume.protocol.driver();
    let is_bound = volume.has_pv(now);
    let mut annotations = json!({
        "volume.beta.kubernetes.io/storage-provisioner": driver, "volume.kubernetes.io/storage-provisioner": driver,
    });
    let size = quantity(volume.capacity(now));
    let mut spec = json!({
        "accessModes": [access_mode(volume)], "resources": {"requests": {"storage": size}},
        "storageClassName": volume.storage_class(), "volumeMode": "Filesystem",
    });
    let mut status = json!({"phase": "Pending"});
    if is_bound {
        annotations["pv.kubernetes.io/bind-completed"] = json!("yes");
        annotations["pv.kubernetes.io/bound-by-controller"] = json!("yes");
        spec["volumeName"] = json!(volume.handle(estate.seed));
        status = json!({"phase": "Bound", "accessModes": [access_mode(volume)], "capacity": {"storage": size}});
    }
    if let Some(source) = data_source(estate, volume) {
        spec["dataSource"] = source.clone();
        spec["dataSourceRef"] = source;
    }
    let metadata = metadata(
        &name,
        Some(&namespace),
        &volume.claim_uid(estate.seed),
        volume.created,
        changed(volume, now),
    );
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": with(metadata, json!({"annotations": annotations, "finalizers": ["kubernetes.io/pvc-protection"]})),
        "spec": spec, "status": status,
    })
}

fn data_source(estate: &Estate, volume: &Volume) -> Option<Value> {
    let snapshot = &estate.snapshots[volume.origin? as usize];
    Some(match snapshot.form {
        Form::CloneSource => {
            let source = &estate.volumes[snapshot.volume as usize];
            json!({"kind": "PersistentVolumeClaim", "name": names::claim(estate, source)})
        }
        _ => json!({
            "apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot",
            "name": names::volume_snapshot(estate, snapshot),
        }),
    })
}

/// The driver publishes nothing, so the attacher sets neither a finalizer nor metadata.
fn attachment(estate: &Estate, volume: &Volume) -> Value {
    let (handle, driver, node) = (
        volume.handle(estate.seed),
        volume.protocol.driver(),
        names::worker(volume.node),
    );
    let name = format!(
        "csi-{}",
        HEXLOWER.encode(&Sha256::digest(format!("{handle}{driver}{node}")))
    );
    let uid = estate.seed.uuid(Use::Attachment, volume.number, 0);
    let created = volume.pod_created() - 10;
    json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment",
        "metadata": metadata(&name, None, &uid, created, created + 1),
        "spec": {"attacher": driver, "nodeName": node, "source": {"persistentVolumeName": handle}},
        "status": {"attached": true},
    })
}

fn static_volume(estate: &Estate) -> Value {
    let uid = estate.seed.uuid(Use::Platform, 800, 0);
    json!({
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": with(metadata(MANUAL_PV, None, &uid, STATIC_CREATED, STATIC_CREATED + 5), json!({
            "annotations": {"pv.kubernetes.io/bound-by-controller": "yes"},
            "finalizers": ["kubernetes.io/pv-protection"],
        })),
        "spec": {
            "capacity": {"storage": "500Gi"}, "accessModes": ["ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "", "volumeMode": "Filesystem",
            "nfs": {"server": ADDRESS, "path": format!("/mnt/{MANUAL_DATASET}")},
            "claimRef": {
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": MEDIA_NAMESPACE, "name": MANUAL_CLAIM,
                "uid": estate.seed.uuid(Use::Platform, 801, 0),
                "resourceVersion": (STATIC_CREATED - POOL_BORN).to_string(),
            },
        },
        "status": {"phase": "Bound", "lastPhaseTransitionTime": rfc3339(STATIC_CREATED + 5)},
    })
}

fn static_claim(estate: &Estate) -> Value {
    let uid = estate.seed.uuid(Use::Platform, 801, 0);
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": with(metadata(MANUAL_CLAIM, Some(MEDIA_NAMESPACE), &uid, STATIC_CREATED, STATIC_CREATED + 5), json!({
            "annotations": {"pv.kubernetes.io/bind-completed": "yes"},
            "finalizers": ["kubernetes.io/pvc-protection"],
        })),
        "spec": {
            "accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "500Gi"}},
            "storageClassName": "", "volumeMode": "Filesystem", "volumeName": MANUAL_PV,
        },
        "status": {"phase": "Bound", "accessModes": ["ReadWriteMany"], "capacity": {"storage": "500Gi"}},
    })
}
