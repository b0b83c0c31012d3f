//! Turns names into pseudonyms. Taking names apart happens here, before anything is hashed: afterwards it cannot.

mod endpoint;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::kind::*;
use super::pattern::{self, NamePart, NamingSchema};
use super::record::{Collision, Components, Mapped, Pairs, Record};
use super::uid::Uid;
use super::{FieldPath, PseudonymKey, is_field_name, key, key::KeyedHash};

/// Longest readable name that is read back, in bytes.
const MAX_RECALLED: usize = 256;

/// How much of a name leaves the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Names are pseudonyms.
    Standard,
    /// Names are readable. Free text and secrets still never leave.
    Open,
}

impl Profile {
    /// The word used in configuration and in `bundle.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Open => "open",
        }
    }
}

/// Makes every [`Token`] of a run. Deterministic: same key and value, same token.
pub struct Redactor {
    hash: KeyedHash,
    profile: Profile,
    record: Option<Mutex<Record>>,
    /// The parent of the dataset that was replaced last, and its path: rows of one parent come one after the other.
    parent: Mutex<Option<(String, String)>>,
}

impl Redactor {
    /// Prepares the subkeys.
    pub fn new(key: &PseudonymKey, profile: Profile) -> Self {
        Self {
            hash: KeyedHash::new(key),
            profile,
            record: None,
            parent: Mutex::default(),
        }
    }

    /// Also records what is replaced; `earlier` asks for the pairs of a map, except those that earlier maps hold.
    #[must_use]
    pub fn recording(mut self, earlier: Option<Mapped>) -> Self {
        self.record = Some(Mutex::new(Record::new(earlier)));
        // What was replaced before the record began is to be in it when it comes again.
        self.parent = Mutex::default();
        self
    }

    /// Hashes components as the record does; nothing without one.
    pub fn components(&self) -> Option<Components> {
        self.record().map(|record| record.components())
    }

    /// Whether a component was replaced by this redactor, and nowhere left readable on purpose.
    pub fn must_not_leave(&self, component: u64) -> bool {
        self.record()
            .is_some_and(|record| record.must_not_leave(component))
    }

    /// Takes the new pairs of the map out of the record.
    ///
    /// # Errors
    /// Two names with one pseudonym.
    pub fn take_pairs(&self) -> Result<Option<Pairs>, Collision> {
        let record = self.record();
        record.map(|mut record| record.take_pairs()).transpose()
    }

    /// The pseudonym of a pair of the map, made anew; nothing for a kind that is not known.
    pub fn token_of(&self, kind: &str, value: &str) -> Option<String> {
        match kind {
            "ds" => Some(self.path(value).as_str().to_owned()),
            "dns" => Some(self.dns(value)),
            _ => {
                let kind = KINDS.iter().find(|known| **known == kind)?;
                Some(self.flat_text(kind, value))
            }
        }
    }

    fn record(&self) -> Option<MutexGuard<'_, Record>> {
        let record = self.record.as_ref()?;
        Some(record.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn release(&self, name: &str) {
        if let Some(mut record) = self.record() {
            record.released(name);
        }
    }

    /// The profile in force.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// 128 bits that contradict a changed key.
    pub fn key_check(&self) -> &str {
        self.hash.key_check()
    }

    /// One component below its parent. `whole` makes the token and the raw name of the map from the component's token.
    fn text<K: TokenKind>(
        &self,
        parent: &str,
        value: &str,
        whole: impl FnOnce(&str) -> (String, String),
    ) -> String {
        if self.profile == Profile::Open {
            return value.to_owned();
        }
        let hash = self.hash.hash(K::NAME, parent, value);
        let token = key::token(&hash);
        if let Some(mut record) = self.record() {
            let (whole_token, name) = whole(&token);
            record.replaced(value);
            record.pair(K::NAME, &whole_token, &name, &hash);
        }
        token
    }

    fn flat<K: TokenKind>(&self, value: &str) -> Token<K> {
        Token::new(self.flat_text(K::NAME, value))
    }

    fn flat_text(&self, kind: &'static str, value: &str) -> String {
        let value = nfc(value);
        if self.profile == Profile::Open {
            return value;
        }
        let hash = self.hash.hash(kind, "", &value);
        let token = format!("{kind}-{}", key::token(&hash));
        if let Some(mut record) = self.record() {
            record.replaced(&value);
            record.pair(kind, &token, &value, &hash);
        }
        token
    }

    /// Pseudonym of a name whose kind has no form of its own.
    pub fn name<K: PlainName>(&self, value: &str) -> Token<K> {
        if K::is_plain(value) {
            self.release(value);
            Token::new(value)
        } else {
            self.flat(value)
        }
    }

    /// A PV name, a volume handle without slash, the last component of a path.
    pub fn leaf(&self, value: &str) -> Leaf {
        if pattern::sidecar_uuid(value).is_some() {
            Token::new(value)
        } else {
            self.flat(value)
        }
    }

    /// A snapshot name. Known forms keep their fixed words and dates; it shares the name space of leaves because a
    /// detached snapshot is a dataset leaf and a snapshot name at once.
    pub fn snapshot(&self, value: &str, schemas: &[NamingSchema]) -> Leaf {
        let token = self.snapshot_token(value, schemas);
        if token.as_str() == value {
            self.release(value);
        }
        token
    }

    fn snapshot_token(&self, value: &str, schemas: &[NamingSchema]) -> Leaf {
        if let Some(volume) = value.strip_prefix("volume-source-for-volume-") {
            return Token::new(format!(
                "volume-source-for-volume-{}",
                self.leaf(volume).as_str()
            ));
        }
        if let Some(snapshot) = value.strip_prefix("volume-source-for-snapshot-") {
            return Token::new(format!(
                "volume-source-for-snapshot-{}",
                self.leaf(snapshot).as_str()
            ));
        }
        match schemas.iter().find_map(|schema| schema.split(value)) {
            Some(parts) => Token::new(
                parts
                    .iter()
                    .map(|part| self.name_part(part))
                    .collect::<String>(),
            ),
            None => self.leaf(value),
        }
    }

    fn name_part(&self, part: &NamePart<'_>) -> String {
        match part {
            NamePart::Readable(text) => (*text).to_owned(),
            NamePart::Free(text) => self.flat::<marker::LeafKind>(text).as_str().to_owned(),
        }
    }

    /// A dataset path, component by component under its parent.
    pub fn path(&self, dataset: &str) -> DatasetPath {
        let dataset = nfc(dataset);
        let Some((parent, _)) = dataset.rsplit_once('/') else {
            return Token::new(self.components_below("", &dataset, 0));
        };
        let mut last = self.parent.lock().unwrap_or_else(PoisonError::into_inner);
        let known = last.take().filter(|(name, _)| name == parent);
        let (_, path) = last.insert(known.unwrap_or_else(|| {
            let path = self.components_below("", parent, 0);
            (parent.to_owned(), path)
        }));
        Token::new(self.components_below(path, &dataset, parent.len() + 1))
    }

    /// The path of the components from `start` on, under the path of those before.
    fn components_below(&self, before: &str, dataset: &str, start: usize) -> String {
        let mut path = before.to_owned();
        let mut end = start;
        for component in dataset[start..].split('/') {
            end += component.len();
            let token = match pattern::sidecar_uuid(component) {
                Some(_) => component.to_owned(),
                None => self.text::<marker::DatasetKind>(&path, component, |token| {
                    let slash = if path.is_empty() { "" } else { "/" };
                    (format!("{path}{slash}{token}"), dataset[..end].to_owned())
                }),
            };
            end += 1;
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&token);
        }
        path
    }

    /// An absolute path of the appliance: `/mnt/` paths join datasets, others keep a root of their own.
    pub fn mount_path(&self, absolute: &str) -> DatasetPath {
        let cleaned = clean_slashes(absolute);
        match cleaned.strip_prefix("/mnt/") {
            Some(dataset) => self.path(dataset),
            None => Token::new(format!(
                "/{}",
                self.path(cleaned.trim_start_matches('/')).as_str()
            )),
        }
    }

    /// A device of a zvol: `zvol/tank/x` or `/dev/zvol/tank/x`, where `+` stands for a space.
    pub fn device_path(&self, device: &str) -> Option<DatasetPath> {
        device_dataset(device).map(|dataset| self.path(&dataset))
    }

    /// A share context: canonical JSON without the provisioner's own keys, `lun` as text.
    pub fn context(&self, context: &serde_json::Map<String, Value>) -> Context {
        let canonical: std::collections::BTreeMap<&str, String> = context
            .iter()
            .filter(|(key, _)| !key.starts_with("provisioner_") && !key.contains('/'))
            .map(|(key, value)| {
                (
                    key.as_str(),
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned),
                )
            })
            .collect();
        if let Some(mut record) = self.record() {
            for value in canonical.values() {
                record.replaced(value);
            }
        }
        // A map of strings always serializes.
        self.flat(&serde_json::to_string(&canonical).unwrap_or_default())
    }

    /// The path of a field, step by step. A token here is no name of an object, so nothing else is compared with it.
    pub fn field(&self, path: &str) -> FieldPath {
        let step = |step: &str| {
            if self.profile == Profile::Open || is_field_name(step) {
                return step.to_owned();
            }
            let kind = marker::FieldKind::NAME;
            let hash = self.hash.hash(kind, "", step);
            let token = format!("{kind}-{}", key::token(&hash));
            if let Some(mut record) = self.record() {
                record.pair(kind, &token, step, &hash);
            }
            token
        };
        let steps: Vec<String> = path.split('.').map(step).collect();
        FieldPath::new(steps.join("."))
    }

    /// A Kubernetes uid.
    pub fn uid(&self, uid: &str) -> Uid {
        if pattern::is_uuid_v4(uid) {
            Uid::new(uid)
        } else {
            Uid::new(self.flat::<marker::UidKind>(uid).as_str())
        }
    }

    /// A pseudonym of an earlier run, read back from the site's own files; nothing for a text that this redactor could
    /// not have made.
    pub fn recall<K: PlainName>(&self, text: &str) -> Option<Token<K>> {
        self.is_flat(K::NAME, text).then(|| Token::new(text))
    }

    /// A uid of an earlier run, as [`Redactor::recall`].
    pub fn recall_uid(&self, text: &str) -> Option<Uid> {
        let is_uid = pattern::is_uuid_v4(text) || self.is_flat(marker::UidKind::NAME, text);
        is_uid.then(|| Uid::new(text))
    }

    fn is_flat(&self, kind: &str, text: &str) -> bool {
        if self.profile == Profile::Open {
            return !text.is_empty()
                && text.len() <= MAX_RECALLED
                && !text.contains(char::is_control);
        }
        let token = text
            .strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix('-'));
        token.is_some_and(key::is_token)
    }

    /// The UUID inside a sidecar-made name, as a uid that joins claims and snapshots.
    pub fn sidecar_uid(&self, name: &str) -> Option<Uid> {
        pattern::sidecar_uuid(&name.to_lowercase()).map(Uid::new)
    }
}

/// Kinds of name that have no structure; some have a closed list of names that stay readable.
pub trait PlainName: TokenKind {
    /// Whether the exact name is the platform's own.
    fn is_plain(value: &str) -> bool;
}

macro_rules! plain_names {
    ($($marker:ident)+) => {
        $(impl PlainName for marker::$marker {
            fn is_plain(_: &str) -> bool {
                false
            }
        })+
    };
}

plain_names! {
    ApplianceKind AttributesClassKind BackupKind ClaimKind ClusterKind ContentKind DeviceKind DiskKind FlatKind
    GroupSnapshotClassKind GroupSnapshotKind GuidKind HandleKind InstanceKind NodeKind NqnKind PodKind SchemaKind
    SerialKind SnapshotClassKind SnapshotKind StemKind StorageClassKind WorkloadNameKind
}

impl PlainName for marker::NamespaceKind {
    fn is_plain(value: &str) -> bool {
        pattern::is_platform_namespace(value)
    }
}

impl PlainName for marker::DriverKind {
    fn is_plain(value: &str) -> bool {
        pattern::is_known_driver(value)
    }
}

/// The composed form of a name; plain ASCII has no other.
fn nfc(name: &str) -> String {
    match name.is_ascii() {
        true => name.to_owned(),
        false => name.nfc().collect(),
    }
}

fn clean_slashes(path: &str) -> String {
    let mut cleaned = String::with_capacity(path.len());
    for component in path.split('/').filter(|component| !component.is_empty()) {
        cleaned.push('/');
        cleaned.push_str(component);
    }
    cleaned
}

/// The dataset behind a zvol device path.
fn device_dataset(device: &str) -> Option<String> {
    let device = clean_slashes(device);
    let dataset = device
        .strip_prefix("/dev/zvol/")
        .or_else(|| device.strip_prefix("/zvol/"))?;
    (!dataset.is_empty()).then(|| dataset.replace('+', " "))
}

#[cfg(test)]
mod tests;
