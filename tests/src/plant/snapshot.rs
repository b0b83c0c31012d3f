//! Snapshots as `pool.snapshot.query` prints them.

use serde_json::{Value, json};

use super::property::{creation, dataset, guid, size, text, txg};
use super::scene::Day;

/// Method that lists snapshots.
pub(super) const SNAPSHOTS: &str = "pool.snapshot.query";

/// A snapshot that is to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snapshot<'a> {
    /// Path of its dataset.
    pub dataset: &'a str,
    /// What stands behind the `@`.
    pub name: &'a str,
    /// When it was taken, Unix seconds.
    pub created: i64,
}

/// What a snapshot holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Space {
    /// Bytes that only it holds.
    pub used: u64,
    /// Bytes written between the snapshot before it and it.
    pub written: u64,
}

impl Snapshot<'_> {
    /// `dataset@name`.
    pub(super) fn id(&self) -> String {
        format!("{}@{}", self.dataset, self.name)
    }
}

/// Adds a snapshot in which nothing differs from the next newer one, or from the dataset when there is none. It has no
/// property but those of ZFS itself and what the dataset hands down.
pub(super) fn take<'a>(day: &'a mut Day, snapshot: &Snapshot<'_>) -> Option<&'a mut Value> {
    let newer = day.rows(SNAPSHOTS).iter_mut();
    let newer = newer
        .filter(|row| row["dataset"] == snapshot.dataset && created(row) > snapshot.created)
        .min_by_key(|row| created(row));
    // What was written before it is no longer written before the newer one.
    let (referenced, written) = match newer {
        Some(newer) => {
            let properties = &mut newer["properties"];
            let written = std::mem::replace(&mut properties["written"], bare(size(0, "NONE")));
            (properties["referenced"].clone(), written)
        }
        None => {
            let head = dataset(day, snapshot.dataset)?;
            let written = std::mem::replace(&mut head["written"], size(0, "NONE"));
            (head["referenced"].clone(), written)
        }
    };
    let row = push(day, snapshot)?;
    set(row, "used", size(0, "NONE"));
    set(row, "referenced", referenced);
    set(row, "written", written);
    Some(row)
}

/// Adds a snapshot that holds so much, with what the dataset hands down.
pub(super) fn take_with<'a>(
    day: &'a mut Day,
    snapshot: &Snapshot<'_>,
    space: Space,
) -> Option<&'a mut Value> {
    let referenced = dataset(day, snapshot.dataset)?["referenced"].clone();
    let row = push(day, snapshot)?;
    set(row, "used", size(space.used, "NONE"));
    set(row, "referenced", referenced);
    set(row, "written", size(space.written, "NONE"));
    Some(row)
}

/// Sets a property of a snapshot.
pub(super) fn set(snapshot: &mut Value, name: &str, property: Value) {
    snapshot["properties"][name] = bare(property);
}

/// When a snapshot was taken, Unix seconds.
pub(super) fn created(snapshot: &Value) -> i64 {
    let second = snapshot["properties"]["creation"]["rawvalue"].as_str();
    second
        .and_then(|second| second.parse().ok())
        .unwrap_or_default()
}

/// A row without its space.
fn push<'a>(day: &'a mut Day, snapshot: &Snapshot<'_>) -> Option<&'a mut Value> {
    let dataset = dataset(day, snapshot.dataset)?.clone();
    let (id, group) = (snapshot.id(), txg(snapshot.created));
    let mut row = json!({
        "id": id, "name": id, "dataset": snapshot.dataset, "snapshot_name": snapshot.name, "type": "SNAPSHOT",
        "pool": dataset["pool"], "createtxg": group, "holds": {}, "properties": {},
    });
    for (name, value) in dataset["user_properties"].as_object().into_iter().flatten() {
        let mut value = value.clone();
        value["source"] = json!("INHERITED");
        set(&mut row, name, value);
    }
    for (name, value) in [
        ("clones", ""),
        ("compressratio", "1.42"),
        ("createtxg", group.as_str()),
        ("defer_destroy", "off"),
        ("guid", &guid(&id).to_string()),
        ("type", "snapshot"),
        ("userrefs", "0"),
    ] {
        set(&mut row, name, text(value, "NONE"));
    }
    set(&mut row, "creation", creation(snapshot.created));
    let rows = day.rows(SNAPSHOTS);
    rows.push(row);
    rows.last_mut()
}

/// Properties of snapshots do not say where they come from.
fn bare(mut property: Value) -> Value {
    if let Some(members) = property.as_object_mut() {
        members.remove("source_info");
    }
    property
}

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::*;
    use crate::plant::{Scene, Share};

    fn number(row: &Value, name: &str) -> u64 {
        row["properties"][name]["parsed"].as_u64().unwrap_or(0)
    }

    /// Bytes that all snapshots of a dataset and the dataset itself say were written.
    fn written(day: &mut Day, path: &str) -> u64 {
        let head = dataset(day, path).unwrap()["written"]["parsed"].as_u64();
        let rows = day.answered(SNAPSHOTS).iter();
        let own = rows.filter(|row| row["dataset"] == path);
        own.map(|row| number(row, "written")).sum::<u64>() + head.unwrap_or(0)
    }

    #[test]
    fn quiet_snapshot_takes_over_what_the_next_one_had_written() {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        let volume = scene.volume(Share::Nfs).unwrap();
        let mut guids = Vec::new();
        for day in scene.days() {
            let before = written(day, &volume.dataset);
            for age in [3_600, 40 * 3_600] {
                let snapshot = Snapshot {
                    dataset: &volume.dataset,
                    name: &format!("quiet-{age}"),
                    created: day.now - age,
                };
                let row = take(day, &snapshot).unwrap();
                assert_eq!(created(row), snapshot.created);
                assert_eq!(number(row, "used"), 0);
                let handed_down = "democratic-csi:csi_volume_name";
                assert_eq!(row["properties"][handed_down]["source"], "INHERITED");
            }
            assert_eq!(written(day, &volume.dataset), before);
            let id = json!(format!("{}@quiet-3600", volume.dataset));
            let row = day.row(SNAPSHOTS, "id", &id).unwrap();
            guids.push(row["properties"]["guid"]["rawvalue"].clone());
        }
        assert!(guids.iter().all(|guid| *guid == guids[0]), "{guids:?}");
    }
}
