//! Snapshots of a CSI driver that are not what they seem, one check each.

use serde_json::{Value, json};

use super::claim::{metadata, rfc3339};
use super::property::text;
use super::remade::PREFIX;
use super::scene::{Day, Scene};
use super::snapshot::{Snapshot, Space, set, take_with};
use super::{Share, Volume};

const DAY: i64 = 86_400;

/// Names of a snapshot that a driver made.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub namespace: String,
    pub name: String,
    /// Name of the content.
    pub content: String,
    /// Name of the snapshot on the appliance.
    pub snapshot: String,
}

impl Point {
    /// `namespace/name`.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Makes a snapshot of a volume on both sides, so old on the first day.
pub(super) fn point(scene: &mut Scene, volume: &Volume, age: i64) -> Option<Point> {
    let (uid, content_uid, number) = (scene.uuid(), scene.uuid(), scene.number());
    let created = scene.days().next()?.now - age;
    let point = Point {
        namespace: volume.namespace.clone(),
        name: format!("{}-{number}", volume.claim),
        content: format!("snapcontent-{uid}"),
        snapshot: format!("snapshot-{uid}"),
    };
    let class = format!("{}-snap", volume.share.class());
    let snapshot = point.snapshot.clone();
    for day in scene.days() {
        let object = json!({
            "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot",
            "metadata": metadata(&point.name, Some(&point.namespace), &uid, created),
            "spec": {"source": {"persistentVolumeClaimName": volume.claim}, "volumeSnapshotClassName": class},
            "status": {
                "boundVolumeSnapshotContentName": point.content, "creationTime": rfc3339(created + 3),
                "readyToUse": true, "restoreSize": "5Gi",
            },
        });
        day.objects("volumesnapshots").push(object);
        let object = json!({
            "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotContent",
            "metadata": metadata(&point.content, None, &content_uid, created + 1),
            "spec": {
                "deletionPolicy": "Delete", "driver": volume.share.driver(), "source": {"volumeHandle": volume.pv},
                "sourceVolumeMode": "Filesystem", "volumeSnapshotClassName": class,
                "volumeSnapshotRef": {
                    "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot", "name": point.name,
                    "namespace": point.namespace, "uid": uid, "resourceVersion": "1",
                },
            },
            "status": {
                "creationTime": (created + 3) * 1_000_000_000, "readyToUse": true, "restoreSize": 5_368_709_120_u64,
                "snapshotHandle": format!("{}@{snapshot}", volume.pv),
            },
        });
        day.objects("volumesnapshotcontents").push(object);
        let taken = Snapshot {
            dataset: &volume.dataset,
            name: &snapshot,
            created: created + 3,
        };
        let space = Space {
            used: 0,
            written: 0,
        };
        let row = take_with(day, &taken, space)?;
        for (name, value) in [
            ("csi_snapshot_name", snapshot.as_str()),
            ("managed_resource", "true"),
        ] {
            set(row, &format!("{PREFIX}{name}"), text(value, "LOCAL"));
        }
    }
    Some(point)
}

fn status<'a>(day: &'a mut Day, file: &str, name: &str) -> Option<&'a mut Value> {
    Some(&mut day.object(file, name)?["status"])
}

/// SNP-004: the VolumeSnapshot of a content is gone. Beside it one that was made again under its name.
pub(super) fn dangling(scene: &mut Scene) -> Option<()> {
    let (gone, again) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let (gone, again) = (
        point(scene, &gone, 3 * DAY)?,
        point(scene, &again, 3 * DAY)?,
    );
    let uid = scene.uuid();
    for day in scene.sick_days() {
        day.remove("volumesnapshots", &gone.key());
        day.object("volumesnapshots", &again.key())?["metadata"]["uid"] = json!(uid);
    }
    scene.fact(
        "SNP-004",
        "k8s_volume_snapshot_content",
        &gone.content,
        "confirmed",
    );
    Some(())
}

/// SNP-005: a snapshot that failed. Beside it one that was asked for minutes ago.
pub(super) fn not_ready(scene: &mut Scene) -> Option<()> {
    let (failed, young) = (scene.volume(Share::Nfs)?, scene.volume(Share::Nfs)?);
    let (failed, young) = (point(scene, &failed, DAY)?, point(scene, &young, DAY)?);
    for day in scene.sick_days() {
        let now = day.now;
        for (point, is_failed) in [(&failed, true), (&young, false)] {
            for (file, name) in [
                ("volumesnapshots", point.key()),
                ("volumesnapshotcontents", point.content.clone()),
            ] {
                let status = status(day, file, &name)?;
                status["readyToUse"] = json!(false);
                if is_failed {
                    status["error"] = json!({"message": "Failed to check and update snapshot content", "time": rfc3339(now - 3_600)});
                } else {
                    day.object(file, &name)?["metadata"]["creationTimestamp"] =
                        json!(rfc3339(now - 300));
                }
            }
        }
    }
    scene.fact("SNP-005", "k8s_volume_snapshot", &failed.key(), "confirmed");
    Some(())
}

/// RST-001: the content behind a snapshot that says it is ready is not. Beside it a snapshot that is in order.
pub(super) fn not_restorable(scene: &mut Scene) -> Option<()> {
    let (bad, good) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let bad = point(scene, &bad, 2 * DAY)?;
    point(scene, &good, 2 * DAY)?;
    for day in scene.sick_days() {
        status(day, "volumesnapshotcontents", &bad.content)?["readyToUse"] = json!(false);
    }
    scene.fact("RST-001", "k8s_volume_snapshot", &bad.key(), "confirmed");
    Some(())
}

/// RST-002: the backups of a schedule fail, and none is good any more. Beside it a schedule that failed once.
pub(super) fn no_good_backup(scene: &mut Scene) -> Option<()> {
    let number = scene.number();
    let base = scene.days().next()?.now - 20 * DAY;
    let (bad, fine) = (format!("nightly-{number}"), format!("weekly-{number}"));
    for day in scene.sick_days() {
        let now = day.now;
        for (schedule, phases) in [
            (&bad, ["Completed", "Failed", "PartiallyFailed"]),
            (&fine, ["Completed", "Failed", "Completed"]),
        ] {
            let spec = json!({
                "includedNamespaces": ["openshift-storage"], "ttl": "168h0m0s", "snapshotVolumes": false,
                "defaultVolumesToFsBackup": true,
            });
            let uid = format!(
                "5ce7e000-0000-4000-8000-{:012x}",
                u64::from(number) * 100 + schedule.len() as u64
            );
            day.objects("veleroschedules").push(json!({
                "apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": metadata(schedule, Some("velero"), &uid, base),
                "spec": {"schedule": "0 1 * * *", "template": spec, "paused": false}, "status": {"phase": "Enabled"},
            }));
            for (index, (phase, age)) in phases.into_iter().zip([12, 2, 1]).enumerate() {
                let created = now - age * DAY;
                let uid = format!(
                    "5ce7e000-0000-4000-8000-{:012x}",
                    u64::from(number) * 1_000 + 500 + index as u64 * 50 + schedule.len() as u64
                );
                let name = format!("{schedule}-{}", created / DAY);
                let mut metadata = metadata(&name, Some("velero"), &uid, created);
                metadata["labels"] = json!({"velero.io/schedule-name": schedule, "velero.io/storage-location": "default"});
                day.objects("velerobackups").push(json!({
                    "apiVersion": "velero.io/v1", "kind": "Backup", "metadata": metadata, "spec": spec,
                    "status": {
                        "phase": phase, "startTimestamp": rfc3339(created), "completionTimestamp": rfc3339(created + 600),
                        "expiration": rfc3339(created + 7 * DAY), "errors": 1,
                    },
                }));
            }
        }
    }
    scene.fact(
        "RST-002",
        "k8s_velero_schedule",
        &format!("velero/{bad}"),
        "confirmed",
    );
    Some(())
}
