//! Pools that are not cared for, one check each.

use serde_json::{Value, json};

use super::Share;
use super::property::{DATASETS, bytes, grow};
use super::property::{dataset, size, usable_bytes};
use super::scene::{Day, Scene};
use super::vendor::named;

const POOLS: &str = "pool.query";
const DAY: i64 = 86_400;

fn pool<'a>(day: &'a mut Day, name: &str) -> Option<&'a mut Value> {
    day.row(POOLS, "name", &json!(name))
}

fn first_disk(pool: &mut Value) -> &mut Value {
    &mut pool["topology"]["data"][0]["children"][0]
}

/// BPR-001: a pool lost a disk, and a disk of the other pool counts checksum errors. Beside them a critical alert that was
/// put aside.
pub(super) fn unhealthy(scene: &mut Scene) -> Option<()> {
    let uuid = scene.uuid();
    let mut guid = String::new();
    for day in scene.days() {
        let at = (day.now - 3_600) * 1_000;
        let alert = json!({
            "uuid": uuid, "source": "", "klass": "SMART", "args": {"device": "sda", "message": "1 pending sector"},
            "node": "Controller A", "key": "[\"sda\"]", "datetime": {"$date": at}, "last_occurrence": {"$date": at},
            "dismissed": true, "mail": null, "text": "Device: %(device)s, %(message)s.", "id": uuid, "level": "CRITICAL",
            "formatted": "Device: sda, 1 pending sector.", "one_shot": true,
        });
        day.rows("alert.list").push(alert);
    }
    for day in scene.sick_days() {
        let tank = pool(day, "tank")?;
        tank["status"] = json!("DEGRADED");
        tank["status_code"] = json!("FAULTED_DEV_R");
        tank["healthy"] = json!(false);
        tank["topology"]["data"][0]["status"] = json!("DEGRADED");
        first_disk(tank)["status"] = json!("FAULTED");
        let disk = first_disk(pool(day, "fast")?);
        disk["stats"]["checksum_errors"] = json!(12);
        guid = disk["guid"].as_str()?.to_owned();
    }
    scene.fact("BPR-001", "nas_pool", "tank", "confirmed");
    scene.fact("BPR-001", "nas_vdev", &guid, "confirmed");
    Some(())
}

/// BPR-002: a pool whose last scrub is long ago. Beside it one that is late by days only.
pub(super) fn unscrubbed(scene: &mut Scene) -> Option<()> {
    for day in scene.days() {
        let now = day.now;
        for (name, days) in [("tank", 70), ("fast", 38)] {
            let scan = &mut pool(day, name)?["scan"];
            scan["start_time"] = json!({"$date": (now - days * DAY - 14_400) * 1_000});
            scan["end_time"] = json!({"$date": (now - days * DAY) * 1_000});
        }
    }
    scene.fact("BPR-002", "nas_pool", "tank", "confirmed");
    Some(())
}

/// CAP-002: zvols fill more than half of a pool. Beside it a pool of file systems that is as full.
pub(super) fn filled_with_zvols(scene: &mut Scene) -> Option<()> {
    let guid = 6_700_000_000_u64 + u64::from(scene.number());
    for day in scene.sick_days() {
        let path = "tank/vm/archive";
        let wanted = usable_bytes(day, "tank") / 100 * 55;
        let missing = wanted.saturating_sub(bytes(dataset(day, "tank")?, "used"));
        let mut zvol = named(dataset(day, "tank/vm/web-01")?.clone(), path, guid);
        zvol["volsize"] = size(missing / 16_384 * 16_384, "LOCAL");
        zvol["refreservation"] = json!({"parsed": null, "rawvalue": "0", "value": null, "source": "DEFAULT", "source_info": null});
        for part in [
            "used",
            "usedbydataset",
            "usedbyrefreservation",
            "usedbysnapshots",
            "usedbychildren",
        ] {
            zvol[part] = size(0, "NONE");
        }
        zvol["referenced"] = size(missing, "NONE");
        day.rows(DATASETS).push(zvol);
        grow(day, path, "usedbydataset", missing);
        let wanted = usable_bytes(day, "fast") / 100 * 55;
        let missing = wanted.saturating_sub(bytes(dataset(day, "fast")?, "used"));
        grow(day, "fast/scratch", "usedbydataset", missing);
    }
    scene.fact("CAP-002", "nas_pool", "tank", "confirmed");
    Some(())
}

/// CAP-015: a pool still frees a noticeable part of itself. Beside it one that frees little.
pub(super) fn freeing(scene: &mut Scene) -> Option<()> {
    for day in scene.sick_days() {
        for (name, parts) in [("tank", 40), ("fast", 1_000)] {
            let pool = pool(day, name)?;
            let bytes = pool["size"].as_u64()? / parts;
            pool["freeing"] = json!(bytes);
            pool["freeing_str"] = json!(bytes.to_string());
        }
    }
    scene.fact("CAP-015", "nas_pool", "tank", "candidate");
    Some(())
}

/// BPR-008: nobody warns initiators before a pool is full.
pub(super) fn silent(scene: &mut Scene) -> Option<()> {
    for day in scene.sick_days() {
        day.answer("iscsi.global.config")["pool_avail_threshold"] = Value::Null;
    }
    scene.fact("BPR-008", "nas_system", "nas01", "confirmed");
    Some(())
}

/// BPR-011: the appliance has two addresses, and block volumes can be reached through one of them only.
pub(super) fn single_path(scene: &mut Scene) -> Option<()> {
    for day in scene.sick_days() {
        let addresses = day.answer("nfs.config")["bindip"].as_array_mut()?;
        addresses.push(json!("192.0.2.11"));
    }
    scene.fact("BPR-011", "nas_iscsi_portal", "1", "probable");
    Some(())
}

/// BPR-006: zvols with small blocks on a pool with parity. Beside them blocks of the same size on mirrors.
pub(super) fn small_blocks(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    let guid = 6_700_000_000_u64 + u64::from(scene.number());
    let small = json!({"parsed": 8_192, "rawvalue": "8192", "value": "8K", "source": "NONE", "source_info": null});
    for day in scene.days() {
        dataset(day, &volume.dataset)?["volblocksize"] = small.clone();
        let mut zvol = named(dataset(day, "tank/vm/web-01")?.clone(), "fast/lab", guid);
        zvol["pool"] = json!("fast");
        zvol["volblocksize"] = small.clone();
        for part in [
            "used",
            "usedbydataset",
            "usedbyrefreservation",
            "referenced",
        ] {
            zvol[part] = size(0, "NONE");
        }
        zvol["volsize"] = size(1 << 30, "LOCAL");
        zvol["refreservation"] = size(1 << 30, "LOCAL");
        day.rows(DATASETS).push(zvol);
        grow(day, "fast/lab", "usedbyrefreservation", 1 << 30);
    }
    let parent = Share::Iscsi.parent();
    scene.fact("BPR-006", "zfs_dataset", parent, "confirmed");
    // Eight kilobytes cost three times as much there.
    scene.fact("CAP-013", "zfs_dataset", parent, "confirmed");
    Some(())
}
