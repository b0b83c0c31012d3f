//! F38: a driver that is gone.

use serde_json::{Value, json};

use super::copy::Copy;
use super::scene::Scene;
use super::{Day, Share};

/// The name under which the driver was installed first.
const OLD: &str = "org.democratic-csi.old";

/// A driver for static volumes only.
const STATIC: &str = "nfs.csi.k8s.io";

/// A driver for the disks of single nodes.
const LOCAL: &str = "topolvm.io";

/// A driver was installed again under another name: its old class, volumes, attachments and snapshots name what is gone.
/// Beside it a driver without a class, one that runs on one node, and a class that has no driver by design.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volumes = [scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?];
    let copy = Copy::of(scene, &volumes[0])?;
    let uids: Vec<String> = (0..7).map(|_| scene.uuid()).collect();
    for day in scene.days() {
        copy.add(day)?;
        for (driver, uid) in [(OLD, &uids[0]), (STATIC, &uids[1]), (LOCAL, &uids[2])] {
            add_driver(day, driver, uid)?;
        }
        add_class(day, "truenas-old", OLD, &uids[3])?;
        add_class(day, "fast-local", LOCAL, &uids[4])?;
        add_class(day, "local-disks", "kubernetes.io/no-provisioner", &uids[5])?;
        let class = "truenas-iscsi-snap";
        let mut class = day.object("volumesnapshotclasses", class)?.clone();
        class["metadata"]["name"] = json!("truenas-old-snap");
        class["metadata"]["uid"] = json!(uids[6]);
        class["driver"] = json!(OLD);
        day.objects("volumesnapshotclasses").push(class);
        let snapshot = day.object("volumesnapshots", &copy.key())?;
        snapshot["spec"]["volumeSnapshotClassName"] = json!("truenas-old-snap");
        let content = day.object("volumesnapshotcontents", &copy.content())?;
        content["spec"]["volumeSnapshotClassName"] = json!("truenas-old-snap");
        content["spec"]["driver"] = json!(OLD);
        for volume in &volumes {
            let pv = day.object("persistentvolumes", &volume.pv)?;
            pv["spec"]["csi"]["driver"] = json!(OLD);
            pv["spec"]["storageClassName"] = json!("truenas-old");
            pv["metadata"]["annotations"]["pv.kubernetes.io/provisioned-by"] = json!(OLD);
            let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
            claim["spec"]["storageClassName"] = json!("truenas-old");
            for prefix in ["volume.beta.kubernetes.io", "volume.kubernetes.io"] {
                claim["metadata"]["annotations"][format!("{prefix}/storage-provisioner")] =
                    json!(OLD);
            }
            let attachment = day.object("volumeattachments", &volume.attachment)?;
            attachment["spec"]["attacher"] = json!(OLD);
        }
    }
    for day in scene.sick_days() {
        day.remove("csidrivers", OLD)?;
        for node in day.objects("csinodes") {
            if let Some(drivers) = node["spec"]["drivers"].as_array_mut() {
                drivers.retain(|driver| driver["name"] != OLD);
            }
        }
    }
    scene.fact("F38", "k8s_storage_class", "truenas-old", "confirmed");
    // Volumes of both names lie below one parent.
    let parent = Share::Iscsi.parent();
    scene.fact("CFG-001", "zfs_dataset", parent, "confirmed");
    scene.fact("F38", "k8s_volume_snapshot", &copy.key(), "confirmed");
    for volume in &volumes {
        let attachment = &volume.attachment;
        scene.fact("F38", "k8s_volume_attachment", attachment, "confirmed");
    }
    Some(())
}

/// Registers a driver in the cluster and on its nodes; the local one on a single node.
fn add_driver(day: &mut Day, name: &str, uid: &str) -> Option<()> {
    let mut driver = day.object("csidrivers", Share::Iscsi.driver())?.clone();
    driver["metadata"]["name"] = json!(name);
    driver["metadata"]["uid"] = json!(uid);
    driver["metadata"]["labels"] = json!({});
    day.objects("csidrivers").push(driver);
    let n_nodes = if name == LOCAL { 1 } else { usize::MAX };
    let workers = day.objects("csinodes").iter_mut().filter(|node| {
        let drivers: &Value = &node["spec"]["drivers"];
        drivers
            .as_array()
            .is_some_and(|drivers| !drivers.is_empty())
    });
    for node in workers.take(n_nodes) {
        let id = node["metadata"]["name"].clone();
        let drivers = node["spec"]["drivers"].as_array_mut()?;
        drivers.push(json!({"name": name, "nodeID": id, "topologyKeys": null}));
    }
    Some(())
}

/// Adds a class of a provisioner.
fn add_class(day: &mut Day, name: &str, provisioner: &str, uid: &str) -> Option<()> {
    let mut class = day.object("storageclasses", Share::Iscsi.class())?.clone();
    class["metadata"]["name"] = json!(name);
    class["metadata"]["uid"] = json!(uid);
    class["provisioner"] = json!(provisioner);
    if provisioner != OLD {
        class["parameters"] = json!({});
        class["volumeBindingMode"] = json!("WaitForFirstConsumer");
    }
    day.objects("storageclasses").push(class);
    Some(())
}
