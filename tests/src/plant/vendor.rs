//! truenas-csi beside democratic-csi, and volumes of it: it writes no properties, keeps its handle as a whole path, and
//! copies the parameters of a class into each of its volumes.

use serde_json::{Map, Value, json};

use super::attachment;
use super::claim::metadata;
use super::home::{cluster, declare, make_parent};
use super::installation::{self, Installation};
use super::property::{DATASETS, bytes, dataset, size, word};
use super::remade::{PREFIX, respell};
use super::scene::{Day, Scene};
use super::snapshot::SNAPSHOTS;
use super::volume::{Share, Volume};

/// Name of the driver.
pub(super) const DRIVER: &str = "csi.truenas.io";

/// Parent of its volumes, where a mode names no other.
pub(super) const PARENT: &str = "tank/vendor";

/// Class of these volumes.
pub(super) const CLASS: &str = "truenas-vendor";

const NAMESPACE: &str = "truenas-csi";
const IQN_BASE: &str = "iqn.2005-10.org.freenas.ctl";
const YEAR: i64 = 365 * 86_400;

/// Takes a healthy volume and makes it one that the driver provisioned over iSCSI, on every day, with its snapshots, the
/// task that takes them and a group of initiators of its own.
pub(super) fn vendor_volume(scene: &mut Scene) -> Option<Volume> {
    let volume = scene.volume(Share::Iscsi)?;
    let number = scene.number();
    let mut classes = scene.last().seen("storageclasses").iter();
    if classes.all(|one| one["metadata"]["name"] != CLASS) {
        for day in scene.days() {
            run(day, number)?;
            let name = cluster(day)?;
            declare(day, PARENT, &[&name])?;
        }
        let parameters = json!({
            "protocol": "iscsi", "sparse": "true", "fsType": "ext4", "snapshot.schedule": "0 0 * * *",
            "snapshot.retention": "2", "snapshot.retentionUnit": "WEEK",
        });
        install(scene, CLASS, PARENT, parameters);
        // The driver has a snapshot class now.
        scene.unsay("F50", DRIVER);
    }
    let mut made = volume.clone();
    for day in scene.days() {
        made = move_to(day, &volume, CLASS, PARENT)?;
        keep_snapshots(day, &volume, &made)?;
        protect(day, &made, 7_000 + number)?;
    }
    Some(made)
}

/// Whether a controller of the driver is there, and not its classes alone.
pub(super) fn is_run(day: &Day) -> bool {
    let mut deployments = day.seen("deployments").iter();
    deployments.any(|one| one["metadata"]["namespace"] == NAMESPACE)
}

/// Controller and node plugin of the driver, made like those of democratic-csi.
fn run(day: &mut Day, number: u32) -> Option<()> {
    // Another mode may have made the driver for a class of its own.
    day.remove("csidrivers", DRIVER);
    for node in day.objects("csinodes") {
        if let Some(drivers) = node["spec"]["drivers"].as_array_mut() {
            drivers.retain(|one| one["name"] != DRIVER);
        }
    }
    let installation = Installation {
        like: Share::Iscsi,
        driver: DRIVER,
        release: "vendor",
        class: CLASS,
    };
    installation::install(day, installation, number);
    for list in ["storageclasses", "volumesnapshotclasses"] {
        let is_copy = |object: &Value| {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            name.starts_with(CLASS)
        };
        day.objects(list).retain(|object| !is_copy(object));
    }
    for list in ["deployments", "replicasets", "daemonsets", "pods"] {
        for object in day.objects(list) {
            if object.to_string().contains("\"vendor-democratic-csi") {
                respell(object, "vendor-democratic-csi", NAMESPACE);
                respell(
                    object,
                    "docker.io/democraticcsi/democratic-csi:v1.9.5",
                    "ghcr.io/truenas/truenas-csi:v1.3.0",
                );
                respell(object, "democratic-csi", NAMESPACE);
            }
        }
    }
    let mut namespace = day.object("namespaces", "democratic-csi")?.clone();
    respell(&mut namespace, "democratic-csi", NAMESPACE);
    namespace["metadata"]["uid"] = json!(format!("5ce7e001-0000-4000-8000-{number:012x}"));
    day.objects("namespaces").push(namespace);
    Some(())
}

/// A class of the driver below a parent in the pool `tank`, with a snapshot class, and everything that stands for the driver
/// itself; what is there already is left alone.
pub(super) fn install(scene: &mut Scene, class: &str, parent: &str, parameters: Value) {
    let ids = [scene.uuid(), scene.uuid(), scene.uuid()];
    let number = 900_000 + scene.number();
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
        make_parent(day, parent, Share::Iscsi.detached_parent(), number);
    }
    scene.fact("BPR-009", "zfs_dataset", parent, "confirmed");
}

/// Lets the driver be the one that made a block volume, of which no snapshot is left; returns the new path of its zvol.
pub(super) fn adopt(
    scene: &mut Scene,
    volume: &Volume,
    class: &str,
    parent: &str,
) -> Option<String> {
    let mut handle = String::new();
    for day in scene.days() {
        day.remove_rows(SNAPSHOTS, "dataset", &json!(volume.dataset));
        handle = move_to(day, volume, class, parent)?.dataset;
    }
    // Nothing takes snapshots below the parent of this driver.
    scene.fact("SNP-011", "k8s_pvc", &volume.claim_key(), "confirmed");
    Some(handle)
}

/// Makes a block volume one of a class of the driver, on both sides.
fn move_to(day: &mut Day, volume: &Volume, class: &str, parent: &str) -> Option<Volume> {
    let handle = format!("{parent}/{}", volume.pv);
    let target = format!("csi-{}", handle.replace('/', "-"));
    let attachment = in_cluster(day, volume, class, (&handle, &target))?;
    rename_target(day, volume, &handle, &target)?;
    move_zvol(day, volume, &handle)?;
    Some(Volume {
        dataset: handle,
        asset: target,
        attachment,
        ..volume.clone()
    })
}

/// Returns the name of the attachment.
fn in_cluster(
    day: &mut Day,
    volume: &Volume,
    class: &str,
    (handle, target): (&str, &str),
) -> Option<String> {
    let mut attributes = day.object("storageclasses", class)?["parameters"].clone();
    let pv = day.object("persistentvolumes", &volume.pv)?;
    let portal = pv["spec"]["csi"]["volumeAttributes"]["portal"].clone();
    let iqn = format!("{IQN_BASE}:{target}");
    let published =
        json!({"protocol": "iscsi", "targetIQN": iqn, "targetPortal": portal, "lun": "0"});
    merge(&mut attributes, &published);
    merge(
        &mut attributes,
        &json!({
            "csi.storage.k8s.io/pv/name": volume.pv, "csi.storage.k8s.io/pvc/name": volume.claim,
            "csi.storage.k8s.io/pvc/namespace": volume.namespace,
            "storage.kubernetes.io/csiProvisionerIdentity": format!("1767600000123-8081-{DRIVER}"),
        }),
    );
    pv["metadata"]["annotations"] = json!({
        "pv.kubernetes.io/provisioned-by": DRIVER, "volume.kubernetes.io/provisioner-deletion-secret-name": "",
        "volume.kubernetes.io/provisioner-deletion-secret-namespace": "",
    });
    pv["metadata"]["finalizers"] = json!([
        "external-provisioner.volume.kubernetes.io/finalizer",
        "kubernetes.io/pv-protection",
        "external-attacher/csi-truenas-io",
    ]);
    pv["spec"]["storageClassName"] = json!(class);
    pv["spec"]["csi"] = json!({"driver": DRIVER, "volumeHandle": handle, "fsType": "ext4", "volumeAttributes": attributes});
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    claim["spec"]["storageClassName"] = json!(class);
    respell(claim, Share::Iscsi.driver(), DRIVER);
    let attached = day.object("volumeattachments", &volume.attachment)?;
    attached["spec"]["attacher"] = json!(DRIVER);
    attached["metadata"]["finalizers"] = json!(["external-attacher/csi-truenas-io"]);
    attached["metadata"]["annotations"] = json!({"csi.alpha.kubernetes.io/node-id": volume.node});
    attached["status"]["attachmentMetadata"] = published;
    Some(attachment::rename(attached, handle))
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
    let row = dataset(day, &volume.dataset)?;
    let (moved, guid) = (bytes(row, "used"), row["guid"]["parsed"].as_u64()?);
    *row = named(row.take(), handle, guid);
    row["compression"] = word("lz4", "LOCAL");
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

/// Snapshots go with their zvol, without what it had handed down to them.
fn keep_snapshots(day: &mut Day, volume: &Volume, made: &Volume) -> Option<()> {
    let own = day.rows(SNAPSHOTS).iter_mut();
    for snapshot in own.filter(|row| row["dataset"] == volume.dataset.as_str()) {
        respell(snapshot, &volume.dataset, &made.dataset);
        let properties = snapshot["properties"].as_object_mut()?;
        properties.retain(|name, _| !name.starts_with(PREFIX));
    }
    Some(())
}

/// What the driver makes for each volume beside its export: a group of initiators, and the task of its class.
fn protect(day: &mut Day, made: &Volume, id: u32) -> Option<()> {
    let mut group = day.row("iscsi.initiator.query", "id", &json!(1))?.clone();
    group["id"] = json!(id);
    group["comment"] = json!(format!("CSI volume {}", made.dataset));
    day.rows("iscsi.initiator.query").push(group);
    let target = day.row("iscsi.target.query", "name", &json!(made.asset))?;
    target["groups"][0]["initiator"] = json!(id);
    let task = day.answered("pool.snapshottask.query").first().cloned();
    if let Some(mut task) = task {
        task["id"] = json!(id);
        task["dataset"] = json!(made.dataset);
        task["recursive"] = json!(false);
        day.rows("pool.snapshottask.query").push(task);
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

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::*;

    #[test]
    fn volume_of_the_driver_hangs_together_on_both_sides() {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        let made = vendor_volume(&mut scene).unwrap();
        let other = scene.volume(Share::Iscsi).unwrap();
        install(&mut scene, "other", "tank/other", json!({"sparse": "true"}));
        let path = adopt(&mut scene, &other, "other", "tank/other").unwrap();
        for day in scene.days() {
            for (pv, path) in [(&made.pv, &made.dataset), (&other.pv, &path)] {
                let csi = &day.object("persistentvolumes", pv).unwrap()["spec"]["csi"];
                assert_eq!(csi["volumeHandle"], path.as_str());
                let iqn = csi["volumeAttributes"]["targetIQN"].as_str().unwrap();
                let target = json!(iqn.rsplit_once(':').unwrap().1);
                let target = day.row("iscsi.target.query", "name", &target).unwrap()["id"].clone();
                let disk = json!(format!("zvol/{path}"));
                let extent = day.row("iscsi.extent.query", "disk", &disk).unwrap()["id"].clone();
                let link = day
                    .row("iscsi.targetextent.query", "target", &target)
                    .unwrap();
                assert_eq!(link["extent"], extent);
                let zvol = dataset(day, path).unwrap();
                assert_eq!(zvol["user_properties"], json!({}));
            }
            let kept = |path: &str| {
                let rows = day.answered(SNAPSHOTS).iter();
                rows.filter(|row| row["dataset"] == path).count()
            };
            assert!(kept(&made.dataset) > 0 && kept(&path) == 0);
            let attachment = day.object("volumeattachments", &made.attachment).unwrap();
            assert_eq!(attachment["spec"]["attacher"], DRIVER);
            for list in ["deployments", "daemonsets"] {
                let named = |one: &&Value| one["metadata"]["namespace"] == NAMESPACE;
                assert_eq!(day.seen(list).iter().filter(named).count(), 1, "{list}");
            }
        }
    }

    #[test]
    fn what_another_mode_made_of_the_driver_beside_it_is_not_there_twice() {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        super::super::f38::plant(&mut scene).unwrap();
        vendor_volume(&mut scene).unwrap();
        for list in ["storageclasses", "volumesnapshotclasses", "deployments"] {
            let objects = scene.last().seen(list).iter();
            let mut names: Vec<String> = objects
                .map(|one| {
                    format!(
                        "{}{}",
                        one["metadata"]["namespace"], one["metadata"]["name"]
                    )
                })
                .collect();
            names.sort();
            let n_all = names.len();
            names.dedup();
            assert_eq!(names.len(), n_all, "{list}");
        }
    }
}
