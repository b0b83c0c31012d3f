//! F28: a finalizer of a finished restore that holds a snapshot.

use serde_json::json;

use super::Share;
use super::copy::Copy;
use super::scene::Scene;

/// Finalizer of the provisioner on a snapshot that a claim is restored from.
const SOURCE_PROTECTION: &str =
    "provisioner.storage.kubernetes.io/volumesnapshot-as-source-protection";

/// A VolumeSnapshot was deleted, its content and snapshot are gone, and only the provisioner's finalizer keeps it although
/// nobody restores from it. Beside it one that a pending claim is being restored from.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (volume, other) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let orphan = Copy::of(scene, &volume)?;
    let in_use = Copy::of(scene, &other)?;
    let uid = scene.uuid();
    for day in scene.days() {
        orphan.add(day)?;
        in_use.add(day)?;
    }
    let begun = scene.sick_days().next()?.now - 5 * 3_600;
    for day in scene.sick_days() {
        orphan.delete(day, day.now - begun)?;
        let snapshot = day.object("volumesnapshots", &orphan.key())?;
        snapshot["metadata"]["finalizers"] = json!([SOURCE_PROTECTION]);
        day.remove("volumesnapshotcontents", &orphan.content())?;
        let leaf = json!(orphan.leaf());
        day.remove_rows("pool.snapshot.query", "snapshot_name", &leaf);
        // The content of a source is left alone until the restore has ended.
        let at = day.ago(5_400);
        let snapshot = day.object("volumesnapshots", &in_use.key())?;
        snapshot["metadata"]["deletionTimestamp"] = json!(at);
        snapshot["metadata"]["deletionGracePeriodSeconds"] = json!(0);
        if let Some(finalizers) = snapshot["metadata"]["finalizers"].as_array_mut() {
            finalizers.push(json!(SOURCE_PROTECTION));
        }
        let size = day.capacity(&other)?;
        let claim = in_use.pending_claim(&uid, size, &day.ago(7_200));
        day.objects("persistentvolumeclaims").push(claim);
    }
    scene.fact("F28", "k8s_volume_snapshot", &orphan.name, "confirmed");
    Some(())
}
