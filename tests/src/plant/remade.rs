//! Names that change, and datasets that are made anew.

use serde_json::{Value, json};

use super::property::{creation, size, text, txg};
use super::scene::Day;
use super::snapshot::{SNAPSHOTS, created, set};

/// First guid of objects that are made here.
const FIRST_GUID: u64 = 9_200_000_000_000_000_000;

/// First guid of snapshots of datasets that were made anew, and how many each dataset has.
const FIRST_SNAPSHOT_GUID: u64 = 9_300_000_000_000_000_000;
const GUIDS_A_DATASET: u64 = 10_000;

/// What a file system or zvol holds in which nobody has written yet.
pub(super) const EMPTY_BYTES: u64 = 196_608;

/// Prefix of the properties of democratic-csi.
pub(super) const PREFIX: &str = "democratic-csi:";

/// Lists that name the dataset of a volume.
const LISTS: [&str; 5] = [
    "pool.dataset.query",
    "pool.snapshot.query",
    "pool.snapshottask.query",
    "sharing.nfs.query",
    "iscsi.extent.query",
];

/// Spells a name differently in every text of a value.
pub(super) fn respell(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text.contains(from) => *text = text.replace(from, to),
        Value::Array(values) => values.iter_mut().for_each(|one| respell(one, from, to)),
        Value::Object(members) => members.values_mut().for_each(|one| respell(one, from, to)),
        _ => {}
    }
}

/// `zfs rename`: whatever the appliance knows by the path follows.
pub(super) fn rename(day: &mut Day, from: &str, to: &str) {
    for method in LISTS {
        for row in day.rows(method) {
            respell(row, from, to);
        }
    }
}

/// Makes a row that of another dataset: made at that moment, with a guid of its own.
pub(super) fn remake(dataset: &mut Value, created: i64, number: u32) {
    let guid = FIRST_GUID + u64::from(number);
    dataset["creation"] = creation(created);
    dataset["createtxg"] = text(&txg(created), "NONE");
    dataset["guid"] = text(&guid.to_string(), "NONE");
    dataset["guid"]["parsed"] = json!(guid);
}

/// Lets a dataset hold so much data of its own, and nothing else.
pub(super) fn fill(dataset: &mut Value, bytes: u64) {
    let bytes = bytes.max(EMPTY_BYTES);
    for name in [
        "used",
        "usedbydataset",
        "referenced",
        "logicalused",
        "logicalreferenced",
    ] {
        dataset[name] = size(bytes, "NONE");
    }
    for name in ["usedbysnapshots", "usedbychildren", "usedbyrefreservation"] {
        dataset[name] = size(0, "NONE");
    }
    if let Some(limit) = dataset["refquota"]["parsed"].as_u64() {
        dataset["available"] = size(limit.saturating_sub(bytes), "NONE");
    }
}

/// Sets a property of the driver on a dataset.
pub(super) fn mark(dataset: &mut Value, name: &str, value: &str) {
    dataset["user_properties"][format!("{PREFIX}{name}")] = text(value, "LOCAL");
}

/// A dataset was made anew: older snapshots went with the one before it, and each of the others is one of a dataset in
/// which nothing was written since.
pub(super) fn begin_anew(day: &mut Day, dataset: &str, made: i64, number: u32, bytes: u64) {
    let rows = day.rows(SNAPSHOTS);
    rows.retain(|row| row["dataset"] != dataset || created(row) > made);
    let first_guid = FIRST_SNAPSHOT_GUID + u64::from(number) * GUIDS_A_DATASET;
    let own = rows.iter_mut().filter(|row| row["dataset"] == dataset);
    for (written, row) in std::iter::once(bytes).chain(std::iter::repeat(0)).zip(own) {
        // The number of the day: a snapshot keeps its guid for as long as it lives.
        let guid = first_guid + created(row).unsigned_abs() / 86_400 % GUIDS_A_DATASET;
        set(row, "guid", text(&guid.to_string(), "NONE"));
        for (name, bytes) in [("used", 0), ("referenced", bytes), ("written", written)] {
            set(row, name, size(bytes, "NONE"));
        }
    }
}
