//! What is true of a pool as a whole, told again when everything is planted: objects of one mode change the sums of all.

use serde_json::Value;

use super::property::{DATASETS, bytes};
use super::scene::Day;

/// Check of the share of zvols in a pool with parity.
const BLOCK_POOL: &str = "BPR-007";
/// Checks of what volumes promise, beside the size of their pool and beside what is free in it.
const OVERCOMMIT: &str = "CAP-003";
const UNBACKED: &str = "CAP-004";

/// What tells a detached snapshot, which nobody writes to.
const DETACHED: &str = "democratic-csi:csi_snapshot_name";

const SECTOR_BYTES: u64 = 4_096;
const FULL_BLOCK_BYTES: u64 = 128 << 10;

/// Says again what holds of each pool of a day.
pub(super) fn settle(day: &mut Day) {
    blocks(day);
    promises(day);
}

/// Whether zvols hold more than half of pool `tank`.
fn blocks(day: &mut Day) {
    let rows = day.answered(DATASETS);
    let used = |row: &Value| bytes(row, "used");
    let zvols = rows
        .iter()
        .filter(|row| row["type"] == "VOLUME" && row["pool"] == "tank");
    let root = rows.iter().find(|row| row["name"] == "tank");
    let is_mostly_blocks = zvols.map(used).sum::<u64>() * 2 > root.map_or(0, used);
    tell(day, BLOCK_POOL, "tank", is_mostly_blocks);
}

/// Whether volumes promise more than their pool has, and may still write more than is free in it.
fn promises(day: &mut Day) {
    let pools: Vec<(String, Option<(u64, u64)>)> = day
        .answered("pool.query")
        .iter()
        .filter_map(|pool| Some((pool["name"].as_str()?.to_owned(), layout(pool))))
        .collect();
    for (pool, layout) in pools {
        let rows = day.answered(DATASETS);
        let Some(root) = rows.iter().find(|row| row["name"] == pool.as_str()) else {
            continue;
        };
        let (mut promised, mut unbacked) = (0, 0);
        for row in rows.iter().filter(|row| row["pool"] == pool.as_str()) {
            let Some((promise, worst)) = promise(row, rows, layout) else {
                continue;
            };
            promised += promise;
            let backed = bytes(row, "usedbydataset") + bytes(row, "usedbyrefreservation");
            unbacked += worst.saturating_sub(backed);
        }
        let (used, free) = (bytes(root, "used"), bytes(root, "available"));
        tell(day, OVERCOMMIT, &pool, promised > used + free);
        tell(day, UNBACKED, &pool, unbacked > free);
    }
}

/// Disks and disks of parity of the first data vdev of a pool; nothing of mirrors and single disks.
fn layout(pool: &Value) -> Option<(u64, u64)> {
    let vdev = pool["topology"]["data"].get(0)?;
    let n_disks = vdev["children"].as_array()?.len() as u64;
    let kind = vdev["type"].as_str()?;
    let n_parity = kind.strip_prefix("RAIDZ")?.parse().ok()?;
    Some((n_disks, n_parity))
}

/// What a dataset promises, and what it takes at the worst.
fn promise(row: &Value, rows: &[Value], layout: Option<(u64, u64)>) -> Option<(u64, u64)> {
    if !row["user_properties"][DETACHED].is_null() {
        return None;
    }
    if row["type"] == "VOLUME" {
        let (size, block) = (bytes(row, "volsize"), bytes(row, "volblocksize"));
        let n_blocks = size.div_ceil(block.max(1));
        return Some((size, n_blocks * charged(block, layout) + metadata(n_blocks)));
    }
    let is_parent = |path: &str| {
        let inside = |row: &Value| {
            let rest = row["name"].as_str()?.strip_prefix(path)?;
            rest.starts_with('/').then_some(())
        };
        rows.iter().any(|row| inside(row).is_some())
    };
    let limit = match (bytes(row, "refquota"), bytes(row, "quota")) {
        (0, 0) => return None,
        (0, _) if is_parent(row["name"].as_str()?) => return None,
        (0, quota) => quota,
        (refquota, _) => refquota,
    };
    Some((limit, limit))
}

/// What a block is charged: its raw size with parity and padding, in units in which a block of 128 KiB costs itself.
fn charged(block: u64, layout: Option<(u64, u64)>) -> u64 {
    let Some((n_disks, n_parity)) = layout else {
        return block;
    };
    let raw = |block: u64| {
        let n_data = block.div_ceil(SECTOR_BYTES);
        let n_all = n_data + n_parity * n_data.div_ceil(n_disks - n_parity);
        n_all.next_multiple_of(n_parity + 1) * SECTOR_BYTES
    };
    raw(block) * FULL_BLOCK_BYTES / raw(FULL_BLOCK_BYTES)
}

/// Two copies of the blocks that lead to so many others.
fn metadata(n_blocks: u64) -> u64 {
    let (mut n_metadata, mut n) = (7, n_blocks);
    while n > 1 {
        n = n.div_ceil(1_024);
        n_metadata += n;
    }
    n_metadata * 2 * FULL_BLOCK_BYTES
}

fn tell(day: &mut Day, check: &str, pool: &str, is_so: bool) {
    day.forget(check, pool);
    if is_so {
        day.add_fact(check, "nas_pool", pool, "confirmed", 0);
    }
}
