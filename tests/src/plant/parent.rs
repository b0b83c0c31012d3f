//! Parents of a driver's datasets that do not fit, one check each.

use serde_json::{Value, json};

use super::Share;
use super::property::{DATASETS, dataset, size};
use super::remade::mark;
use super::restore_point::point;
use super::scene::Scene;
use super::snapshot::SNAPSHOTS;
use super::vendor::{adopt, install, named};

/// CFG-002: detached snapshots are kept below the parent of the volumes.
pub(super) fn overlapping(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    let point = point(scene, &volume, 20 * 86_400)?;
    let guid = 6_800_000_000_u64 + u64::from(scene.number()) * 10;
    let parent = format!("{}/snaps", Share::Iscsi.parent());
    for day in scene.days() {
        let attached = format!("{}@{}", volume.dataset, point.snapshot);
        day.remove_rows(SNAPSHOTS, "id", &json!(attached));
        let shelf = dataset(day, Share::Iscsi.detached_parent())?.clone();
        let mut copy = dataset(day, &volume.dataset)?.clone();
        let container = format!("{parent}/{}", volume.pv);
        let path = format!("{container}/{}", point.snapshot);
        copy = named(copy, &path, guid + 2);
        for part in ["used", "usedbydataset", "usedbysnapshots", "referenced"] {
            copy[part] = size(0, "NONE");
        }
        for (name, value) in [
            ("csi_snapshot_name", point.snapshot.as_str()),
            ("csi_snapshot_source_volume_id", volume.pv.as_str()),
            ("managed_resource", "true"),
        ] {
            mark(&mut copy, name, value);
        }
        for (path, guid) in [(&parent, guid), (&container, guid + 1)] {
            let mut row = named(shelf.clone(), path, guid);
            row["mountpoint"] = json!(format!("/mnt/{path}"));
            day.rows(DATASETS).push(row);
        }
        day.rows(DATASETS).push(copy);
        let class = "truenas-iscsi-snap-detached";
        day.object("volumesnapshots", &point.key())?["spec"]["volumeSnapshotClassName"] =
            json!(class);
        let content: &mut Value = day.object("volumesnapshotcontents", &point.content)?;
        content["spec"]["volumeSnapshotClassName"] = json!(class);
        content["status"]["snapshotHandle"] = json!(format!("{}/{}", volume.pv, point.snapshot));
    }
    scene.fact("CFG-002", "zfs_dataset", &parent, "confirmed");
    Some(())
}

/// CFG-003: a class names a parent that is not there. Beside it a class whose parent is there and holds nothing yet.
pub(super) fn missing(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    let (home, empty, gone) = ("tank/csi", "tank/csi-new", "tank/csi-gone");
    for (class, parent) in [
        ("truenas-csi-home", home),
        ("truenas-csi-new", empty),
        ("truenas-csi-gone", gone),
    ] {
        install(
            scene,
            class,
            parent,
            json!({"protocol": "iscsi", "sparse": "true"}),
        );
    }
    adopt(scene, &volume, "truenas-csi-home", home)?;
    for parent in [empty, gone] {
        // Nothing lies there that could be encrypted.
        scene.unsay("BPR-009", parent);
    }
    for day in scene.sick_days() {
        day.remove_rows(DATASETS, "name", &json!(gone));
    }
    scene.fact("CFG-003", "zfs_dataset", gone, "confirmed");
    Some(())
}
