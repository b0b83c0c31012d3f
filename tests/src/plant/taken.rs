//! Snapshots that are taken here, and those that go with an older dataset of the same name.

use serde_json::{Value, json};

use super::remade::{creation, property, size, txg};
use super::scene::Day;

/// First guid of snapshots of datasets that were made anew, and how many each dataset has.
const FIRST_GUID: u64 = 9_300_000_000_000_000_000;
const GUIDS_A_DATASET: u64 = 10_000;

/// A snapshot that is to be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken<'a> {
    /// Path of its dataset.
    pub dataset: &'a str,
    /// What stands behind the `@`.
    pub name: &'a str,
    /// When it was taken, Unix seconds.
    pub created: i64,
    /// A number that no other object has.
    pub number: u32,
}

/// Takes the first snapshot of a dataset, which nobody wrote to until the next one; returns its row. It has no property but
/// those of ZFS itself and what the dataset hands down.
pub(super) fn take<'a>(day: &'a mut Day, taken: Taken<'_>) -> Option<&'a mut Value> {
    let dataset = day.row("pool.dataset.query", "name", &json!(taken.dataset))?;
    let (pool, inherited) = (dataset["pool"].clone(), dataset["user_properties"].clone());
    let mut bytes = dataset["referenced"]["parsed"].as_u64()?;
    let rows = day.rows("pool.snapshot.query");
    let mut later = rows
        .iter_mut()
        .filter(|row| row["dataset"] == taken.dataset);
    if let Some(next) = later.next() {
        let properties = &mut next["properties"];
        bytes = properties["referenced"]["parsed"].as_u64()?;
        properties["written"] = bare(size(0));
    }
    let id = format!("{}@{}", taken.dataset, taken.name);
    let group = txg(taken.created);
    let mut properties = json!({
        "type": bare(property("snapshot", "NONE")), "creation": bare(creation(taken.created)),
        "used": bare(size(0)), "referenced": bare(size(bytes)), "written": bare(size(bytes)),
        "compressratio": bare(property("1.42", "NONE")), "createtxg": bare(property(&group, "NONE")),
        "guid": bare(property(&(FIRST_GUID - u64::from(taken.number)).to_string(), "NONE")),
        "userrefs": bare(property("0", "NONE")), "defer_destroy": bare(property("off", "NONE")),
        "clones": bare(property("", "NONE")),
    });
    for (name, value) in inherited.as_object().into_iter().flatten() {
        properties[name] = bare(value.clone());
        properties[name]["source"] = json!("INHERITED");
    }
    let rows = day.rows("pool.snapshot.query");
    rows.push(json!({
        "pool": pool, "name": id, "type": "SNAPSHOT", "snapshot_name": taken.name, "dataset": taken.dataset, "id": id,
        "createtxg": group, "properties": properties, "holds": {},
    }));
    rows.last_mut()
}

/// Sets a property of a snapshot that is its own.
pub(super) fn own(snapshot: &mut Value, name: &str, text: &str) {
    snapshot["properties"][name] = bare(property(text, "LOCAL"));
}

/// Properties of snapshots do not say where they come from.
fn bare(mut property: Value) -> Value {
    if let Some(members) = property.as_object_mut() {
        members.remove("source_info");
    }
    property
}

/// A dataset was made anew: older snapshots went with the one before it, and each of the others is one of a dataset in
/// which nothing was written since.
pub(super) fn begin_anew(day: &mut Day, dataset: &str, made: i64, number: u32, bytes: u64) {
    let rows = day.rows("pool.snapshot.query");
    let taken = |row: &Value| {
        let text = row["properties"]["creation"]["rawvalue"].as_str();
        text.and_then(|text| text.parse::<i64>().ok())
            .unwrap_or_default()
    };
    rows.retain(|row| row["dataset"] != dataset || taken(row) > made);
    let first_guid = FIRST_GUID + u64::from(number) * GUIDS_A_DATASET;
    let own = rows.iter_mut().filter(|row| row["dataset"] == dataset);
    for (written, row) in std::iter::once(bytes).chain(std::iter::repeat(0)).zip(own) {
        // The number of the day: a snapshot keeps its guid for as long as it lives.
        let guid = first_guid + taken(row).unsigned_abs() / 86_400 % GUIDS_A_DATASET;
        let properties = &mut row["properties"];
        properties["guid"] = bare(property(&guid.to_string(), "NONE"));
        properties["used"] = bare(size(0));
        properties["referenced"] = bare(size(bytes));
        properties["written"] = bare(size(written));
    }
}
