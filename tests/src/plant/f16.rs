//! F16: a snapshot whose deletion failed without a word.

use serde_json::json;

use super::Share;
use super::content::{Asked, ask, forget};
use super::property::{dataset, text};
use super::remade::{PREFIX, remake};
use super::scene::{Day, Scene};
use super::snapshot::{Snapshot, set, take};

/// The content is gone and the snapshot is not. Beside it, without a content of that name: a snapshot that goes with its last
/// clone, one whose content was made by hand under another name, and one of a class that keeps its snapshots.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volumes =
        [Share::Iscsi, Share::Iscsi, Share::Iscsi, Share::Nfs].map(|share| scene.volume(share));
    let clone = scene.volume(Share::Iscsi)?;
    let uids: Vec<String> = volumes.iter().map(|_| scene.uuid()).collect();
    let clone_number = scene.number();
    let created = scene.days().next()?.now - 12 * 86_400;
    let volumes: Vec<_> = volumes.into_iter().collect::<Option<_>>()?;
    let asked: Vec<Asked<'_>> = volumes
        .iter()
        .zip(&uids)
        .map(|(volume, uid)| Asked {
            volume,
            uid,
            created,
            is_detached: false,
        })
        .collect();
    for day in scene.days() {
        for asked in &asked {
            ask(day, asked);
            snapshot(day, asked)?;
        }
        let mut class = day
            .object("volumesnapshotclasses", "truenas-nfs-snap")?
            .clone();
        class["metadata"]["name"] = json!("truenas-nfs-snap-keep");
        class["metadata"]["uid"] = json!(format!("5ce7e002-0000-4000-8000-{clone_number:012x}"));
        class["deletionPolicy"] = json!("Retain");
        day.objects("volumesnapshotclasses").push(class);
        for (kind, name) in [
            ("volumesnapshotcontents", asked[3].content()),
            ("volumesnapshots", asked[3].key()),
        ] {
            let object = day.object(kind, &name)?;
            object["spec"]["volumeSnapshotClassName"] = json!("truenas-nfs-snap-keep");
            if kind == "volumesnapshotcontents" {
                object["spec"]["deletionPolicy"] = json!("Retain");
            }
        }
        restore(day, &asked[1], &clone, clone_number)?;
    }
    for day in scene.sick_days() {
        for gone in [&asked[0], &asked[1], &asked[3]] {
            forget(day, gone);
        }
        let id = json!(format!(
            "{}@{}",
            asked[1].volume.dataset,
            asked[1].snapshot()
        ));
        let deferred = day.row("pool.snapshot.query", "id", &id)?;
        for key in ["value", "rawvalue", "parsed"] {
            deferred["properties"]["defer_destroy"][key] = json!("on");
        }
        by_hand(day, &asked[2])?;
    }
    let subject = format!("{}@{}", asked[0].volume.dataset, asked[0].snapshot());
    scene.leftover("F16", "zfs_snapshot", &subject);
    Some(())
}

/// The snapshot on the appliance, as democratic-csi marks it.
fn snapshot(day: &mut Day, asked: &Asked<'_>) -> Option<()> {
    let name = asked.snapshot();
    let taken = Snapshot {
        dataset: &asked.volume.dataset,
        name: &name,
        created: asked.created,
    };
    let row = take(day, &taken)?;
    for (mark, value) in [
        ("csi_snapshot_name", name.as_str()),
        ("csi_snapshot_source_volume_id", &asked.volume.pv),
        ("managed_resource", "true"),
        ("provision_success", "true"),
    ] {
        set(row, &format!("{PREFIX}{mark}"), text(value, "LOCAL"));
    }
    Some(())
}

/// Makes a volume one that was restored from a snapshot.
fn restore(day: &mut Day, asked: &Asked<'_>, clone: &super::Volume, number: u32) -> Option<()> {
    let id = format!("{}@{}", asked.volume.dataset, asked.snapshot());
    let row = day.row("pool.snapshot.query", "id", &json!(id))?;
    for key in ["value", "rawvalue", "parsed"] {
        row["properties"]["clones"][key] = json!(clone.dataset);
    }
    let made = asked.created + 3_600;
    let zvol = dataset(day, &clone.dataset)?;
    remake(zvol, made, number);
    zvol["origin"] = text(&id, "NONE");
    let since = day.ago(day.now - made);
    let claim = day.object("persistentvolumeclaims", &clone.claim_key())?;
    claim["metadata"]["creationTimestamp"] = json!(since);
    day.object("persistentvolumes", &clone.pv)?["metadata"]["creationTimestamp"] = json!(since);
    Some(())
}

/// A content made by hand for a snapshot that is there, with a VolumeSnapshot of another name.
fn by_hand(day: &mut Day, asked: &Asked<'_>) -> Option<()> {
    let mut content = day.remove("volumesnapshotcontents", &asked.content())?;
    let mut snapshot = day.remove("volumesnapshots", &asked.key())?;
    let handle = content["status"]["snapshotHandle"].clone();
    let uid = asked.uid.replace("5ce7e000", "5ce7e00b");
    content["metadata"]["name"] = json!("restored-content");
    content["metadata"]["uid"] = json!(asked.uid.replace("5ce7e000", "5ce7e00d"));
    content["spec"]["source"] = json!({"snapshotHandle": handle});
    content["spec"]["volumeSnapshotRef"]["name"] = json!("restored");
    content["spec"]["volumeSnapshotRef"]["uid"] = json!(uid);
    snapshot["metadata"]["name"] = json!("restored");
    snapshot["metadata"]["uid"] = json!(uid);
    snapshot["spec"]["source"] = json!({"volumeSnapshotContentName": "restored-content"});
    snapshot["status"]["boundVolumeSnapshotContentName"] = json!("restored-content");
    day.objects("volumesnapshotcontents").push(content);
    day.objects("volumesnapshots").push(snapshot);
    Some(())
}
