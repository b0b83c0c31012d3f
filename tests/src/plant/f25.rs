//! F25: a detached snapshot whose deletion is held up by a restored clone.

use serde_json::json;

use super::copy::Copy;
use super::event::warning;
use super::property::text;
use super::remade::mark;
use super::scene::Scene;
use super::snapshot::{Snapshot, set, take};
use super::{Day, Share, Volume};

/// A detached snapshot was deleted while a volume that was restored from it lives: its dataset cannot be destroyed, and
/// the driver tries for ever. Beside it the same since ten minutes.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (restored, recent) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let stuck = Copy::restored_to(scene, &restored)?;
    let young = Copy::restored_to(scene, &recent)?;
    let uid = scene.uuid();
    for day in scene.days() {
        for (copy, volume) in [(&stuck, &restored), (&young, &recent)] {
            copy.add(day)?;
            restore(day, copy, volume)?;
        }
    }
    let begun = scene.sick_days().next()?.now - 5 * 3_600;
    for day in scene.sick_days() {
        young.delete(day, 600)?;
        stuck.delete(day, day.now - begun)?;
        let content = day
            .object("volumesnapshotcontents", &stuck.content())?
            .clone();
        let names = (
            "SnapshotDeleteError",
            "csi-snapshotter org.democratic-csi.iscsi",
        );
        let event = warning(day, &uid, &content, names, "Failed to delete snapshot");
        day.objects("events").push(event);
    }
    let content = stuck.content();
    scene.fact("F25", "k8s_volume_snapshot_content", &content, "confirmed");
    // The VolumeSnapshot waits for its content.
    scene.fact("F25", "k8s_volume_snapshot", &stuck.name, "confirmed");
    Some(())
}

/// Makes the volume one that was restored from the detached snapshot.
fn restore(day: &mut Day, copy: &Copy, volume: &Volume) -> Option<()> {
    let source = copy.dataset();
    let name = format!("volume-source-for-volume-{}", volume.pv);
    let taken = Snapshot {
        dataset: &source,
        name: &name,
        created: copy.taken + 590,
    };
    let snapshot = take(day, &taken)?;
    // The driver destroys the snapshot as soon as it is cloned; ZFS defers that until the clone is gone.
    set(snapshot, "defer_destroy", text("on", "NONE"));
    set(snapshot, "clones", text(&volume.dataset, "NONE"));
    let dataset = day.row("pool.dataset.query", "name", &json!(volume.dataset))?;
    dataset["origin"] = text(&taken.id(), "NONE");
    for (name, value) in [("type", "snapshot".to_owned()), ("id", copy.handle())] {
        mark(
            dataset,
            &format!("csi_volume_content_source_{name}"),
            &value,
        );
    }
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    let source =
        json!({"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": copy.name});
    claim["spec"]["dataSource"] = source.clone();
    claim["spec"]["dataSourceRef"] = source;
    Some(())
}
