//! F27: a finalizer of a snapshot that is never removed.

use serde_json::json;

use super::Share;
use super::copy::Copy;
use super::scene::Scene;

/// Annotation that the sidecar sets while a snapshot is taken.
const BEING_CREATED: &str = "snapshot.storage.kubernetes.io/volumesnapshot-being-created";

/// One content is still marked as being created and its deletion is not tried; of the other one the snapshot is gone and
/// the finalizer stayed. Beside them a deletion that began ten minutes ago.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let mut copies = Vec::new();
    for _ in 0..3 {
        let volume = scene.volume(Share::Iscsi)?;
        copies.push(Copy::of(scene, &volume)?);
    }
    for day in scene.days() {
        for copy in &copies {
            copy.add(day)?;
        }
    }
    let begun = scene.sick_days().next()?.now - 5 * 3_600;
    for day in scene.sick_days() {
        let secs = day.now - begun;
        copies[0].delete(day, secs)?;
        let content = day.object("volumesnapshotcontents", &copies[0].content())?;
        content["metadata"]["annotations"][BEING_CREATED] = json!("yes");
        copies[1].delete(day, secs)?;
        let content = day.object("volumesnapshotcontents", &copies[1].content())?;
        content["status"] = json!({"readyToUse": false});
        let leaf = json!(copies[1].leaf());
        day.remove_rows("pool.snapshot.query", "snapshot_name", &leaf);
        copies[2].delete(day, 600)?;
    }
    for copy in &copies[..2] {
        let content = copy.content();
        scene.fact("F27", "k8s_volume_snapshot_content", &content, "confirmed");
        scene.fact("F27", "k8s_volume_snapshot", &copy.name, "confirmed");
    }
    Some(())
}
