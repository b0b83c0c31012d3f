//! F48: a recursive snapshot task over the volumes of a driver, and a snapshot that is held.

use serde_json::{Value, json};

use super::Share;
use super::scene::Scene;
use super::snapshot::{SNAPSHOTS, Snapshot, Space, take_with};

const DAY: i64 = 86_400;
const TASKS: &str = "pool.snapshottask.query";

/// A recursive task of the site covers the parent of the block volumes, and nothing is replicated from there; one snapshot
/// has been held for months. Beside them a recursive task above that leaves both parents out, and a snapshot that is held
/// since yesterday.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let held = scene.volume(Share::Iscsi)?;
    let fresh = scene.volume(Share::Iscsi)?;
    let number = scene.number() * 100;
    let first = scene.days().next()?.now;
    let parent = Share::Iscsi.parent();
    for day in scene.days() {
        let now = day.now;
        for (path, created, number) in [
            (&held.dataset, first - 90 * DAY, number),
            (&fresh.dataset, first - DAY / 2, number + 1),
        ] {
            let name = format!("before-upgrade-{number}");
            let (used, written) = (1 << 20, 1 << 20);
            take_with(
                day,
                &Snapshot {
                    dataset: path,
                    name: &name,
                    created,
                },
                Space { used, written },
            );
            let id = json!(format!("{path}@{name}"));
            let row = day.row(SNAPSHOTS, "id", &id)?;
            row["holds"] = json!({"keep": created});
            row["properties"]["userrefs"] =
                json!({"parsed": "1", "rawvalue": "1", "value": "1", "source": "NONE"});
        }
        let midnight = now - now.rem_euclid(DAY);
        let task = json!({
            "id": 9_000 + number, "dataset": "tank/k8s", "recursive": true, "lifetime_value": 1, "lifetime_unit": "WEEK",
            "enabled": true, "exclude": ["tank/k8s/iscsi", "tank/k8s/nfs"], "naming_schema": "site-%Y-%m-%d_%H-%M",
            "allow_empty": true, "vmware_sync": false, "schedule": nightly(),
            "state": {"state": "FINISHED", "datetime": {"$date": (midnight + 60) * 1_000}},
        });
        day.rows(TASKS).push(task);
        for age in 0..7 {
            let created = midnight - age * DAY;
            let name = jiff::Timestamp::from_second(created)
                .ok()?
                .strftime("site-%Y-%m-%d_%H-%M")
                .to_string();
            take_with(
                day,
                &Snapshot {
                    dataset: "tank/k8s",
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
    for day in scene.sick_days() {
        for task in day.rows("replication.query") {
            let covers =
                |source: &Value| source.as_str().is_some_and(|path| parent.starts_with(path));
            let sources = task["source_datasets"].as_array();
            if sources.is_some_and(|sources| sources.iter().any(covers)) {
                task["enabled"] = json!(false);
            }
        }
        let is_covered = day
            .answered(TASKS)
            .iter()
            .any(|task| task["dataset"] == parent);
        if !is_covered {
            let mut task = day.rows(TASKS).last()?.clone();
            task["id"] = json!(9_500 + number);
            task["dataset"] = json!(parent);
            task["exclude"] = json!([]);
            task["naming_schema"] = json!("auto-%Y-%m-%d_%H-%M");
            day.rows(TASKS).push(task);
        }
    }
    scene.fact("CFG-018", "zfs_dataset", parent, "confirmed");
    scene.fact("SNP-010", "zfs_dataset", parent, "confirmed");
    scene.fact("F48", "zfs_dataset", parent, "confirmed");
    let subject = format!("{}@before-upgrade-{number}", held.dataset);
    scene.fact("F48", "zfs_snapshot", &subject, "confirmed");
    Some(())
}

fn nightly() -> Value {
    json!({"minute": "0", "hour": "0", "dom": "*", "month": "*", "dow": "*", "begin": "00:00", "end": "23:59"})
}
