//! Snapshots as `pool.snapshot.query` prints them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::property::dataset;
use super::scene::Day;
use crate::estate::human;

/// Method that lists snapshots.
pub(super) const SNAPSHOTS: &str = "pool.snapshot.query";

/// First transaction group of the pools, and how long one lasts.
const SECS_PER_TXG: i64 = 5;
const POOL_BORN: i64 = 1_700_000_000;

/// A snapshot that is to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snapshot<'a> {
    /// Path of its dataset.
    pub dataset: &'a str,
    /// What stands behind the `@`.
    pub name: &'a str,
    /// When it was taken, Unix seconds.
    pub created: i64,
    /// Bytes that only it holds.
    pub used: u64,
    /// Bytes written between the snapshot before it and it.
    pub written: u64,
    /// A number that no other snapshot has.
    pub number: u32,
}

/// Adds a snapshot, with the properties that it inherits from its dataset.
pub(super) fn take(day: &mut Day, snapshot: Snapshot) {
    let row = row(day, snapshot);
    day.rows(SNAPSHOTS).push(row);
}

fn row(day: &mut Day, snapshot: Snapshot) -> Value {
    let dataset = dataset(day, snapshot.dataset).cloned().unwrap_or_default();
    let id = format!("{}@{}", snapshot.dataset, snapshot.name);
    let txg = ((snapshot.created - POOL_BORN) / SECS_PER_TXG).to_string();
    let same =
        |text: &str| json!({"parsed": text, "rawvalue": text, "value": text, "source": "NONE"});
    let size = |bytes: u64| json!({"parsed": bytes, "rawvalue": bytes.to_string(), "value": human(bytes), "source": "NONE"});
    let wall = Timestamp::from_second(snapshot.created).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut properties = Map::new();
    if let Some(inherited) = dataset["user_properties"].as_object() {
        for (name, value) in inherited {
            let mut value = value.clone();
            value["source"] = json!("INHERITED");
            if let Some(members) = value.as_object_mut() {
                members.remove("source_info");
            }
            properties.insert(name.clone(), value);
        }
    }
    for (name, value) in [
        ("clones", same("")),
        ("compressratio", same("1.42")),
        ("createtxg", same(&txg)),
        ("defer_destroy", same("off")),
        (
            "guid",
            same(&(7_000_000_000_u64 + u64::from(snapshot.number)).to_string()),
        ),
        ("type", same("snapshot")),
        ("userrefs", same("0")),
        (
            "referenced",
            size(dataset["referenced"]["parsed"].as_u64().unwrap_or_default()),
        ),
        ("used", size(snapshot.used)),
        ("written", size(snapshot.written)),
        (
            "creation",
            json!({
                "parsed": {"$date": snapshot.created * 1_000}, "rawvalue": snapshot.created.to_string(),
                "value": wall.strftime("%a %b %e %k:%M %Y").to_string(), "source": "NONE",
            }),
        ),
    ] {
        properties.insert(name.to_owned(), value);
    }
    json!({
        "id": id, "name": id, "dataset": snapshot.dataset, "snapshot_name": snapshot.name, "type": "SNAPSHOT",
        "pool": dataset["pool"], "createtxg": txg, "holds": {}, "properties": properties,
    })
}
