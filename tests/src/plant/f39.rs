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

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::super::vendor::DRIVER;
    use super::*;

    #[test]
    fn one_attachment_of_the_driver_names_no_target_and_its_volume_is_gone() {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        plant(&mut scene).unwrap();
        let mut seen = Vec::new();
        for day in scene.days() {
            let attachments = day.seen("volumeattachments").iter();
            let of_driver = attachments.filter(|one| one["spec"]["attacher"] == DRIVER);
            let (mut n_named, mut n_empty, mut n_gone) = (0, 0, 0);
            for one in of_driver {
                assert_eq!(one["status"]["attached"], true);
                let pv = &one["spec"]["source"]["persistentVolumeName"];
                let mut pvs = day.seen("persistentvolumes").iter();
                let pv = pvs.find(|other| other["metadata"]["name"] == *pv).unwrap();
                let handle = &pv["spec"]["csi"]["volumeHandle"];
                let mut datasets = day.answered("pool.dataset.query").iter();
                let is_there = datasets.any(|row| row["name"] == *handle);
                n_gone += usize::from(!is_there);
                if one["status"]["attachmentMetadata"]["targetIQN"] == "" {
                    n_empty += 1;
                    assert!(!is_there);
                } else {
                    n_named += 1;
                }
            }
            seen.push((n_named, n_empty, n_gone));
        }
        assert_eq!(seen, [(3, 0, 0), (2, 1, 1), (2, 1, 1)]);
    }
}
