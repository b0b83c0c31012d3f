//! The cluster of one day: every list of `kubernetes/`, as `kubectl get -o json` prints it.

mod copy_list;
mod driver_list;
mod lease_list;
mod platform_list;
mod storage_list;
mod workload_list;

use std::io;

use serde_json::{Map, Value, json};

use super::calendar::rfc3339;
use super::plan::Estate;
use super::write::Folder;

/// Writes the lists of a day.
pub(super) fn write(estate: &Estate, day: usize, folder: &Folder) -> io::Result<()> {
    platform_list::write(estate, folder)?;
    storage_list::write(estate, day, folder)?;
    copy_list::write(estate, day, folder)?;
    lease_list::write(estate, day, folder)?;
    workload_list::write(estate, day, folder)
}

/// Metadata of an object; its version follows from the time of its last change.
fn metadata(
    name: &str,
    namespace: Option<&str>,
    uid: &str,
    created: i64,
    changed: i64,
) -> Map<String, Value> {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(name));
    if let Some(namespace) = namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    metadata.insert("uid".to_owned(), json!(uid));
    metadata.insert("creationTimestamp".to_owned(), json!(rfc3339(created)));
    metadata.insert(
        "resourceVersion".to_owned(),
        json!((changed - super::calendar::POOL_BORN).to_string()),
    );
    metadata
}

/// The same with further members.
fn with(mut metadata: Map<String, Value>, members: Value) -> Value {
    if let Value::Object(members) = members {
        metadata.extend(members);
    }
    Value::Object(metadata)
}

/// A size as Kubernetes writes it; sizes here are whole gibibytes.
fn quantity(bytes: u64) -> String {
    format!("{}Gi", bytes >> 30)
}
