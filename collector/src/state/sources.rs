//! Who the sources were when they were last read: `sources.json` beside the bundles.
//!
//! An appliance is known by the guid of its oldest pool, a cluster by the uid of a namespace. When just that cannot be
//! read, the run says about whom it knows nothing, and that must be the same appliance and the same cluster as the day
//! before. The file holds what has left the site already: pseudonyms, in profile `open` the names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use truenas_common::redact::{ApplianceId, Redactor, Uid, marker};

use crate::output;

/// Name of the file.
const NAME: &str = "sources.json";
const MAX_BYTES: u64 = 1 << 20;

/// Identities by label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sources {
    /// Number of the pseudonym key: another one makes other pseudonyms.
    epoch: u64,
    /// Contradicts another key of the same number.
    key_check: String,
    profile: String,
    appliances: BTreeMap<String, String>,
    clusters: BTreeMap<String, String>,
}

impl Sources {
    /// Reads the file; one that is damaged, or of another key or profile, is as good as none.
    pub(crate) fn read(folder: &Path, epoch: u64, redactor: &Redactor) -> Self {
        let empty = Self {
            epoch,
            key_check: redactor.key_check().to_owned(),
            profile: redactor.profile().word().to_owned(),
            ..Self::default()
        };
        let found = match load(&folder.join(NAME)) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return empty,
            Err(_) => {
                tracing::warn!(
                    "sources.json cannot be used; a source that fails in this run is known by its label"
                );
                return empty;
            }
        };
        let is_ours = (found.epoch, &found.key_check, &found.profile)
            == (empty.epoch, &empty.key_check, &empty.profile);
        if is_ours { found } else { empty }
    }

    /// Identity of the appliance with this label.
    pub(crate) fn appliance(&self, label: &str, redactor: &Redactor) -> Option<ApplianceId> {
        let label = redactor.name::<marker::ApplianceKind>(label);
        redactor.recall(self.appliances.get(label.as_str())?)
    }

    /// Identity of the cluster with this label.
    pub(crate) fn cluster(&self, label: &str, redactor: &Redactor) -> Option<Uid> {
        let label = redactor.name::<marker::ClusterKind>(label);
        redactor.recall_uid(self.clusters.get(label.as_str())?)
    }

    /// Notes who an appliance is.
    pub(crate) fn remember_appliance(
        &mut self,
        label: &str,
        id: &ApplianceId,
        redactor: &Redactor,
    ) {
        let label = redactor.name::<marker::ApplianceKind>(label);
        let (label, id) = (label.as_str().to_owned(), id.as_str().to_owned());
        self.appliances.insert(label, id);
    }

    /// Notes who a cluster is.
    pub(crate) fn remember_cluster(&mut self, label: &str, uid: &Uid, redactor: &Redactor) {
        let label = redactor.name::<marker::ClusterKind>(label);
        let (label, uid) = (label.as_str().to_owned(), uid.as_str().to_owned());
        self.clusters.insert(label, uid);
    }

    /// Writes the file whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut json = serde_json::to_vec(self)?;
        json.push(b'\n');
        output::replace(&folder.join(NAME), &json)
    }
}

fn load(path: &Path) -> io::Result<Sources> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    const UID: &str = "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5";

    fn redactor(key: u8, profile: Profile) -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([key; 32]), profile)
    }

    /// A folder with the sources of one run in epoch 1.
    fn written(redactor: &Redactor) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = Sources::read(folder.path(), 1, redactor);
        sources.remember_appliance("nas01", &redactor.name("123456789"), redactor);
        sources.remember_cluster("prod", &redactor.uid(UID), redactor);
        sources.write(folder.path()).unwrap();
        folder
    }

    #[test]
    fn identities_are_there_in_the_next_run_and_no_name_is_in_the_file() {
        let redactor = redactor(7, Profile::Standard);
        let folder = written(&redactor);
        let sources = Sources::read(folder.path(), 1, &redactor);
        let id = sources.appliance("nas01", &redactor);
        assert_eq!(id, Some(redactor.name("123456789")));
        assert_eq!(sources.cluster("prod", &redactor).unwrap().as_str(), UID);
        assert_eq!(sources.appliance("nas02", &redactor), None);
        assert_eq!(sources.cluster("nas01", &redactor), None);
        let text = std::fs::read_to_string(folder.path().join(NAME)).unwrap();
        for name in ["nas01", "prod", "123456789"] {
            assert!(!text.contains(name), "{text}");
        }
    }

    #[test]
    fn another_epoch_key_or_profile_begins_anew() {
        let first = redactor(7, Profile::Standard);
        let folder = written(&first);
        for (epoch, redactor) in [
            (2, redactor(7, Profile::Standard)),
            (1, redactor(8, Profile::Standard)),
            (1, redactor(7, Profile::Open)),
        ] {
            let sources = Sources::read(folder.path(), epoch, &redactor);
            assert!(sources.appliances.is_empty() && sources.clusters.is_empty());
            assert_eq!(sources.epoch, epoch);
        }
    }

    #[test]
    fn damaged_file_is_as_good_as_none() {
        let redactor = redactor(7, Profile::Standard);
        let folder = written(&redactor);
        let path = folder.path().join(NAME);
        let text = std::fs::read_to_string(&path).unwrap();
        for damaged in ["", "{", &text[..text.len() / 2], "[1]", "\u{0}"] {
            std::fs::write(&path, damaged).unwrap();
            let sources = Sources::read(folder.path(), 1, &redactor);
            assert_eq!(sources.appliance("nas01", &redactor), None, "{damaged}");
        }
    }

    #[test]
    fn text_that_is_no_pseudonym_does_not_come_back() {
        let redactor = redactor(7, Profile::Standard);
        let folder = written(&redactor);
        let path = folder.path().join(NAME);
        let text = std::fs::read_to_string(&path).unwrap();
        let id: ApplianceId = redactor.name("123456789");
        let text = text.replace(id.as_str(), "nas01.example.com");
        std::fs::write(&path, text.replace(UID, "prod.example.com")).unwrap();
        let sources = Sources::read(folder.path(), 1, &redactor);
        assert_eq!(sources.appliance("nas01", &redactor), None);
        assert_eq!(sources.cluster("prod", &redactor), None);
    }
}
