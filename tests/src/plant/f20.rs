//! F20: the initiator group of a volume that is gone.

use serde_json::json;

use super::leaving::{leave_cluster, lose_dataset, lose_export};
use super::scene::Scene;
use super::vendor::vendor_volume;

/// truenas-csi deleted a volume with its target and left the group of its initiators, and the access of its CHAP user. Beside
/// it the group of a volume that lives, and the one that administrators share among all other targets.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (gone, _lives) = (vendor_volume(scene)?, vendor_volume(scene)?);
    let number = scene.number();
    let comment = json!(format!("CSI volume {}", gone.dataset));
    let group = scene
        .days()
        .next()?
        .row("iscsi.initiator.query", "comment", &comment)?["id"]
        .to_string();
    for day in scene.days() {
        day.rows("iscsi.auth.query").push(json!({
            "id": number, "tag": number, "user": "csi-user", "secret": "", "peeruser": "", "peersecret": "",
            "discovery_auth": "NONE",
        }));
    }
    for day in scene.sick_days() {
        leave_cluster(day, &gone)?;
        lose_dataset(day, &gone);
        lose_export(day, &gone);
        day.remove_rows("pool.snapshottask.query", "dataset", &json!(gone.dataset));
    }
    // The comment is text that anybody can write.
    scene.fact("F20", "nas_iscsi_initiator", &group, "probable");
    Some(())
}
