//! Properties of datasets as `pool.dataset.query` prints them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::scene::Day;
use crate::estate::human;

/// Method that lists datasets.
pub(super) const DATASETS: &str = "pool.dataset.query";

/// When the pools were made, and how long one of their transaction groups lasts.
const POOL_BORN: i64 = 1_700_000_000;
const SECS_PER_TXG: i64 = 5;

/// A property whose text says it all, as those of users do.
pub(super) fn text(value: &str, source: &str) -> Value {
    json!({"parsed": value, "rawvalue": value, "value": value, "source": source, "source_info": null})
}

/// A moment as the property `creation`.
pub(super) fn creation(second: i64) -> Value {
    let wall = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
    json!({
        "parsed": {"$date": second * 1_000}, "rawvalue": second.to_string(), "source": "NONE", "source_info": null,
        "value": wall.strftime("%a %b %e %k:%M %Y").to_string(),
    })
}

/// Transaction group of a moment.
pub(super) fn txg(second: i64) -> String {
    ((second - POOL_BORN) / SECS_PER_TXG + 4).to_string()
}

/// A guid that follows from a name.
pub(super) fn guid(name: &str) -> u64 {
    // FNV-1a.
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A property with a word as its value, such as `compression`.
pub(super) fn word(value: &str, source: &str) -> Value {
    json!({"parsed": value, "rawvalue": value, "value": value.to_uppercase(), "source": source, "source_info": null})
}

/// A property with a size as its value.
pub(super) fn size(bytes: u64, source: &str) -> Value {
    json!({"parsed": bytes, "rawvalue": bytes.to_string(), "value": human(bytes), "source": source, "source_info": null})
}

/// Bytes that a property of a dataset holds; none that it does not have.
pub(super) fn bytes(dataset: &Value, name: &str) -> u64 {
    dataset[name]["parsed"].as_u64().unwrap_or_default()
}

/// The dataset of that path.
pub(super) fn dataset<'a>(day: &'a mut Day, path: &str) -> Option<&'a mut Value> {
    day.row(DATASETS, "name", &json!(path))
}

/// Lets a dataset hold so many bytes more in one part of its space, such as `usedbysnapshots`, up to the root of its pool.
pub(super) fn grow(day: &mut Day, path: &str, part: &str, more: u64) {
    let pool = path.split('/').next().unwrap_or_default();
    let add = |dataset: &mut Value, name: &str| {
        dataset[name] = size(bytes(dataset, name) + more, "NONE");
    };
    for dataset in day.rows(DATASETS) {
        let name = dataset["name"].as_str().unwrap_or_default();
        let is_above = path
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('/'));
        if name == path {
            add(dataset, part);
            add(dataset, "used");
        } else if is_above {
            add(dataset, "usedbychildren");
            add(dataset, "used");
        }
        if dataset["pool"] == pool {
            let left = bytes(dataset, "available").saturating_sub(more);
            dataset["available"] = size(left, "NONE");
        }
    }
}

/// What the root of a pool has used and what it can still give.
pub(super) fn usable_bytes(day: &mut Day, pool: &str) -> u64 {
    dataset(day, pool).map_or(0, |root| bytes(root, "used") + bytes(root, "available"))
}
