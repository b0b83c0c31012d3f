//! F49: a volume that was cloned has no snapshot task, though its class has a schedule.

use serde_json::json;

use super::property::{dataset, text};
use super::scene::{Day, Scene};
use super::snapshot::{Snapshot, Space, set, take_with};
use super::vendor::{adopt, install};
use super::{Share, Volume};

const DAY: i64 = 86_400;
const TASKS: &str = "pool.snapshottask.query";

/// Volumes of a class with a schedule: one with its task, one cloned from it without. Beside them a clone that a recursive
/// task on its parent covers.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let source = scene.volume(Share::Iscsi)?;
    let (cloned, covered) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let number = scene.number() * 100;
    let parameters = json!({
        "protocol": "iscsi", "sparse": "true", "snapshot.schedule": "0 0 * * *", "snapshot.retention": "1",
        "snapshot.retentionUnit": "WEEK", "snapshot.naming": "auto-%Y-%m-%d_%H-%M",
    });
    let (parent, other) = ("tank/csi", "tank/csi-dr");
    install(scene, "truenas-csi-scheduled", parent, parameters.clone());
    install(scene, "truenas-csi-covered", other, parameters);
    let source_path = adopt(scene, &source, "truenas-csi-scheduled", parent)?;
    let cloned_path = adopt(scene, &cloned, "truenas-csi-scheduled", parent)?;
    let covered_path = adopt(scene, &covered, "truenas-csi-covered", other)?;
    let first = scene.days().next()?.now;
    for day in scene.days() {
        task(day, &source_path, false, 9_000 + number);
        task(day, other, true, 9_001 + number);
        for path in [source_path.as_str(), other, &covered_path] {
            nightly(day, path);
        }
        clone(
            day,
            &source,
            &source_path,
            &cloned,
            &cloned_path,
            first - 10 * DAY,
        )?;
        clone(
            day,
            &source,
            &source_path,
            &covered,
            &covered_path,
            first - 11 * DAY,
        )?;
    }
    for volume in [&source, &covered] {
        scene.unsay("SNP-011", &volume.claim_key());
    }
    // The task on the other parent is what covers its volumes.
    scene.fact("CFG-018", "zfs_dataset", other, "confirmed");
    scene.fact("SNP-010", "zfs_dataset", other, "confirmed");
    scene.fact("F49", "k8s_pvc", &cloned.claim_key(), "confirmed");
    Some(())
}

fn task(day: &mut Day, path: &str, is_recursive: bool, id: u32) {
    let midnight = day.now - day.now.rem_euclid(DAY);
    let task = json!({
        "id": id, "dataset": path, "recursive": is_recursive, "lifetime_value": 1, "lifetime_unit": "WEEK", "enabled": true,
        "exclude": [], "naming_schema": "auto-%Y-%m-%d_%H-%M", "allow_empty": true, "vmware_sync": false,
        "schedule": {"minute": "0", "hour": "0", "dom": "*", "month": "*", "dow": "*", "begin": "00:00", "end": "23:59"},
        "state": {"state": "FINISHED", "datetime": {"$date": (midnight + 60) * 1_000}},
    });
    day.rows(TASKS).push(task);
}

/// The snapshots of the last week.
fn nightly(day: &mut Day, path: &str) {
    let midnight = day.now - day.now.rem_euclid(DAY);
    for created in (0..7).map(|age| midnight - age * DAY) {
        let time = jiff::Timestamp::from_second(created).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let name = time.strftime("auto-%Y-%m-%d_%H-%M").to_string();
        take_with(
            day,
            &Snapshot {
                dataset: path,
                name: &name,
                created,
            },
            Space {
                used: 0,
                written: 0,
            },
        );
    }
}

/// Lets a volume be a clone of another, of a snapshot that the driver took for it.
fn clone(
    day: &mut Day,
    source: &Volume,
    source_path: &str,
    volume: &Volume,
    path: &str,
    created: i64,
) -> Option<()> {
    let name = format!("csi-clone-{}-{created}", path.replace('/', "-"));
    let taken = Snapshot {
        dataset: source_path,
        name: &name,
        created,
    };
    let row = take_with(
        day,
        &taken,
        Space {
            used: 0,
            written: 0,
        },
    )?;
    set(row, "clones", text(path, "NONE"));
    dataset(day, path)?["origin"] = text(&taken.id(), "NONE");
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    let from = json!({"kind": "PersistentVolumeClaim", "name": source.claim});
    claim["spec"]["dataSource"] = from.clone();
    claim["spec"]["dataSourceRef"] = from;
    Some(())
}
