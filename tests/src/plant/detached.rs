//! Detached snapshots as the appliance lists them: a dataset of its own for each.

use serde_json::{Value, json};

use super::property::{creation, guid, text, txg};
use super::remade::{EMPTY_BYTES, PREFIX};
use super::size::bytes;
use super::{Day, Share, Volume};

impl Day {
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
        let mut copy = born(&like, path, at);
        copy["user_properties"] = marked(marks);
        copy["origin"] = text("", "NONE");
        for property in ["comments", "refreservation"] {
            copy.as_object_mut()?.remove(property);
        }
        let parent = json!(share.detached_parent());
        let parent = self.row("pool.dataset.query", "name", &parent)?.clone();
        let mut container = born(&parent, path.rsplit_once('/')?.0, at);
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
pub(super) fn born(like: &Value, path: &str, at: i64) -> Value {
    let mut dataset = like.clone();
    dataset["id"] = json!(path);
    dataset["name"] = json!(path);
    if dataset["type"] == "FILESYSTEM" {
        dataset["mountpoint"] = json!(format!("/mnt/{path}"));
    }
    dataset["guid"] = text(&guid(path).to_string(), "NONE");
    dataset["createtxg"] = text(&txg(at), "NONE");
    dataset["creation"] = creation(at);
    dataset
}

/// Marks of the driver that were set on a dataset itself.
pub(super) fn marked(marks: &[(&str, String)]) -> Value {
    let properties = marks
        .iter()
        .map(|(name, value)| (format!("{PREFIX}{name}"), text(value, "LOCAL")));
    Value::Object(properties.collect())
}
