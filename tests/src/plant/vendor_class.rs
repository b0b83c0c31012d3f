//! Volumes of the vendor's driver: it writes no properties, keeps its handle as a whole path, and copies the parameters of
//! a class into each of its volumes.

use serde_json::{Map, Value, json};

use super::Volume;
use super::claim::metadata;
use super::property::{DATASETS, bytes, dataset, size};
use super::scene::{Day, Scene};
use super::snapshot::SNAPSHOTS;

/// Name of the driver.
pub(super) const DRIVER: &str = "csi.truenas.io";

const IQN_BASE: &str = "iqn.2005-10.org.freenas.ctl";
const YEAR: i64 = 365 * 86_400;

/// A class of the driver below a parent in the pool `tank`, with a snapshot class, and everything that stands for the driver
/// itself; what is there already is left alone.
pub(super) fn install(scene: &mut Scene, class: &str, parent: &str, parameters: Value) {
    let ids = [scene.uuid(), scene.uuid(), scene.uuid()];
    let guid = 6_600_000_000_u64 + u64::from(scene.number());
    let created = scene.last().now - YEAR;
    for day in scene.days() {
        let driver = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": metadata(DRIVER, None, &ids[0], created),
            "spec": {
                "attachRequired": true, "fsGroupPolicy": "File", "podInfoOnMount": true, "requiresRepublish": false,
                "storageCapacity": false, "seLinuxMount": false, "volumeLifecycleModes": ["Persistent", "Ephemeral"],
            },
        });
        let snapshots = json!({
            "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "driver": DRIVER,
            "deletionPolicy": "Delete", "metadata": metadata("truenas-csi-snap", None, &ids[1], created),
        });
        for (file, object) in [("csidrivers", driver), ("volumesnapshotclasses", snapshots)] {
            let name = object["metadata"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if day.object(file, &name).is_none() {
                day.objects(file).push(object);
            }
        }
        for node in day.objects("csinodes") {
            let id = node["metadata"]["name"].clone();
            let entry = json!({"name": DRIVER, "nodeID": id, "topologyKeys": null});
            let drivers = node["spec"]["drivers"].as_array_mut();
            if let Some(drivers) =
                drivers.filter(|known| known.iter().all(|one| one["name"] != DRIVER))
            {
                drivers.push(entry);
            }
        }
        let mut all = json!({"pool": "tank", "datasetPath": parent.trim_start_matches("tank/"), "compression": "LZ4"});
        merge(&mut all, &parameters);
        let object = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata(class, None, &ids[2], created),
            "provisioner": DRIVER, "parameters": all, "reclaimPolicy": "Delete", "allowVolumeExpansion": true,
            "volumeBindingMode": "Immediate",
        });
        day.objects("storageclasses").push(object);
        if dataset(day, parent).is_none() {
            let model = dataset(day, "tank/k8s/iscsi/s")
                .cloned()
                .unwrap_or_default();
            let mut row = named(model, parent, guid);
            row["mountpoint"] = json!(format!("/mnt/{parent}"));
            day.rows(DATASETS).push(row);
        }
    }
    scene.fact("BPR-009", "zfs_dataset", parent, "confirmed");
}

/// Lets the vendor's driver be the one that made a block volume; returns the new path of its zvol.
pub(super) fn adopt(
    scene: &mut Scene,
    volume: &Volume,
    class: &str,
    parent: &str,
) -> Option<String> {
    let handle = format!("{parent}/{}", volume.pv);
    let target = format!("csi-{}", handle.replace('/', "-"));
    for day in scene.days() {
        let class_object = day.object("storageclasses", class)?;
        let mut attributes = class_object["parameters"].clone();
        let portal = day.object("persistentvolumes", &volume.pv)?["spec"]["csi"]["volumeAttributes"]["portal"].clone();
        let iqn = format!("{IQN_BASE}:{target}");
        let published =
            json!({"protocol": "iscsi", "targetIQN": iqn, "targetPortal": portal, "lun": "0"});
        merge(&mut attributes, &published);
        merge(
            &mut attributes,
            &json!({
                "csi.storage.k8s.io/pv/name": volume.pv, "csi.storage.k8s.io/pvc/name": volume.claim,
                "csi.storage.k8s.io/pvc/namespace": volume.namespace,
                "storage.kubernetes.io/csiProvisionerIdentity": "1767600000123-8081-csi.truenas.io",
            }),
        );
        let pv = day.object("persistentvolumes", &volume.pv)?;
        pv["metadata"]["annotations"] = json!({"pv.kubernetes.io/provisioned-by": DRIVER});
        pv["metadata"]["finalizers"] = json!([
            "external-provisioner.volume.kubernetes.io/finalizer",
            "kubernetes.io/pv-protection",
            "external-attacher/csi-truenas-io",
        ]);
        pv["spec"]["storageClassName"] = json!(class);
        pv["spec"]["csi"] = json!({"driver": DRIVER, "volumeHandle": handle, "fsType": "ext4", "volumeAttributes": attributes});
        let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
        claim["spec"]["storageClassName"] = json!(class);
        for annotation in [
            "volume.beta.kubernetes.io/storage-provisioner",
            "volume.kubernetes.io/storage-provisioner",
        ] {
            claim["metadata"]["annotations"][annotation] = json!(DRIVER);
        }
        let attachment = day.object("volumeattachments", &volume.attachment)?;
        attachment["metadata"]["finalizers"] = json!(["external-attacher/csi-truenas-io"]);
        attachment["spec"]["attacher"] = json!(DRIVER);
        attachment["status"]["attachmentMetadata"] = published;
        rename_target(day, volume, &handle, &target)?;
        move_zvol(day, volume, &handle)?;
    }
    // Nothing takes snapshots below the parent of this driver.
    scene.fact("SNP-011", "k8s_pvc", &volume.claim_key(), "confirmed");
    Some(handle)
}

fn rename_target(day: &mut Day, volume: &Volume, handle: &str, target: &str) -> Option<()> {
    let old = json!(volume.asset);
    let row = day.row("iscsi.target.query", "name", &old)?;
    row["name"] = json!(target);
    row["alias"] = json!(format!("CSI volume {handle}"));
    let row = day.row("iscsi.extent.query", "name", &old)?;
    row["name"] = json!(handle.get(..64).unwrap_or(handle));
    for member in ["path", "disk"] {
        row[member] = json!(format!("zvol/{handle}"));
    }
    for session in day.rows("iscsi.global.sessions") {
        if session["target_alias"] == old {
            session["target"] = json!(format!("{IQN_BASE}:{target}"));
            session["target_alias"] = json!(target);
        }
    }
    Some(())
}

fn move_zvol(day: &mut Day, volume: &Volume, handle: &str) -> Option<()> {
    day.remove_rows(SNAPSHOTS, "dataset", &json!(volume.dataset));
    let row = dataset(day, &volume.dataset)?;
    let (moved, guid) = (bytes(row, "used"), row["guid"]["parsed"].as_u64()?);
    *row = named(row.take(), handle, guid);
    let members = row.as_object_mut()?;
    for member in ["comments", "managedby"] {
        members.remove(member);
    }
    // The space moves with the zvol, from the datasets above its old place to those above its new one.
    let is_above = |name: &str, path: &str| {
        let rest = path.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    for row in day.rows(DATASETS) {
        let name = row["name"].as_str().unwrap_or_default();
        let (was, is) = (is_above(name, &volume.dataset), is_above(name, handle));
        for part in ["used", "usedbychildren"] {
            let before = bytes(row, part);
            match (was, is) {
                (true, false) => row[part] = size(before.saturating_sub(moved), "NONE"),
                (false, true) => row[part] = size(before + moved, "NONE"),
                _ => {}
            }
        }
    }
    Some(())
}

/// A dataset under another name, without any property of a user.
pub(super) fn named(mut dataset: Value, path: &str, guid: u64) -> Value {
    dataset["id"] = json!(path);
    dataset["name"] = json!(path);
    dataset["user_properties"] = json!({});
    let text = guid.to_string();
    dataset["guid"] = json!({"parsed": guid, "rawvalue": text, "value": text, "source": "NONE", "source_info": null});
    dataset
}

fn merge(object: &mut Value, more: &Value) {
    let none = Map::new();
    for (key, value) in more.as_object().unwrap_or(&none) {
        object[key] = value.clone();
    }
}
