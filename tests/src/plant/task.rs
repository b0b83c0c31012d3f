//! Periodic snapshot tasks and what they leave behind, one check each.

use serde_json::{Value, json};

use super::property::{DATASETS, dataset, size};
use super::scene::{Day, Scene};
use super::snapshot::{Snapshot, Space, take_with};
use super::vendor::named;

const DAY: i64 = 86_400;
const TASKS: &str = "pool.snapshottask.query";

/// Two datasets of the site that no other task covers: one for the fault, one for what looks like it.
fn shelves(scene: &mut Scene) -> Option<(String, String)> {
    let number = scene.number();
    let guid = 6_900_000_000_u64 + u64::from(number) * 10;
    let paths = (
        format!("tank/site-{number}"),
        format!("tank/site-{number}-too"),
    );
    for day in scene.days() {
        for (path, guid) in [(&paths.0, guid), (&paths.1, guid + 1)] {
            let mut row = named(dataset(day, "tank/media")?.clone(), path, guid);
            row["mountpoint"] = json!(format!("/mnt/{path}"));
            for part in ["used", "usedbydataset", "usedbychildren", "referenced"] {
                row[part] = size(0, "NONE");
            }
            day.rows(DATASETS).push(row);
        }
    }
    Some(paths)
}

/// A task for one dataset, every midnight.
pub(super) fn nightly(id: u32, dataset: &str, schema: &str, weeks: i64, now: i64) -> Value {
    let midnight = now - now.rem_euclid(DAY);
    json!({
        "id": id, "dataset": dataset, "recursive": false, "lifetime_value": weeks, "lifetime_unit": "WEEK",
        "enabled": true, "exclude": [], "naming_schema": schema, "allow_empty": true, "vmware_sync": false,
        "schedule": {"minute": "0", "hour": "0", "dom": "*", "month": "*", "dow": "*", "begin": "00:00", "end": "23:59"},
        "state": {"state": "FINISHED", "datetime": {"$date": (midnight + 60) * 1_000}},
    })
}

/// Snapshots of the midnights from `youngest` days ago to `oldest` days ago, named by a schema.
pub(super) fn midnights(day: &mut Day, dataset: &str, schema: &str, youngest: i64, oldest: i64) {
    let midnight = day.now - day.now.rem_euclid(DAY);
    for age in youngest..=oldest {
        let created = midnight - age * DAY;
        let time = jiff::Timestamp::from_second(created).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let name = time.strftime(schema).to_string();
        take_with(
            day,
            &Snapshot {
                dataset,
                name: &name,
                created,
            },
            Space {
                used: 65_536,
                written: 65_536,
            },
        );
    }
}

/// SCH-001: two tasks of one dataset name their snapshots alike. Beside them two tasks with names and periods of their own.
pub(super) fn colliding(scene: &mut Scene) -> Option<()> {
    let (sick, fine) = shelves(scene)?;
    let number = scene.number() * 1_000;
    let id = 9_000 + number;
    let (schema, weekly) = ("auto-%Y-%m-%d_%H-%M", "week-%Y-%m-%d_%H-%M");
    for day in scene.days() {
        let now = day.now;
        let sunday = now - (now - 3 * DAY).rem_euclid(7 * DAY);
        let mut long = nightly(id + 3, &fine, weekly, 8, now);
        long["schedule"]["dow"] = json!("sun");
        day.rows(TASKS).push(nightly(id, &sick, schema, 2, now));
        day.rows(TASKS).push(nightly(id + 2, &fine, schema, 2, now));
        day.rows(TASKS).push(long);
        midnights(day, &sick, schema, 0, 13);
        midnights(day, &fine, schema, 0, 13);
        let since_sunday = (now - sunday) / DAY;
        for week in 0..8 {
            let age = since_sunday + 7 * week;
            midnights(day, &fine, weekly, age, age);
        }
    }
    for day in scene.sick_days() {
        let task = nightly(id + 1, &sick, schema, 4, day.now);
        day.rows(TASKS).push(task);
    }
    scene.fact("SCH-001", "zfs_dataset", &sick, "confirmed");
    Some(())
}

/// SCH-002: a task whose snapshots are never removed. Beside it one that has a single old snapshot.
pub(super) fn unpruned(scene: &mut Scene) -> Option<()> {
    let (sick, fine) = shelves(scene)?;
    let number = scene.number() * 1_000;
    let (id, schema) = (9_000 + number, "auto-%Y-%m-%d_%H-%M");
    for day in scene.days() {
        for (id, dataset, oldest) in [(id, &sick, 60), (id + 1, &fine, 14)] {
            let task = nightly(id, dataset, schema, 2, day.now);
            day.rows(TASKS).push(task);
            midnights(day, dataset, schema, 0, oldest);
        }
    }
    scene.fact("SCH-002", "zfs_dataset", &sick, "confirmed");
    scene.fact("SNP-007", "zfs_dataset", &sick, "confirmed");
    Some(())
}

/// SNP-006: the newest snapshot of a nightly task is five days old. Beside it a task that is switched off.
pub(super) fn stale(scene: &mut Scene) -> Option<()> {
    let (sick, fine) = shelves(scene)?;
    let number = scene.number() * 1_000;
    let (id, schema) = (9_000 + number, "auto-%Y-%m-%d_%H-%M");
    for day in scene.days() {
        let now = day.now;
        let mut failing = nightly(id, &sick, schema, 2, now);
        failing["state"] = json!({"state": "ERROR", "error": "out of space", "datetime": {"$date": (now - 3 * DAY) * 1_000}});
        let mut off = nightly(id + 1, &fine, schema, 4, now);
        off["enabled"] = json!(false);
        day.rows(TASKS).extend([failing, off]);
        for dataset in [&sick, &fine] {
            midnights(day, dataset, schema, 5, 12);
        }
    }
    scene.fact("SNP-006", "zfs_dataset", &sick, "confirmed");
    Some(())
}

/// SNP-007: some snapshots outlived their schedule. Beside it a dataset whose old snapshots are not the task's.
pub(super) fn kept_too_long(scene: &mut Scene) -> Option<()> {
    let (sick, fine) = shelves(scene)?;
    let number = scene.number() * 1_000;
    let (id, schema) = (9_000 + number, "auto-%Y-%m-%d_%H-%M");
    for day in scene.days() {
        for (id, dataset, oldest) in [(id, &sick, 19), (id + 1, &fine, 13)] {
            let task = nightly(id, dataset, schema, 2, day.now);
            day.rows(TASKS).push(task);
            midnights(day, dataset, schema, 0, oldest);
        }
        midnights(day, &fine, "before-upgrade-%Y-%m-%d", 90, 95);
    }
    scene.fact("SNP-007", "zfs_dataset", &sick, "confirmed");
    Some(())
}

/// SNP-008: a disk of a virtual machine with very many snapshots. Beside it one that comes near the limit.
pub(super) fn too_many(scene: &mut Scene) -> Option<()> {
    let (many, few) = ("tank/vm/web-01", "tank/vm/build-02");
    for day in scene.sick_days() {
        midnights(day, many, "by-hand-%Y%m%d", 0, 512);
        midnights(day, few, "by-hand-%Y%m%d", 0, 499);
    }
    scene.fact("SNP-008", "zfs_dataset", many, "confirmed");
    Some(())
}
