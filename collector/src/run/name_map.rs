//! The site's own map of names: what is new since the last run, for the recovery key, in a folder of its own.
//!
//! It gets its name just before the bundle does, and its tokens count as written only after both: a run that ends in
//! between leaves a map without a bundle, which the next run of that number replaces, and never a bundle without its map.

use std::fs::DirBuilder;
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use truenas_common::bundle::{
    MAP_FOLDER, MAP_SCHEMA, MapHead, Recipient, SealedMap, SiteSecretKey, seal_map,
};
use truenas_common::redact::{Mapped, Redactor};
use truenas_common::time::Time;

use crate::config::Config;
use crate::output::{self, Draft};
use crate::run::RunError;
use crate::state::Place;

/// More tokens than any estate has; beyond it the file is not ours.
const MAX_BYTES: u64 = 256 << 20;

/// A sealed map without a name.
pub(super) struct NewMap {
    draft: Draft,
    sealed: SealedMap,
    tokens: Tokens,
}

/// Every token that is in a map, once the new map counts.
pub(super) struct Tokens {
    mapped: Mapped,
    path: PathBuf,
    /// New pairs.
    pub(super) n_new: usize,
}

/// Tokens of earlier maps of the epoch. A file that is lost or damaged means that all pairs are written once more.
pub(super) fn earlier(folder: &Path, epoch: u64) -> Mapped {
    let path = mapped_path(folder, epoch);
    let is_small = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= MAX_BYTES);
    let bytes = is_small.then(|| std::fs::read(&path).ok()).flatten();
    let mapped = bytes.and_then(|bytes| Mapped::from_bytes(&bytes));
    mapped.unwrap_or_else(|| {
        if path.exists() {
            tracing::warn!("list of mapped pseudonyms is damaged; all pairs are written once more");
        }
        Mapped::default()
    })
}

/// Removes what ended runs left half-written, of whichever stream. What cannot be removed is no map and harms nobody.
fn sweep(folder: &Path) {
    let maps = folder.join(MAP_FOLDER);
    let streams = std::fs::read_dir(&maps).into_iter().flatten();
    let streams = streams.filter_map(|entry| Some(entry.ok()?.path()));
    for each in streams.filter(|path| path.is_dir()).chain([maps]) {
        if each.is_dir() && output::remove_partials(&each).is_err() {
            tracing::warn!("half-written maps of names cannot be removed");
        }
    }
}

/// Seals the new pairs; nothing when there are none.
pub(super) fn seal(
    folder: &Path,
    config: &Config,
    place: &Place,
    redactor: &Redactor,
    recipient: &Recipient,
    key: &SiteSecretKey,
    at: Time,
) -> Result<Option<NewMap>, RunError> {
    sweep(folder);
    let pairs = redactor.take_pairs().map_err(RunError::Collision)?;
    let Some(pairs) = pairs.filter(|pairs| pairs.n_new > 0) else {
        return Ok(None);
    };
    let head = MapHead {
        schema: MAP_SCHEMA.to_owned(),
        site: config.site.to_string(),
        stream: place.stream.clone(),
        seq: place.seq,
        epoch: config.epoch,
        key_check: redactor.key_check().to_owned(),
    };
    let sealed = seal_map(&head, &pairs.lines, recipient, key, at).map_err(RunError::MapSeal)?;
    // A number is unique in its stream only.
    let own = folder.join(MAP_FOLDER).join(&place.stream);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&own);
    let failed = |source: io::Error| RunError::Map {
        folder: own.clone(),
        source,
    };
    made.map_err(failed)?;
    let draft = Draft::create(&own, sealed.file_name.clone()).map_err(RunError::Output)?;
    let written = draft
        .file()
        .map_err(RunError::Output)?
        .write_all(&sealed.bytes);
    written.map_err(failed)?;
    Ok(Some(NewMap {
        draft,
        sealed,
        tokens: Tokens {
            mapped: pairs.mapped,
            path: mapped_path(folder, config.epoch),
            n_new: pairs.n_new,
        },
    }))
}

impl NewMap {
    /// Gives the map its name.
    pub(super) fn publish(self) -> Result<Tokens, RunError> {
        let signature = self.sealed.signature;
        self.draft.replace(|| signature).map_err(RunError::Output)?;
        Ok(self.tokens)
    }
}

impl Tokens {
    /// Remembers what maps hold.
    pub(super) fn write(self) -> Result<(), RunError> {
        let replaced = output::replace(&self.path, &self.mapped.to_bytes());
        replaced.map_err(|source| RunError::Map {
            folder: self.path,
            source,
        })
    }
}

fn mapped_path(folder: &Path, epoch: u64) -> PathBuf {
    folder.join(MAP_FOLDER).join(format!("mapped-{epoch}.bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_written_maps_of_every_stream_go_and_whole_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        sweep(folder.path());
        let maps = folder.path().join(MAP_FOLDER);
        let names = [
            "a/.x.partial",
            "a/x",
            "b/.y.partial",
            ".mapped-1.bin.partial",
        ];
        for name in names {
            let path = maps.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        sweep(folder.path());
        let left = names.map(|name| maps.join(name).exists());
        assert_eq!(left, [false, true, false, false]);
    }

    #[test]
    fn damaged_list_means_that_nothing_was_mapped() {
        let folder = tempfile::tempdir().unwrap();
        assert!(earlier(folder.path(), 1).is_empty());
        std::fs::create_dir(folder.path().join(MAP_FOLDER)).unwrap();
        let path = mapped_path(folder.path(), 1);
        std::fs::write(&path, [7; 32]).unwrap();
        assert_eq!(earlier(folder.path(), 1).len(), 1);
        assert!(earlier(folder.path(), 2).is_empty());
        std::fs::write(&path, [7; 33]).unwrap();
        assert!(earlier(folder.path(), 1).is_empty());
    }
}
