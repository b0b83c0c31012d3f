//! F39: a volume that was cloned and destroyed while it was published.

use serde_json::json;

use super::leaving::{log_out, lose_dataset, lose_export};
use super::scene::Scene;
use super::vendor::vendor_volume;

/// An answer of truenas-csi lacked the source of a clone, and the provisioner deleted it while a node asked for it: claim, PV
/// and attachment stay, and the attachment names no target. Beside it a clone that was published whole, and the attachments
/// of democratic-csi, which never name anything.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (source, destroyed) = (vendor_volume(scene)?, vendor_volume(scene)?);
    let whole = vendor_volume(scene)?;
    for day in scene.days() {
        for clone in [&destroyed, &whole] {
            let claim = day.object("persistentvolumeclaims", &clone.claim_key())?;
            let from = json!({"kind": "PersistentVolumeClaim", "name": source.claim});
            claim["spec"]["dataSource"] = from.clone();
            claim["spec"]["dataSourceRef"] = from;
        }
    }
    for day in scene.sick_days() {
        lose_dataset(day, &destroyed);
        lose_export(day, &destroyed);
        log_out(day, &destroyed);
        let comment = json!(format!("CSI volume {}", destroyed.dataset));
        day.remove_rows("iscsi.initiator.query", "comment", &comment);
        let path = json!(destroyed.dataset);
        day.remove_rows("pool.snapshottask.query", "dataset", &path);
        let attachment = day.object("volumeattachments", &destroyed.attachment)?;
        attachment["status"]["attachmentMetadata"] =
            json!({"protocol": "iscsi", "targetIQN": "", "targetPortal": "", "lun": "0"});
    }
    // A release may write no targets at all; here others of the driver do.
    let attachment = &destroyed.attachment;
    scene.fact("F39", "k8s_volume_attachment", attachment, "probable");
    scene.fact("F21", "k8s_pv", &destroyed.pv, "confirmed");
    Some(())
}
