//! F26: a deletion that foreign snapshots block.

use serde_json::json;

use super::copy::Copy;
use super::event::warning;
use super::remade::PREFIX;
use super::scene::Scene;
use super::snapshot::{Snapshot, take};
use super::{Day, Share, Volume};

/// A volume cannot be deleted because another tool took snapshots of it, which inherit the mark of the driver. Another one
/// cannot because of a VolumeSnapshot: that is the driver's own. Beside them a deletion that has just begun, and a volume
/// that is kept on purpose.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volumes: Option<Vec<Volume>> = (0..4).map(|_| scene.spare_volume(Share::Nfs)).collect();
    let [blocked, own, young, kept] = <[Volume; 4]>::try_from(volumes?).ok()?;
    let copy = Copy::of(scene, &own)?;
    let uids = [scene.uuid(), scene.uuid()];
    for day in scene.days() {
        copy.add(day)?;
        for volume in [&blocked, &young, &kept] {
            take_foreign(day, volume)?;
        }
        let pv = day.object("persistentvolumes", &kept.pv)?;
        pv["spec"]["persistentVolumeReclaimPolicy"] = json!("Retain");
    }
    let begun = scene.sick_days().next()?.now - 5 * 3_600;
    for day in scene.sick_days() {
        let secs = day.now - begun;
        day.release(&young, 600)?;
        day.release(&kept, secs)?;
        for (volume, uid) in [(&blocked, &uids[0]), (&own, &uids[1])] {
            day.release(volume, secs)?;
            day.unshare(volume);
            let name = json!(volume.dataset);
            let dataset = day.row("pool.dataset.query", "name", &name)?;
            dataset["user_properties"]
                .as_object_mut()?
                .remove(&format!("{PREFIX}freenas_nfs_share_id"));
            let pv = day.object("persistentvolumes", &volume.pv)?.clone();
            let reporter = format!(
                "{}_zfs-nfs-democratic-csi-controller",
                volume.share.driver()
            );
            let names = ("VolumeFailedDelete", reporter.as_str());
            let message =
                "rpc error: code = FailedPrecondition desc = filesystem has dependent snapshots";
            let event = warning(day, uid, &pv, names, message);
            day.objects("events").push(event);
        }
    }
    for volume in [&blocked, &own] {
        scene.fact("F26", "k8s_pv", &volume.pv, "confirmed");
        // A Released volume with policy Delete has been deleted in vain for hours.
        scene.fact("ORP-010", "k8s_pv", &volume.pv, "confirmed");
    }
    scene.fact("F26", "zfs_dataset", Share::Nfs.parent(), "confirmed");
    Some(())
}

/// Adds a snapshot of another tool.
fn take_foreign(day: &mut Day, volume: &Volume) -> Option<()> {
    let taken = Snapshot {
        dataset: &volume.dataset,
        name: "autosnap_2026-03-01_09:00:00_daily",
        created: 1_772_355_600,
    };
    take(day, &taken).map(|_| ())
}
