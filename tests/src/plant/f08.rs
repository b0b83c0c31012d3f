//! F08: a driver that was told to keep its volumes.

use serde_json::json;

use super::attachment::rename as rename_attachment;
use super::leaving::leave_cluster;
use super::remade::{rename, respell};
use super::scene::{Day, Scene};
use super::{Share, Volume};

/// With the delete strategy `retain` DeleteVolume does nothing: a PV of policy Delete goes without an error, dataset and
/// target stay. Handles of such installations are made of a template. Beside it a volume with such a handle that is in use.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let kept = scene.volume(Share::Iscsi)?;
    let used = scene.volume(Share::Iscsi)?;
    let mut named = Vec::new();
    for volume in [kept, used] {
        let handle = format!("{}-{}", volume.namespace, volume.claim);
        let mut changed = volume.clone();
        for day in scene.days() {
            changed = templated(day, &volume, &handle)?;
        }
        named.push(changed);
    }
    let kept = &named[0];
    for day in scene.sick_days() {
        leave_cluster(day, kept)?;
    }
    scene.leftover("F08", "zfs_dataset", &kept.dataset);
    scene.leftover("ORP-006", "nas_iscsi_target", &kept.asset);
    Some(())
}

/// Gives a volume a handle that is not its name; dataset, target and extent are called after the handle.
fn templated(day: &mut Day, volume: &Volume, handle: &str) -> Option<Volume> {
    let parent = volume.share.parent();
    let dataset = format!("{parent}/{handle}");
    let asset = volume.asset.replace(&volume.pv, handle);
    rename(day, &volume.dataset, &dataset);
    for method in [
        "pool.dataset.query",
        "iscsi.target.query",
        "iscsi.extent.query",
        "iscsi.global.sessions",
    ] {
        for row in day.rows(method) {
            respell(row, &volume.asset, &asset);
        }
    }
    let pv = day.object("persistentvolumes", &volume.pv)?;
    pv["spec"]["csi"]["volumeHandle"] = json!(handle);
    respell(
        &mut pv["spec"]["csi"]["volumeAttributes"],
        &volume.asset,
        &asset,
    );
    let attachment =
        rename_attachment(day.object("volumeattachments", &volume.attachment)?, handle);
    Some(Volume {
        dataset,
        asset,
        attachment,
        ..volume.clone()
    })
}
