//! truenas-csi beside democratic-csi, and volumes of it.

use serde_json::{Value, json};

use super::attachment;
use super::home::{cluster, declare, make_parent};
use super::installation::{Installation, install};
use super::property::{dataset, text};
use super::remade::{PREFIX, rename, respell};
use super::scene::{Day, Scene};
use super::volume::{Share, Volume};

/// Name of the driver.
pub(super) const DRIVER: &str = "csi.truenas.io";

/// Parent of its volumes.
pub(super) const PARENT: &str = "tank/vendor";

const NAMESPACE: &str = "truenas-csi";
/// Its storage class.
pub(super) const CLASS: &str = "truenas-vendor";
const IQN_BASE: &str = "iqn.2005-10.org.freenas.ctl";

/// Takes a healthy volume and makes it one that truenas-csi provisioned over iSCSI, on every day.
pub(super) fn vendor_volume(scene: &mut Scene) -> Option<Volume> {
    let volume = scene.volume(Share::Iscsi)?;
    let number = scene.number();
    // What an estate of this driver is against advice for, as every other.
    if scene
        .last()
        .seen("storageclasses")
        .iter()
        .all(|one| one["metadata"]["name"] != CLASS)
    {
        for day in scene.days() {
            set_up(day, number)?;
        }
        scene.fact("BPR-009", "zfs_dataset", PARENT, "confirmed");
        // The driver has a snapshot class now.
        scene.unsay("F50", DRIVER);
    }
    let mut made = volume.clone();
    for day in scene.days() {
        made = adopt(day, &volume, number)?;
    }
    Some(made)
}

fn set_up(day: &mut Day, number: u32) -> Option<()> {
    let installation = Installation {
        like: Share::Iscsi,
        driver: DRIVER,
        release: "vendor",
        class: CLASS,
    };
    // Another mode may have made the driver for a class of its own.
    day.remove("csidrivers", DRIVER);
    for node in day.objects("csinodes") {
        if let Some(drivers) = node["spec"]["drivers"].as_array_mut() {
            drivers.retain(|one| one["name"] != DRIVER);
        }
    }
    install(day, installation, number);
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
    for list in ["storageclasses", "volumesnapshotclasses"] {
        let is_odd = |object: &Value| {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            name.starts_with(CLASS) && (name.ends_with("-retain") || name.ends_with("-detached"))
        };
        day.objects(list).retain(|object| !is_odd(object));
    }
    let class = day.object("storageclasses", CLASS)?;
    class["metadata"]["labels"] = json!({});
    class["parameters"] = json!({
        "protocol": "iscsi", "pool": "tank", "datasetPath": "vendor", "compression": "LZ4", "sparse": "true",
        "fsType": "ext4", "snapshot.schedule": "0 0 * * *", "snapshot.retention": "2", "snapshot.retentionUnit": "WEEK",
    });
    day.object("volumesnapshotclasses", &format!("{CLASS}-snap"))?["parameters"] = json!({});
    let name = cluster(day)?;
    declare(day, PARENT, &[&name])?;
    make_parent(day, PARENT, Share::Iscsi.parent(), 900_000 + number)
}

fn adopt(day: &mut Day, volume: &Volume, number: u32) -> Option<Volume> {
    let path = format!("{PARENT}/{}", volume.pv);
    let asset = format!("csi-{}", path.replace('/', "-"));
    let alias = format!("CSI volume {path}");
    rename(day, &volume.dataset, &path);
    let row = dataset(day, &path)?;
    row["user_properties"] = json!({});
    row["comments"] = Value::Null;
    row["compression"] = text("lz4", "LOCAL");
    for snapshot in day
        .rows("pool.snapshot.query")
        .iter_mut()
        .filter(|row| row["dataset"] == path.as_str())
    {
        let properties = snapshot["properties"].as_object_mut()?;
        properties.retain(|name, _| !name.starts_with(PREFIX));
    }
    for method in ["iscsi.target.query", "iscsi.global.sessions"] {
        for row in day.rows(method) {
            respell(row, &volume.asset, &asset);
        }
    }
    let mut group = day.row("iscsi.initiator.query", "id", &json!(1))?.clone();
    group["id"] = json!(7_000 + number);
    group["comment"] = json!(alias);
    day.rows("iscsi.initiator.query").push(group);
    let target = day.row("iscsi.target.query", "name", &json!(asset))?;
    target["alias"] = json!(alias);
    target["groups"][0]["initiator"] = json!(7_000 + number);
    day.row("iscsi.extent.query", "disk", &json!(format!("zvol/{path}")))?["name"] = json!(path);
    let task = day.answered("pool.snapshottask.query").first().cloned();
    if let Some(mut task) = task {
        task["id"] = json!(7_000 + number);
        task["dataset"] = json!(path);
        task["recursive"] = json!(false);
        day.rows("pool.snapshottask.query").push(task);
    }
    let attachment = in_cluster(day, volume, &path, &asset)?;
    Some(Volume {
        dataset: path,
        asset,
        attachment,
        ..volume.clone()
    })
}

fn in_cluster(day: &mut Day, volume: &Volume, path: &str, asset: &str) -> Option<String> {
    let pv = day.object("persistentvolumes", &volume.pv)?;
    let portal = pv["spec"]["csi"]["volumeAttributes"]["portal"].clone();
    let iqn = format!("{IQN_BASE}:{asset}");
    pv["metadata"]["annotations"] = json!({
        "pv.kubernetes.io/provisioned-by": DRIVER, "volume.kubernetes.io/provisioner-deletion-secret-name": "",
        "volume.kubernetes.io/provisioner-deletion-secret-namespace": "",
    });
    pv["metadata"]["finalizers"] = json!([
        "external-provisioner.volume.kubernetes.io/finalizer",
        "kubernetes.io/pv-protection",
        "external-attacher/csi-truenas-io",
    ]);
    pv["spec"]["storageClassName"] = json!(CLASS);
    pv["spec"]["csi"] = json!({
        "driver": DRIVER, "volumeHandle": path, "fsType": "ext4",
        "volumeAttributes": {
            "protocol": "iscsi", "pool": "tank", "datasetPath": "vendor", "compression": "LZ4", "sparse": "true",
            "csi.storage.k8s.io/pv/name": volume.pv, "csi.storage.k8s.io/pvc/name": volume.claim,
            "csi.storage.k8s.io/pvc/namespace": volume.namespace, "targetPortal": portal, "targetIQN": iqn, "lun": "0",
            "storage.kubernetes.io/csiProvisionerIdentity": format!("1767600000123-8081-{DRIVER}"),
        },
    });
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    claim["spec"]["storageClassName"] = json!(CLASS);
    respell(claim, Share::Iscsi.driver(), DRIVER);
    let attached = day.object("volumeattachments", &volume.attachment)?;
    attached["spec"]["attacher"] = json!(DRIVER);
    attached["metadata"]["finalizers"] = json!(["external-attacher/csi-truenas-io"]);
    attached["metadata"]["annotations"] = json!({"csi.alpha.kubernetes.io/node-id": volume.node});
    attached["status"]["attachmentMetadata"] =
        json!({"protocol": "iscsi", "targetIQN": iqn, "targetPortal": portal, "lun": "0"});
    Some(attachment::rename(attached, path))
}
