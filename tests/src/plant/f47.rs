//! F47: the parent of the volumes is exported already, so no volume below it gets a share.

use serde_json::{Value, json};

use super::Share;
use super::claim::{pending, refusal};
use super::property::DATASETS;
use super::scene::Scene;

const SHARES: &str = "sharing.nfs.query";

/// Somebody exported the parent of the NFS volumes, and a new claim waits for ever. Beside it a share of a dataset above
/// that is switched off.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let beside = scene.volume(Share::Nfs)?;
    let (uid, event) = (scene.uuid(), scene.uuid());
    let id = 9_000 + scene.number();
    let name = format!("refused-{id}");
    let path = format!("/mnt/{}", Share::Nfs.parent());
    let created = scene.days().next()?.now + 3_600;
    for day in scene.sick_days() {
        let model = format!("/mnt/{}", beside.dataset);
        let mut share = day.row(SHARES, "path", &json!(model))?.clone();
        share["comment"] = json!("all volumes, for the backup host");
        share["hosts"] = json!(["198.51.100.40"]);
        share["networks"] = json!([]);
        let mut above = share.clone();
        share["id"] = json!(id);
        share["path"] = json!(path);
        above["id"] = json!(id + 500);
        above["path"] = json!("/mnt/tank/k8s");
        above["enabled"] = json!(false);
        day.rows(SHARES).extend([share, above]);
        let claim = pending(&beside, &name, &uid, created);
        let message = format!(
            "{{\"sharingnfs_create.path\":[{{\"message\":\"/mnt/{}/pvc-{uid}: is a subtree of {path}, which already exports this dataset\",\"errno\":22}}]}}",
            Share::Nfs.parent()
        );
        let event = refusal(&claim, Share::Nfs.driver(), &message, &event, day.now);
        day.objects("events").push(event);
        day.objects("persistentvolumeclaims").push(claim);
        let half_made = half_made(day.row(DATASETS, "name", &json!(beside.dataset))?, &uid);
        day.rows(DATASETS).push(half_made);
    }
    // Below an exported parent a volume may be reached without a share of its own.
    let below: Vec<String> = scene
        .last()
        .seen("persistentvolumes")
        .iter()
        .filter(|pv| pv["spec"]["csi"]["driver"] == Share::Nfs.driver())
        .filter_map(|pv| pv["metadata"]["name"].as_str().map(str::to_owned))
        .collect();
    for pv in below {
        scene.unsay("F22", &pv);
    }
    scene.fact("F47", "nas_nfs_share", &path, "confirmed");
    let claim = format!("{}/{name}", beside.namespace);
    scene.fact("PRF-002", "k8s_pvc", &claim, "confirmed");
    Some(())
}

/// The dataset that the driver made before the share was refused.
fn half_made(model: &Value, uid: &str) -> Value {
    let leaf = format!("pvc-{uid}");
    let path = format!("{}/{leaf}", Share::Nfs.parent());
    let mut dataset = model.clone();
    for member in ["id", "name"] {
        dataset[member] = json!(path);
    }
    dataset["mountpoint"] = json!(format!("/mnt/{path}"));
    for (property, value) in [("guid", 5_770_000_001_u64), ("createtxg", 14_500_000)] {
        dataset[property] = json!({
            "parsed": value, "rawvalue": value.to_string(), "value": value.to_string(), "source": "NONE",
            "source_info": null,
        });
    }
    if let Some(markers) = dataset["user_properties"].as_object_mut() {
        markers.retain(|name, _| name.ends_with(":managed_resource"));
    }
    dataset
}
