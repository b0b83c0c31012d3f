//! F06: a volume that was made and never became a PV.

use serde_json::json;

use super::Share;
use super::scene::Scene;
use super::sibling::{make, sibling};

/// The provisioner restarted between CreateVolume and the PV, and the claim was deleted before it tried again. Beside it,
/// on every day, a volume whose claim still waits for the provisioner to come back.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let model = scene.volume(Share::Nfs)?;
    let lost = sibling(&model, &scene.uuid());
    let number = scene.number();
    let made = scene.sick_days().next()?.now - 5 * 3_600;
    for day in scene.sick_days() {
        make(day, &model, &lost, made, number)?;
    }
    let waiting: Vec<(String, u32)> = (0..scene.days().count())
        .map(|_| (scene.uuid(), scene.number()))
        .collect();
    for (day, (uid, number)) in scene.days().zip(waiting) {
        let volume = sibling(&model, &uid);
        let (asked, made) = (day.ago(300), day.now - 280);
        make(day, &model, &volume, made, number)?;
        let mut claim = day
            .object("persistentvolumeclaims", &model.claim_key())?
            .clone();
        claim["metadata"]["name"] = json!(volume.claim);
        claim["metadata"]["uid"] = json!(uid);
        claim["metadata"]["creationTimestamp"] = json!(asked);
        let annotations = claim["metadata"]["annotations"].as_object_mut()?;
        annotations.retain(|name, _| name.ends_with("storage-provisioner"));
        claim["spec"].as_object_mut()?.remove("volumeName");
        claim["status"] = json!({"phase": "Pending"});
        day.objects("persistentvolumeclaims").push(claim);
    }
    scene.leftover("F06", "zfs_dataset", &lost.dataset);
    scene.leftover("ORP-006", "nas_nfs_share", &lost.dataset);
    Some(())
}
