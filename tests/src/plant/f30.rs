//! F30: an attachment to a PV that is gone.

use serde_json::json;

use super::Share;
use super::scene::Scene;

/// Driver of the platform's own disks.
const PLATFORM_DRIVER: &str = "csi.vsphere.vmware.com";

/// A volume was deleted with all that belongs to it, and its attachment stayed. Beside it the attachment of an inline
/// volume, which has no PV.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volume = scene.spare_volume(Share::Nfs)?;
    let used = scene.volume(Share::Nfs)?;
    let (inline, driver) = (scene.uuid(), scene.uuid());
    for day in scene.days() {
        let mut object = day.object("csidrivers", Share::Nfs.driver())?.clone();
        object["metadata"]["name"] = json!(PLATFORM_DRIVER);
        object["metadata"]["uid"] = json!(driver);
        object["metadata"]["labels"] = json!({});
        day.objects("csidrivers").push(object);
        let node = day.object("csinodes", &used.node)?;
        if let Some(drivers) = node["spec"]["drivers"].as_array_mut() {
            let nodes_own =
                json!({"name": PLATFORM_DRIVER, "nodeID": used.node, "topologyKeys": null});
            drivers.push(nodes_own);
        }
        let mut attachment = day.object("volumeattachments", &used.attachment)?.clone();
        attachment["metadata"]["name"] = json!(format!("csi-{}", inline.replace('-', "")));
        attachment["metadata"]["uid"] = json!(inline);
        attachment["spec"]["attacher"] = json!(PLATFORM_DRIVER);
        attachment["spec"]["source"] = json!({"inlineVolumeSpec": {
            "accessModes": ["ReadWriteOnce"], "capacity": null,
            "csi": {"driver": PLATFORM_DRIVER, "fsType": "ext4", "volumeHandle": format!("[shared] {inline}.vmdk")},
        }});
        day.objects("volumeattachments").push(attachment);
    }
    for day in scene.sick_days() {
        let attachment = day.object("volumeattachments", &volume.attachment)?.clone();
        day.remove_claim(&volume)?;
        day.remove("persistentvolumes", &volume.pv)?;
        day.destroy(&volume);
        day.objects("volumeattachments").push(attachment);
    }
    scene.fact(
        "F30",
        "k8s_volume_attachment",
        &volume.attachment,
        "confirmed",
    );
    Some(())
}
