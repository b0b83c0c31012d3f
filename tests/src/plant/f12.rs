//! F12: a new volume behind the target of an earlier one.

use serde_json::json;

use super::attachment::rename as rename_attachment;
use super::property::dataset;
use super::remade::{EMPTY_BYTES, begin_anew, fill, remake, rename, respell};
use super::scene::Scene;
use super::{Share, Volume};

/// Targets are named after claims, and PVs are kept: a claim was deleted and made again, and its new PV got the old target
/// with the old data; the new zvol is used by nobody. Beside it a zvol that an administrator renamed: its extent followed, and
/// it bears the name of its volume.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let old = scene.volume(Share::Iscsi)?;
    let renamed = scene.volume(Share::Iscsi)?;
    let (claim_uid, pv_uid, pod_uid) = (scene.uuid(), scene.uuid(), scene.uuid());
    let number = scene.number();
    let asset = format!("csi-{}-{}", old.namespace, old.claim);
    for day in scene.days() {
        for method in [
            "pool.dataset.query",
            "iscsi.target.query",
            "iscsi.extent.query",
            "iscsi.global.sessions",
        ] {
            for row in day.rows(method) {
                respell(row, &old.asset, &asset);
            }
        }
        let pv = day.object("persistentvolumes", &old.pv)?;
        respell(pv, &old.asset, &asset);
        pv["spec"]["persistentVolumeReclaimPolicy"] = json!("Retain");
    }
    let made = scene.sick_days().next()?.now - 5 * 3_600;
    let asked = scene.sick_days().next()?.ago(5 * 3_600 + 20);
    let new = Volume {
        pv: format!("pvc-{claim_uid}"),
        dataset: format!("{}/pvc-{claim_uid}", old.share.parent()),
        asset,
        ..old.clone()
    };
    let old_uid = old.pv.trim_start_matches("pvc-");
    for day in scene.sick_days() {
        let mut zvol = dataset(day, &old.dataset)?.clone();
        respell(&mut zvol, &old.pv, &new.pv);
        remake(&mut zvol, made, number);
        fill(&mut zvol, 0);
        day.rows("pool.dataset.query").push(zvol);
        let snapshots = day.answered("pool.snapshot.query").iter();
        let mut snapshots: Vec<_> = snapshots
            .filter(|row| row["dataset"] == old.dataset.as_str())
            .cloned()
            .collect();
        snapshots
            .iter_mut()
            .for_each(|row| respell(row, &old.pv, &new.pv));
        day.rows("pool.snapshot.query").extend(snapshots);
        begin_anew(day, &new.dataset, made, number, EMPTY_BYTES);

        let pv = day.object("persistentvolumes", &old.pv)?;
        respell(pv, old_uid, &claim_uid);
        pv["metadata"]["uid"] = json!(pv_uid);
        let claim = day.object("persistentvolumeclaims", &old.claim_key())?;
        respell(claim, old_uid, &claim_uid);
        claim["metadata"]["creationTimestamp"] = json!(asked);
        let attachment = day.object("volumeattachments", &old.attachment)?;
        respell(attachment, &old.pv, &new.pv);
        rename_attachment(attachment, &new.pv);
        day.object("pods", &old.pod_key())?["metadata"]["uid"] = json!(pod_uid);
        let later = day.ago(day.now - made);
        day.object("persistentvolumes", &new.pv)?["metadata"]["creationTimestamp"] = json!(later);
    }
    for day in scene.sick_days() {
        let path = format!("{}/{}", renamed.share.parent(), renamed.claim);
        rename(day, &renamed.dataset, &path);
    }
    scene.fact("F12", "k8s_pv", &new.pv, "confirmed");
    // The new zvol stores the ids of what it adopted, and they serve the old one.
    scene.fact("ORP-008", "zfs_dataset", &new.dataset, "confirmed");
    Some(())
}
