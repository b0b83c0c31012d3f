//! `pool.query`: two pools whose raw bytes fit their datasets; their disks, and when they are scrubbed.

use std::io;

use serde_json::{Value, json};

use crate::estate::calendar::{DAY, HOUR};
use crate::estate::dataset::{Dataset, usable_bytes};
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::write::Folder;

/// How the disks of a pool are put together.
struct Layout {
    kind: &'static str,
    n_disks: u32,
    n_parity: u32,
    n_disks_before: u32,
}

/// Writes the list.
pub(super) fn write(
    estate: &Estate,
    day: usize,
    datasets: &[Dataset],
    folder: &Folder,
) -> io::Result<()> {
    let tank = Layout {
        kind: "RAIDZ2",
        n_disks: 6,
        n_parity: 2,
        n_disks_before: 0,
    };
    let fast = Layout {
        kind: "MIRROR",
        n_disks: 2,
        n_parity: 1,
        n_disks_before: 6,
    };
    let mut pools = Vec::new();
    let mut disks = Vec::new();
    let mut scrubs = Vec::new();
    for (id, name, layout) in [(1, "tank", tank), (2, "fast", fast)] {
        let used = datasets
            .iter()
            .find(|dataset| dataset.path == name)
            .map_or(0, Dataset::used);
        pools.push(pool(estate, day, (id, name), used, &layout));
        disks.extend((0..layout.n_disks).map(|disk| device(estate, (id, name), disk, &layout)));
        scrubs.push(json!({
            "id": id, "pool": id, "pool_name": name, "threshold": 35, "description": "", "enabled": true,
            "schedule": {"minute": "00", "hour": "00", "dom": "*", "month": "*", "dow": "7"},
        }));
    }
    folder.json("truenas/disk.query.json", &Value::Array(disks))?;
    folder.json("truenas/pool.scrub.query.json", &Value::Array(scrubs))?;
    folder.json("truenas/pool.query.json", &Value::Array(pools))
}

fn device_name(layout: &Layout, disk: u32) -> String {
    let number = layout.n_disks_before + disk;
    format!("sd{}", char::from(b'a' + u8::try_from(number).unwrap_or(0)))
}

/// Rotating disks below RAIDZ, flash below mirrors.
fn device(estate: &Estate, (id, pool): (u32, &str), disk: u32, layout: &Layout) -> Value {
    let is_flash = layout.kind == "MIRROR";
    let name = device_name(layout, disk);
    let serial = format!("TEST{id:02}{disk:02}");
    let lun = estate.seed.hex(Use::PoolGuid, 1_000 * id + disk, 16);
    json!({
        "identifier": format!("{{serial_lunid}}{serial}_{lun}"), "name": name, "subsystem": "scsi",
        "number": 2_048 + 16 * (layout.n_disks_before + disk), "serial": serial, "lunid": lun,
        "size": 4_000_787_030_016u64, "description": "", "transfermode": "Auto", "hddstandby": "ALWAYS ON",
        "advpowermgmt": "DISABLED", "expiretime": null,
        "model": if is_flash { "SSD-TEST-4T" } else { "HDD-TEST-4T" },
        "rotationrate": if is_flash { Value::Null } else { json!(7_200) },
        "type": if is_flash { "SSD" } else { "HDD" },
        "zfs_guid": estate.seed.number(Use::PoolGuid, id, 10 + disk).to_string(), "bus": "SCSI", "devname": name,
        "enclosure": null, "pool": pool,
    })
}

/// Raw bytes count parity on RAIDZ and one side of a mirror; slop space is part of the raw size and of nothing else.
fn pool(estate: &Estate, day: usize, (id, name): (u32, &str), used: u64, layout: &Layout) -> Value {
    let usable = usable_bytes(estate, name);
    let slop = (usable / 32).min(128 << 30);
    let raw = |bytes: u64| match layout.kind {
        "MIRROR" => bytes,
        _ => bytes / u64::from(layout.n_disks - layout.n_parity) * u64::from(layout.n_disks),
    };
    let (size, allocated) = (raw(usable + slop), raw(used));
    let free = size - allocated;
    let scrub = last_sunday(estate.calendar.midnight(day)) * 1_000;
    json!({
        "id": id, "name": name, "guid": estate.seed.number(Use::PoolGuid, id, 0).to_string(),
        "path": format!("/mnt/{name}"), "status": "ONLINE", "healthy": true, "warning": false, "status_code": "OK",
        "status_detail": null, "size": size, "allocated": allocated, "free": free, "freeing": 0,
        "fragmentation": "12", "size_str": size.to_string(), "allocated_str": allocated.to_string(),
        "free_str": free.to_string(), "freeing_str": "0",
        "autotrim": {"parsed": "off", "rawvalue": "off", "source": "DEFAULT", "value": "off"},
        "expand": null, "dedup_table_size": 0, "dedup_table_quota": "auto", "is_upgraded": true,
        "scan": {
            "function": "SCRUB", "state": "FINISHED", "start_time": {"$date": scrub},
            "end_time": {"$date": scrub + 4 * HOUR * 1_000}, "percentage": 99.998, "bytes_to_process": allocated,
            "bytes_processed": allocated, "bytes_issued": allocated, "pause": null, "errors": 0, "total_secs_left": null,
        },
        "topology": {
            "data": [vdev(estate, id, size, allocated, layout)],
            "log": [], "cache": [], "spare": [], "special": [], "dedup": [],
        },
    })
}

fn vdev(estate: &Estate, pool: u32, size: u64, allocated: u64, layout: &Layout) -> Value {
    let per_disk = if layout.kind == "MIRROR" {
        size
    } else {
        size / u64::from(layout.n_disks)
    };
    let disks: Vec<Value> = (0..layout.n_disks)
        .map(|disk| {
            let name = device_name(layout, disk);
            let part = estate.seed.uuid(Use::PoolGuid, pool, 100 + disk);
            let guid = estate.seed.number(Use::PoolGuid, pool, 10 + disk).to_string();
            json!({
                "name": part, "type": "DISK", "path": format!("/dev/disk/by-partuuid/{part}"), "guid": guid,
                "status": "ONLINE", "stats": stats(per_disk, 0), "children": [], "device": format!("{name}1"),
                "disk": name, "unavail_disk": null,
            })
        })
        .collect();
    json!({
        "name": format!("{}-0", layout.kind.to_lowercase()), "type": layout.kind, "path": null,
        "guid": estate.seed.number(Use::PoolGuid, pool, 1).to_string(), "status": "ONLINE",
        "stats": stats(size, allocated), "children": disks, "unavail_disk": null,
    })
}

fn stats(size: u64, allocated: u64) -> Value {
    json!({
        "timestamp": 1_048_455_926_535_000u64, "read_errors": 0, "write_errors": 0, "checksum_errors": 0,
        "ops": [0, 0, 0, 0, 0, 0, 0], "bytes": [0, 0, 0, 0, 0, 0, 0], "size": size, "allocated": allocated,
        "fragmentation": if allocated > 0 { 12 } else { 0 }, "self_healed": 0, "configured_ashift": 12,
        "logical_ashift": 9, "physical_ashift": 12,
    })
}

/// The Sunday before a midnight; day 0 of the Unix epoch was a Thursday.
fn last_sunday(midnight: i64) -> i64 {
    midnight - (midnight / DAY + 4).rem_euclid(7).max(1) * DAY
}
