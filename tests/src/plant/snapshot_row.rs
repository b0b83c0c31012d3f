//! Snapshots and detached snapshots as the appliance lists them.

use serde_json::{Value, json};

use super::size::bytes;
use super::{Day, Share, Volume};

/// Prefix of the marks of the driver.
pub(super) const PREFIX: &str = "democratic-csi:";

/// What is left of an empty file system.
const EMPTY_BYTES: u64 = 196_608;

/// A snapshot to be added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken<'a> {
    pub(super) dataset: &'a str,
    pub(super) name: &'a str,
    /// Unix seconds.
    pub(super) at: i64,
}

impl Day {
    /// Adds a snapshot in which nothing differs from the next newer one, with marks and their sources.
    pub(super) fn take(&mut self, taken: &Taken, marks: &[(&str, String, &str)]) -> Option<()> {
        let name = json!(taken.dataset);
        let dataset = self.row("pool.dataset.query", "name", &name)?.clone();
        let newer = self.rows("pool.snapshot.query").iter_mut();
        let newer = newer
            .filter(|row| row["dataset"] == name)
            .filter(|row| second(&row["properties"]).is_some_and(|second| second > taken.at));
        let newer = newer.min_by_key(|row| second(&row["properties"]));
        let (referenced, written) = match newer {
            Some(newer) => {
                let properties = &mut newer["properties"];
                let written = std::mem::replace(&mut properties["written"], plain("0"));
                (properties["referenced"].clone(), written)
            }
            None => {
                let own = self.row("pool.dataset.query", "name", &name)?;
                let written = std::mem::replace(&mut own["written"], bytes(0));
                (own["referenced"].clone(), written)
            }
        };
        let txg = txg(&dataset, taken.at)?.to_string();
        let guid = (0x5ce7_e000_0000_0000 + self.rows("pool.snapshot.query").len()).to_string();
        let mut properties = json!({
            "type": plain("snapshot"), "used": plain("0"), "referenced": referenced, "written": written,
            "compressratio": plain("1.42"), "createtxg": plain(&txg), "guid": plain(&guid), "userrefs": plain("0"),
            "defer_destroy": plain("off"), "clones": plain(""),
            "creation": {
                "parsed": {"$date": taken.at * 1_000}, "rawvalue": taken.at.to_string(),
                "value": taken.at.to_string(), "source": "NONE",
            },
        });
        for (mark, value, source) in marks {
            let mut property = plain(value);
            property["source"] = json!(source);
            properties[format!("{PREFIX}{mark}")] = property;
        }
        let id = format!("{}@{}", taken.dataset, taken.name);
        self.rows("pool.snapshot.query").push(json!({
            "pool": dataset["pool"], "name": id, "type": "SNAPSHOT", "snapshot_name": taken.name,
            "dataset": taken.dataset, "id": id, "createtxg": txg, "properties": properties, "holds": {},
        }));
        Some(())
    }

    /// Adds the dataset of a detached snapshot and the container that it lies in.
    pub(super) fn detached(
        &mut self,
        path: &str,
        share: Share,
        at: i64,
        marks: &[(&str, String)],
    ) -> Option<()> {
        let is_volume = if share == Share::Iscsi {
            "VOLUME"
        } else {
            "FILESYSTEM"
        };
        let like = self
            .answered("pool.dataset.query")
            .iter()
            .find(|row| {
                let name = row["name"].as_str().unwrap_or_default();
                row["type"] == is_volume && name.starts_with(share.parent())
            })?
            .clone();
        let mut copy = born(&like, path, at)?;
        copy["user_properties"] = marked(marks);
        copy["origin"] = plain("");
        for property in ["comments", "refreservation"] {
            copy.as_object_mut()?.remove(property);
        }
        let parent = json!(share.detached_parent());
        let parent = self.row("pool.dataset.query", "name", &parent)?.clone();
        let mut container = born(&parent, path.rsplit_once('/')?.0, at)?;
        let used = copy["used"]["parsed"].as_u64()?;
        container["used"] = bytes(used + EMPTY_BYTES);
        container["usedbychildren"] = bytes(used);
        container["user_properties"] = json!({});
        self.rows("pool.dataset.query").extend([container, copy]);
        Some(())
    }

    /// Bytes that a restore of the volume needs: the size of a zvol, or what a file system refers to.
    pub(super) fn restore_bytes(&mut self, volume: &Volume) -> Option<u64> {
        let name = json!(volume.dataset);
        let dataset = self.row("pool.dataset.query", "name", &name)?;
        let size = dataset["volsize"]["parsed"].as_u64();
        size.or_else(|| dataset["referenced"]["parsed"].as_u64())
    }
}

/// A dataset like another one, under another name and made at another time.
pub(super) fn born(like: &Value, path: &str, at: i64) -> Option<Value> {
    let mut dataset = like.clone();
    dataset["id"] = json!(path);
    dataset["name"] = json!(path);
    if dataset["type"] == "FILESYSTEM" {
        dataset["mountpoint"] = json!(format!("/mnt/{path}"));
    }
    let guid = path.bytes().fold(0x5ce7_e000_u64, |guid, byte| {
        guid.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    dataset["guid"] = plain(&guid.to_string());
    dataset["createtxg"] = plain(&txg(like, at)?.to_string());
    dataset["creation"] = json!({
        "parsed": {"$date": at * 1_000}, "rawvalue": at.to_string(), "value": at.to_string(), "source": "NONE",
        "source_info": null,
    });
    Some(dataset)
}

/// Marks of the driver that were set on a dataset itself.
pub(super) fn marked(marks: &[(&str, String)]) -> Value {
    let properties = marks.iter().map(|(name, value)| {
        let mut property = plain(value);
        property["source"] = json!("LOCAL");
        (format!("{PREFIX}{name}"), property)
    });
    Value::Object(properties.collect())
}

/// A property that nobody set.
pub(super) fn plain(value: &str) -> Value {
    json!({"parsed": value, "rawvalue": value, "value": value, "source": "NONE"})
}

/// The transaction group of a moment; there is one every five seconds.
fn txg(dataset: &Value, at: i64) -> Option<i64> {
    let group = dataset["createtxg"]["rawvalue"].as_str()?;
    Some(group.parse::<i64>().ok()? + (at - second(dataset)?) / 5)
}

/// When something was made.
fn second(properties: &Value) -> Option<i64> {
    let second = properties["creation"]["rawvalue"].as_str()?;
    second.parse().ok()
}
