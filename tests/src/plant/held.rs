//! SNP-013: a snapshot is held for months.

use serde_json::json;

use super::scene::Scene;
use super::snapshot::{Snapshot, Space, take_with};
use super::{Share, Volume};

const DAY: i64 = 86_400;

/// Somebody held a snapshot before an upgrade and forgot it. Beside it a snapshot that a replication task holds for itself,
/// and one that is held since yesterday.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let forgotten = scene.volume(Share::Nfs)?;
    let (copied, fresh) = (scene.volume(Share::Nfs)?, scene.volume(Share::Nfs)?);
    let id = 9_000 + scene.number();
    let first = scene.days().next()?.now;
    let subject = hold(scene, &forgotten, first - 90 * DAY)?;
    hold(scene, &copied, first - 90 * DAY)?;
    hold(scene, &fresh, first - DAY)?;
    for day in scene.days() {
        let finished = (day.now - DAY / 2) * 1_000;
        let task = json!({
            "id": id, "name": "volume to dr", "direction": "PUSH", "transport": "SSH",
            "source_datasets": [copied.dataset], "target_dataset": "backup/volume", "recursive": false, "exclude": [],
            "auto": true, "enabled": true, "retention_policy": "SOURCE", "lifetime_value": null, "lifetime_unit": null,
            "naming_schema": [], "also_include_naming_schema": [], "name_regex": "held-.*", "readonly": "SET",
            "hold_pending_snapshots": true, "periodic_snapshot_tasks": [],
            "state": {
                "state": "FINISHED", "last_snapshot": format!("{}@held-1", copied.dataset),
                "datetime": {"$date": finished},
            },
        });
        day.rows("replication.query").push(task);
    }
    scene.fact("SNP-013", "zfs_snapshot", &subject, "confirmed");
    scene.fact("SNP-010", "zfs_dataset", Share::Nfs.parent(), "confirmed");
    Some(())
}

/// Takes a snapshot of a volume and holds it; returns its id.
fn hold(scene: &mut Scene, volume: &Volume, created: i64) -> Option<String> {
    let number = scene.number();
    let name = format!("held-{number}");
    let id = format!("{}@{name}", volume.dataset);
    for day in scene.days() {
        let snapshot = Snapshot {
            dataset: &volume.dataset,
            name: &name,
            created,
        };
        let space = Space {
            used: 1 << 20,
            written: 1 << 20,
        };
        let row = take_with(day, &snapshot, space)?;
        row["holds"] = json!({"keep": created});
        row["properties"]["userrefs"] =
            json!({"parsed": "1", "rawvalue": "1", "value": "1", "source": "NONE"});
    }
    Some(id)
}
