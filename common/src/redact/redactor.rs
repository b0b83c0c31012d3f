//! Turns names into pseudonyms. Taking names apart happens here, before anything is hashed: afterwards it cannot.

use std::net::IpAddr;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::kind::*;
use super::pattern::{self, NamePart, NamingSchema};
use super::uid::Uid;
use super::{PseudonymKey, key::KeyedHash};

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
}

impl Redactor {
    /// Prepares the subkeys.
    pub fn new(key: &PseudonymKey, profile: Profile) -> Self {
        Self {
            hash: KeyedHash::new(key),
            profile,
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

    fn text<K: TokenKind>(&self, parent: &str, value: &str) -> String {
        match self.profile {
            Profile::Open => value.to_owned(),
            Profile::Standard => self.hash.token(K::NAME, parent, value),
        }
    }

    fn flat<K: TokenKind>(&self, value: &str) -> Token<K> {
        let value: String = value.nfc().collect();
        match self.profile {
            Profile::Open => Token::new(value),
            Profile::Standard => Token::new(format!(
                "{}-{}",
                K::NAME,
                self.hash.token(K::NAME, "", &value)
            )),
        }
    }

    /// Pseudonym of a name whose kind has no form of its own.
    pub fn name<K: PlainName>(&self, value: &str) -> Token<K> {
        if K::is_plain(value) {
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
        let dataset: String = dataset.nfc().collect();
        let mut path = String::new();
        for component in dataset.split('/') {
            let token = match pattern::sidecar_uuid(component) {
                Some(_) => component.to_owned(),
                None => self.text::<marker::DatasetKind>(&path, component),
            };
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&token);
        }
        Token::new(path)
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

    /// An address: IP in canonical form, or a DNS name chained from the right. Ports and zones are the caller's to cut.
    pub fn host(&self, host: &str) -> Host {
        let host = host.trim().trim_matches(['[', ']']);
        let bare = host.split('%').next().unwrap_or(host);
        match bare.parse::<IpAddr>() {
            Ok(address) => self.address(address),
            Err(_) => Token::new(self.dns(host)),
        }
    }

    fn address(&self, address: IpAddr) -> Host {
        let address = match address {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        let text = address.to_string();
        if address.is_unspecified() || address.is_loopback() {
            return Token::new(text);
        }
        match address {
            IpAddr::V4(_) => Token::new(self.flat::<marker::Ip4Kind>(&text).as_str()),
            IpAddr::V6(_) => Token::new(self.flat::<marker::Ip6Kind>(&text).as_str()),
        }
    }

    /// A DNS name without prefix, as in the published vectors.
    fn dns(&self, name: &str) -> String {
        let name = name.trim_end_matches('.').to_lowercase();
        if name == "localhost" {
            return name;
        }
        let mut tokens: Vec<String> = Vec::new();
        for label in name.rsplit('.') {
            // The parent is written from the root down, as the vectors have it.
            let token = self.text::<marker::DnsKind>(&tokens.join("."), label);
            tokens.push(token);
        }
        tokens.reverse();
        tokens.join(".")
    }

    /// An IQN cut at the first `:`; without one there is no suffix.
    pub fn iqn(&self, iqn: &str) -> (IqnBase, Option<Asset>) {
        let iqn = iqn.to_lowercase();
        let (base, suffix) = match iqn.split_once(':') {
            Some((base, suffix)) => (base, Some(suffix)),
            None => (iqn.as_str(), None),
        };
        let base = if base == pattern::VENDOR_IQN_BASE {
            Token::new(base)
        } else {
            self.flat(base)
        };
        (base, suffix.map(|suffix| self.asset(suffix)))
    }

    /// A target, extent or assets name, lower case.
    pub fn asset(&self, name: &str) -> Asset {
        let name = name.to_lowercase();
        if name.strip_prefix("pvc-").is_some_and(pattern::is_uuid_v4) {
            Token::new(name)
        } else {
            self.flat(&name)
        }
    }

    /// An SMB share name: NFC, then lower case.
    pub fn smb(&self, name: &str) -> SmbName {
        self.flat(&name.nfc().collect::<String>().to_lowercase())
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
        // A map of strings always serializes.
        self.flat(&serde_json::to_string(&canonical).unwrap_or_default())
    }

    /// A Kubernetes uid.
    pub fn uid(&self, uid: &str) -> Uid {
        if pattern::is_uuid_v4(uid) {
            Uid::new(uid)
        } else {
            Uid::new(self.flat::<marker::UidKind>(uid).as_str())
        }
    }

    /// The UUID inside a sidecar-made name, as a uid that joins claims and snapshots.
    pub fn sidecar_uid(&self, name: &str) -> Option<Uid> {
        pattern::sidecar_uuid(&name.to_lowercase()).map(Uid::new)
    }
}

/// Kinds of name that have no structure; some have a closed list of names that stay readable.
pub trait PlainName: TokenKind {
    /// Whether the exact name is the platform's own.
    fn is_plain(value: &str) -> bool {
        let _ = value;
        false
    }
}

macro_rules! plain_names {
    ($($marker:ident)+) => { $(impl PlainName for marker::$marker {})+ };
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
#[path = "redactor_tests.rs"]
mod tests;
