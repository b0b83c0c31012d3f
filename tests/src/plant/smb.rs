//! A third driver, whose volumes are shared over SMB.

use serde_json::{Value, json};

use super::attachment::rename as rename_attachment;
use super::home::{cluster, declare, follow, make_parent};
use super::installation::{Installation, install};
use super::property::dataset;
use super::remade::{PREFIX, mark, rename, respell};
use super::scene::{Day, Scene};
use super::{Share, Volume};

/// Parent of its volumes.
pub(super) const PARENT: &str = "tank/k8s/smb/v";

/// Method that lists the shares.
pub(super) const SHARES: &str = "sharing.smb.query";

const TO: Installation = Installation {
    like: Share::Nfs,
    driver: "org.democratic-csi.smb",
    release: "zfs-smb",
    class: "truenas-smb",
};

/// Takes healthy volumes and lets the driver be the one that made them, on every day.
pub(super) fn smb_volumes<const N: usize>(scene: &mut Scene) -> Option<[Volume; N]> {
    let taken: Option<Vec<Volume>> = (0..N).map(|_| scene.volume(Share::Nfs)).collect();
    let volumes = <[Volume; N]>::try_from(taken?).ok()?;
    let number = scene.number();
    let ids: Vec<u32> = volumes.iter().map(|_| 7_000 + scene.number()).collect();
    let mut made = volumes.clone();
    for day in scene.days() {
        set_up(day, number)?;
        for ((volume, id), made) in volumes.iter().zip(&ids).zip(&mut made) {
            *made = adopt(day, volume, *id)?;
        }
    }
    scene.fact("BPR-009", "zfs_dataset", PARENT, "confirmed");
    let mut tasks = scene.last().answered("pool.snapshottask.query").iter();
    if tasks.any(|task| task["dataset"] == PARENT) {
        scene.fact("SNP-010", "zfs_dataset", PARENT, "confirmed");
    }
    Some(made)
}

/// A share as the appliance lists it; drivers write no comment.
pub(super) fn share(id: u32, name: &str, path: &str) -> Value {
    json!({
        "id": id, "purpose": "DEFAULT_SHARE", "name": name, "path": path, "enabled": true, "comment": "",
        "readonly": false, "browsable": true, "access_based_share_enumeration": false, "locked": false,
        "audit": {"enable": false, "watch_list": [], "ignore_list": []}, "options": {"aapl_name_mangling": false},
    })
}

fn set_up(day: &mut Day, number: u32) -> Option<()> {
    install(day, TO, number);
    let class = day.object("storageclasses", TO.class)?;
    class["parameters"]["fsType"] = json!("cifs");
    class["mountOptions"] = json!(["uid=1000", "gid=1000"]);
    // The class that it was copied from may be the default one.
    class["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] =
        json!("false");
    let name = cluster(day)?;
    declare(day, PARENT, &[&name])?;
    make_parent(day, PARENT, Share::Nfs.parent(), 500_000 + number)?;
    follow(day, PARENT, Share::Nfs.parent(), number);
    let service = day.row("service.query", "service", &json!("cifs"))?;
    service["enable"] = json!(true);
    service["state"] = json!("RUNNING");
    Some(())
}

fn adopt(day: &mut Day, volume: &Volume, id: u32) -> Option<Volume> {
    let path = format!("{PARENT}/{}", volume.pv);
    let mount = format!("/mnt/{path}");
    rename(day, &volume.dataset, &path);
    day.remove_rows("sharing.nfs.query", "path", &json!(mount));
    day.rows(SHARES).push(share(id, &volume.pv, &mount));
    let row = dataset(day, &path)?;
    let marks = row["user_properties"].as_object_mut()?;
    marks.remove(&format!("{PREFIX}freenas_nfs_share_id"));
    let context = marks.get(&format!("{PREFIX}csi_share_volume_context"))?["rawvalue"].as_str()?;
    let mut context: Value = serde_json::from_str(context).ok()?;
    context["node_attach_driver"] = json!("smb");
    context["share"] = json!(volume.pv);
    mark(row, "freenas_smb_share_id", &id.to_string());
    mark(row, "csi_share_volume_context", &context.to_string());
    mark(row, "volume_context_provisioner_driver", "freenas-api-smb");
    let attachment = in_cluster(day, volume)?;
    Some(Volume {
        dataset: path,
        attachment,
        ..volume.clone()
    })
}

fn in_cluster(day: &mut Day, volume: &Volume) -> Option<String> {
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    respell(claim, TO.like.driver(), TO.driver);
    respell(claim, TO.like.class(), TO.class);
    let pv = day.object("persistentvolumes", &volume.pv)?;
    respell(pv, TO.like.driver(), TO.driver);
    respell(pv, TO.like.class(), TO.class);
    pv["spec"]["mountOptions"] = json!(["uid=1000", "gid=1000"]);
    let csi = &mut pv["spec"]["csi"];
    csi["fsType"] = json!("cifs");
    let attributes = &mut csi["volumeAttributes"];
    attributes["node_attach_driver"] = json!("smb");
    attributes["provisioner_driver"] = json!("freenas-api-smb");
    attributes["share"] = json!(volume.pv);
    let attachment = day.object("volumeattachments", &volume.attachment)?;
    attachment["spec"]["attacher"] = json!(TO.driver);
    Some(rename_attachment(attachment, &volume.pv))
}
