//! Names that change, and datasets that are made anew.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::scene::Day;
use crate::estate::human;

/// When the pools were made, and how long one of their transaction groups lasts.
const POOL_BORN: i64 = 1_700_000_000;
const SECS_PER_TXG: i64 = 5;

/// First guid of objects that are made here.
const FIRST_GUID: u64 = 9_200_000_000_000_000_000;

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

/// The dataset of that path.
pub(super) fn dataset<'a>(day: &'a mut Day, path: &str) -> Option<&'a mut Value> {
    day.row("pool.dataset.query", "name", &json!(path))
}

/// A property whose text says it all.
pub(super) fn property(text: &str, source: &str) -> Value {
    json!({"parsed": text, "rawvalue": text, "value": text, "source": source, "source_info": null})
}

/// A property that is a number of bytes.
pub(super) fn size(bytes: u64) -> Value {
    json!({
        "parsed": bytes, "rawvalue": bytes.to_string(), "value": human(bytes), "source": "NONE", "source_info": null,
    })
}

/// Transaction group of a moment.
pub(super) fn txg(second: i64) -> String {
    ((second - POOL_BORN) / SECS_PER_TXG + 4).to_string()
}

/// A moment as the property `creation`.
pub(super) fn creation(second: i64) -> Value {
    let wall = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
    json!({
        "parsed": {"$date": second * 1_000}, "rawvalue": second.to_string(), "source": "NONE", "source_info": null,
        "value": wall.strftime("%a %b %e %k:%M %Y").to_string(),
    })
}

/// Makes a row that of another dataset: made at that moment, with a guid of its own.
pub(super) fn remake(dataset: &mut Value, created: i64, number: u32) {
    let guid = FIRST_GUID + u64::from(number);
    dataset["creation"] = creation(created);
    dataset["createtxg"] = property(&txg(created), "NONE");
    dataset["guid"] = property(&guid.to_string(), "NONE");
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
        dataset[name] = size(bytes);
    }
    for name in ["usedbysnapshots", "usedbychildren", "usedbyrefreservation"] {
        dataset[name] = size(0);
    }
    if let Some(limit) = dataset["refquota"]["parsed"].as_u64() {
        dataset["available"] = size(limit.saturating_sub(bytes));
    }
}

/// Sets a property of the driver on a dataset.
pub(super) fn mark(dataset: &mut Value, name: &str, text: &str) {
    dataset["user_properties"][format!("{PREFIX}{name}")] = property(text, "LOCAL");
}
