//! Opens a bundle: outer signature first, and nothing is released before the last check.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::archive::{ArchiveError, ArchiveReader};
use super::comment::{InnerComment, OuterComment};
use super::frame::FrameReader;
use super::info::BundleInfo;
use super::limits::Limits;
use super::manifest::Manifest;
use super::name::{BundleName, SiteName};
use super::path::EntryPath;
use super::refusal::OpenError;
use super::seal::{self, Identity, SealError};
use super::sign::{self, KeyError, Signature, SitePublicKey};
use super::write::BAGIT;
use crate::time::Time;

/// A site key that a person has accepted.
#[derive(Clone, Debug)]
pub struct TrustedKey {
    /// Site.
    pub site: SiteName,
    /// Key.
    pub key: SitePublicKey,
    /// Bundles above this number are refused: the key was revoked.
    pub last_good_seq: Option<u64>,
}

/// The two files, unverified. Their bytes are a private copy: nobody can swap them between check and use.
#[derive(Debug)]
pub struct SealedBundle {
    name: BundleName,
    bytes: Vec<u8>,
    signature: Signature,
}

/// A verified outer layer: origin, order and integrity, without any decryption key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outer {
    /// What the site signed.
    pub comment: OuterComment,
    /// Key it was signed with.
    pub key: SitePublicKey,
}

/// One file below `data/`.
#[derive(Debug)]
pub struct Part<'a> {
    /// Entry.
    pub path: &'a EntryPath,
    /// Table, when the path is that of a table part.
    pub table: Option<&'a str>,
    /// Content.
    pub bytes: &'a [u8],
}

/// What a bundle says once all checks have passed.
#[derive(Debug)]
pub struct Opened {
    /// Outer layer.
    pub outer: Outer,
    /// `bundle.json`.
    pub info: BundleInfo,
    /// `Capture-End` of `bag-info.txt`, or the time of the outer signature.
    pub ended_at: Time,
    /// Digest of each file below `data/`.
    pub files: BTreeMap<EntryPath, String>,
}

impl SealedBundle {
    /// Takes the content of both files; `file_name` is that of the encrypted one.
    ///
    /// # Errors
    /// A name, size or signature file that is not allowed.
    pub fn new(
        file_name: &str,
        bytes: Vec<u8>,
        signature: &[u8],
        limits: &Limits,
    ) -> Result<Self, OpenError> {
        let stem = file_name.strip_suffix(".tar.zst.age").unwrap_or(file_name);
        let name = BundleName::parse(stem).map_err(OpenError::Name)?;
        let too_large = |bytes, limit| OpenError::TooLarge {
            name: name.to_string(),
            bytes,
            limit,
        };
        if bytes.len() as u64 > limits.sealed_bytes {
            return Err(too_large(bytes.len() as u64, limits.sealed_bytes));
        }
        if signature.len() as u64 > limits.signature_bytes {
            return Err(too_large(signature.len() as u64, limits.signature_bytes));
        }
        let signature = std::str::from_utf8(signature)
            .map_err(|_| KeyError::Signature)
            .and_then(Signature::parse)
            .map_err(|source| OpenError::Signature {
                name: name.to_string(),
                source,
            })?;
        Ok(Self {
            name,
            bytes,
            signature,
        })
    }

    /// BLAKE2b-512 of the encrypted file: what signatures are over.
    pub(super) fn prehash(&self) -> [u8; 64] {
        sign::prehash(&self.bytes)
    }

    /// Name of the file.
    pub fn name(&self) -> &BundleName {
        &self.name
    }

    /// Steps 1 to 3: all that a gateway without a decryption key can check.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn verify(&self, trusted: &[TrustedKey]) -> Result<Outer, OpenError> {
        let name = self.name.to_string();
        let candidates = trusted
            .iter()
            .filter(|key| key.site == self.name.site && key.key.may_have_made(&self.signature));
        let is_revoked =
            |key: &&TrustedKey| key.last_good_seq.is_some_and(|last| self.name.seq > last);
        let (revoked, valid): (Vec<&TrustedKey>, Vec<&TrustedKey>) =
            candidates.partition(is_revoked);
        let keys: Vec<&SitePublicKey> = valid.into_iter().map(|key| &key.key).collect();
        if keys.is_empty() {
            let last = revoked.iter().filter_map(|key| key.last_good_seq).max();
            return Err(match last {
                Some(last) => OpenError::RevokedKey { name, last },
                None => OpenError::UntrustedKey {
                    name,
                    site: self.name.site.to_string(),
                    key_id: self.signature.key_id(),
                },
            });
        }
        let (prehash, sha256) = std::thread::scope(|scope| {
            let sha256 = scope.spawn(|| HEXLOWER.encode(&Sha256::digest(&self.bytes)));
            (
                sign::prehash(&self.bytes),
                sha256.join().unwrap_or_default(),
            )
        });
        let Some(key) = keys
            .into_iter()
            .find(|key| key.verifies(&self.signature, &prehash))
        else {
            return Err(OpenError::Changed {
                cut: self.cut(),
                name,
            });
        };
        let comment = OuterComment::parse(self.signature.trusted_comment()).map_err(|source| {
            OpenError::Comment {
                name: name.clone(),
                source,
            }
        })?;
        if comment.file != self.name.file_name()
            || comment.site != self.name.site
            || comment.seq != self.name.seq
        {
            return Err(OpenError::Renamed {
                name,
                signed: comment.file,
            });
        }
        if comment.sha256 != sha256 {
            return Err(OpenError::Digest { name });
        }
        Ok(Outer {
            comment,
            key: key.clone(),
        })
    }

    /// A hint for people, from a comment that is not verified.
    fn cut(&self) -> String {
        match OuterComment::parse(self.signature.trusted_comment()) {
            Ok(comment) if (self.bytes.len() as u64) < comment.bytes => {
                format!(
                    ", or is cut short ({} of {} bytes)",
                    self.bytes.len(),
                    comment.bytes
                )
            }
            _ => String::new(),
        }
    }

    /// All steps. Parts are handed to `sink` while the archive streams by; the caller drops what it collected when
    /// this returns an error.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(
        &self,
        trusted: &[TrustedKey],
        identities: &[Identity],
        limits: &Limits,
        sink: &mut dyn FnMut(Part<'_>),
    ) -> Result<Opened, OpenError> {
        let outer = self.verify(trusted)?;
        let name = self.name.to_string();
        let plain =
            seal::decrypt(&self.bytes, identities, limits).map_err(|source| match source {
                SealError::NotForMe => OpenError::NotForMe {
                    name: name.clone(),
                    site: self.name.site.to_string(),
                },
                source => OpenError::Seal {
                    name: name.clone(),
                    source,
                },
            })?;
        let bag = self.read_bag(plain, limits, sink)?;
        let opened = self.check_bag(bag, outer)?;
        let is_named = identities.iter().any(|mine| {
            opened
                .info
                .recipients
                .iter()
                .any(|r| r == mine.recipient().as_str())
        });
        if is_named {
            Ok(opened)
        } else {
            Err(OpenError::Forwarded { name })
        }
    }

    fn read_bag(
        &self,
        plain: impl std::io::Read,
        limits: &Limits,
        sink: &mut dyn FnMut(Part<'_>),
    ) -> Result<Bag, OpenError> {
        let name = || self.name.to_string();
        let entries = |what| OpenError::Entries { name: name(), what };
        let archive_error = |source| OpenError::Archive {
            name: name(),
            source,
        };
        let frames =
            FrameReader::new(plain).map_err(|source| archive_error(ArchiveError::Read(source)))?;
        let mut reader = ArchiveReader::new(frames, self.name.to_string());
        let limit = |path: &EntryPath| match path.as_str().starts_with("data/") {
            true => super::MAX_PART_BYTES as u64,
            false => limits.tag_bytes,
        };
        let mut bag = Bag::default();
        let mut seen = BTreeSet::new();
        let (mut body, mut plain_bytes) = (Vec::new(), 0u64);
        let (mut is_late, mut n_entries) = (false, 0);
        while let Some(path) = reader.next(&mut body, limit).map_err(archive_error)? {
            plain_bytes += body.len() as u64;
            n_entries += 1;
            if plain_bytes > limits.plain_bytes || n_entries > limits.n_entries {
                return Err(entries("more than the reader accepts"));
            }
            // Names and types of what follows are still judged, so that the first step that fails is named.
            if bag.tags.contains_key(SIGNATURE) {
                is_late = true;
                continue;
            }
            if path.as_str().starts_with("data/") {
                bag.payload
                    .insert(path.clone(), HEXLOWER.encode(&Sha256::digest(&body)));
                bag.payload_bytes += body.len() as u64;
                let table = path.table_part().map(|(table, _)| table);
                sink(Part {
                    path: &path,
                    table,
                    bytes: &body,
                });
            } else if TAGS.contains(&path.as_str()) {
                bag.tags.insert(path.as_str().to_owned(), body.clone());
            } else {
                return Err(entries(
                    "a file beside its payload that does not belong there",
                ));
            }
            if !seen.insert(path) {
                return Err(entries("an entry twice"));
            }
        }
        if is_late {
            return Err(entries("an entry after its inner signature"));
        }
        Ok(bag)
    }

    fn check_bag(&self, bag: Bag, outer: Outer) -> Result<Opened, OpenError> {
        let name = self.name.to_string();
        let entries = |what| OpenError::Entries {
            name: name.clone(),
            what,
        };
        let tag = |path: &str| {
            bag.tags
                .get(path)
                .map(Vec::as_slice)
                .ok_or_else(|| entries("no complete set of tag files"))
        };
        let text = |path: &str| {
            tag(path).and_then(|bytes| {
                std::str::from_utf8(bytes).map_err(|_| entries("a tag file that is not text"))
            })
        };
        let tags = tag("tagmanifest-sha256.txt")?;
        let signature =
            Signature::parse(text(SIGNATURE)?).map_err(|source| OpenError::Signature {
                name: name.clone(),
                source,
            })?;
        if !outer.key.verifies(&signature, &sign::prehash(tags)) {
            return Err(OpenError::InnerSignature { name });
        }
        let inner = InnerComment::parse(signature.trusted_comment()).map_err(|source| {
            OpenError::Comment {
                name: name.clone(),
                source,
            }
        })?;
        let manifest = |path: &str| {
            Manifest::parse(text(path)?).map_err(|source| OpenError::Manifest {
                name: name.clone(),
                source,
            })
        };
        for (path, digest) in &manifest("tagmanifest-sha256.txt")?.0 {
            if HEXLOWER.encode(&Sha256::digest(tag(path.as_str())?)) != *digest {
                return Err(OpenError::File {
                    name,
                    path: path.to_string(),
                });
            }
        }
        let tag_manifest = manifest("tagmanifest-sha256.txt")?.0;
        let listed: Vec<&str> = tag_manifest.keys().map(EntryPath::as_str).collect();
        if listed
            != [
                "bag-info.txt",
                "bagit.txt",
                "bundle.json",
                "manifest-sha256.txt",
            ]
        {
            return Err(entries("a tag manifest that does not cover all tag files"));
        }
        let payload = manifest("manifest-sha256.txt")?.0;
        if let Some((path, _)) = bag
            .payload
            .iter()
            .find(|(path, digest)| payload.get(*path).is_some_and(|d| d != *digest))
        {
            return Err(OpenError::File {
                name,
                path: path.to_string(),
            });
        }
        if payload.len() != bag.payload.len() || payload.keys().ne(bag.payload.keys()) {
            return Err(entries("payload files other than its manifest lists"));
        }
        if text("bagit.txt")? != BAGIT {
            return Err(entries("a bag of another BagIt version"));
        }
        let bag_info = text("bag-info.txt")?;
        let field = |key: &str| {
            bag_info
                .lines()
                .find_map(|line| line.strip_prefix(key))
                .map(str::trim)
        };
        if field("Payload-Oxum:") != Some(&format!("{}.{}", bag.payload_bytes, bag.payload.len())) {
            return Err(entries("a payload of another size than its bag says"));
        }
        if field("External-Identifier:") != Some(name.as_str()) {
            return Err(entries("a bag of another name"));
        }
        let info: BundleInfo = serde_json::from_slice(tag("bundle.json")?)
            .map_err(|_| OpenError::Info { name: name.clone() })?;
        if !info.is_valid() {
            return Err(OpenError::Info { name });
        }
        let ended_at = field("Capture-End:").and_then(Time::parse);
        let ended_at = ended_at.unwrap_or(Time::from_unix_secs(outer.comment.timestamp));
        self.check_identity(&info, &inner, &outer)?;
        Ok(Opened {
            outer,
            info,
            ended_at,
            files: bag.payload,
        })
    }

    fn check_identity(
        &self,
        info: &BundleInfo,
        inner: &InnerComment,
        outer: &Outer,
    ) -> Result<(), OpenError> {
        let name = self.name.to_string();
        let key = outer.key.fingerprint().to_string();
        let comment = &outer.comment;
        let fields = [
            ("bundle", info.bundle == name && inner.bundle == name),
            ("site", info.site == comment.site.as_str()),
            ("stream", info.stream == comment.stream),
            ("number", info.seq == comment.seq),
            ("predecessor", info.prev == comment.prev),
            ("size", comment.bytes == self.bytes.len() as u64),
            (
                "site key",
                info.site_key_sha256
                    .as_ref()
                    .is_none_or(|inside| *inside == key),
            ),
        ];
        match fields.iter().find(|(_, is_equal)| !is_equal) {
            Some((what, _)) => Err(OpenError::Mismatch { name, what }),
            None => Ok(()),
        }
    }
}

const SIGNATURE: &str = "tagmanifest-sha256.txt.minisig";
const TAGS: [&str; 6] = [
    "bag-info.txt",
    "bagit.txt",
    "bundle.json",
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt",
    SIGNATURE,
];

#[derive(Default)]
struct Bag {
    tags: BTreeMap<String, Vec<u8>>,
    payload: BTreeMap<EntryPath, String>,
    payload_bytes: u64,
}

#[cfg(test)]
pub(super) mod tests;
