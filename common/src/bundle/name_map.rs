//! The site's own map from pseudonyms to names: new pairs of one run, for the holder of the recovery key alone.
//!
//! Encrypted to one recipient and signed by the site key. It is never inside a bundle and never beside one.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::comment::{Fields, is_hex, number};
use super::limits::Limits;
use super::name::SiteName;
use super::seal::{self, Identity, Recipient, SealError};
use super::sign::{self, KeyError, Signature, SitePublicKey, SiteSecretKey};
use crate::time::Time;

/// Schema name of the first line.
pub const MAP_SCHEMA: &str = "tsm.reid/1";

/// Folder of the maps, below the output folder.
pub const MAP_FOLDER: &str = "reid";

/// A map that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// Not a signature file.
    #[error("signature of the map cannot be used")]
    Signature(#[source] KeyError),
    /// No key of the site signed it, or it was changed.
    #[error(
        "map was changed after signing, or is signed by a key that is not the site's; nothing was read from it"
    )]
    Changed,
    /// The signed comment is not of this format, or is that of another file.
    #[error("map has a signed comment of another file")]
    Comment,
    /// Cannot be decrypted.
    #[error("map cannot be decrypted; it opens with the site's recovery key only")]
    Seal(#[source] SealError),
    /// Larger than the reader accepts.
    #[error("map is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// A line is not a pair, or the first not the head.
    #[error("line {line} of the map is not of this format")]
    Line {
        /// Line, from 1.
        line: usize,
    },
    /// Two names for one pseudonym.
    #[error(
        "maps name two different names for one pseudonym of kind `{kind}`; one of them is forged or damaged"
    )]
    TwoNames {
        /// Kind.
        kind: String,
    },
}

/// The first line: where the pairs belong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapHead {
    /// [`MAP_SCHEMA`].
    pub schema: String,
    /// Site.
    pub site: String,
    /// Chain id.
    pub stream: String,
    /// Number of the bundle that the pairs are new in.
    pub seq: u64,
    /// Number of the pseudonym key.
    pub epoch: u64,
    /// 128 bits that contradict another pseudonym key.
    pub key_check: String,
}

impl MapHead {
    /// Name of the encrypted file.
    pub fn file_name(&self) -> String {
        format!("reid-{}-{:06}.jsonl.age", self.site, self.seq)
    }

    fn comment(&self, at: Time, sealed: &[u8]) -> String {
        format!(
            "timestamp:{}\tfile:{}\thashed\treid:1\tsite:{}\tstream:{}\tseq:{}\tepoch:{}\tsha256:{}\tbytes:{}",
            at.unix_secs(),
            self.file_name(),
            self.site,
            self.stream,
            self.seq,
            self.epoch,
            HEXLOWER.encode(&Sha256::digest(sealed)),
            sealed.len()
        )
    }
}

/// One pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapPair {
    /// Pseudonym.
    #[serde(rename = "t")]
    pub token: String,
    /// Kind.
    #[serde(rename = "k")]
    pub kind: String,
    /// Name.
    #[serde(rename = "v")]
    pub name: String,
}

/// A sealed map and its signature.
#[derive(Debug)]
pub struct SealedMap {
    /// Name of the file.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Content of the file of the same name with `.minisig`.
    pub signature: String,
}

/// Seals sorted lines of pairs.
///
/// # Errors
/// The recipient cannot be used.
pub fn seal_map(
    head: &MapHead,
    lines: &[u8],
    recipient: &Recipient,
    key: &SiteSecretKey,
    at: Time,
) -> Result<SealedMap, SealError> {
    let mut bytes = Vec::new();
    let mut writer = seal::encrypt(std::slice::from_ref(recipient), &mut bytes)?;
    let first = serde_json::to_vec(head).map_err(|error| SealError::Age(error.into()))?;
    for piece in [first.as_slice(), b"\n", lines] {
        writer.write_all(piece).map_err(SealError::Age)?;
    }
    writer.finish().map_err(SealError::Age)?;
    let signature = key.sign(&sign::prehash(&bytes), &head.comment(at, &bytes));
    Ok(SealedMap {
        file_name: head.file_name(),
        signature: signature.to_text("truenas-collector re-identification map"),
        bytes,
    })
}

/// Checks the signature, decrypts, and reads head and pairs.
///
/// # Errors
/// See [`MapError`].
pub fn open_map(
    sealed: &SealedMap,
    keys: &[SitePublicKey],
    identity: &Identity,
    limits: &Limits,
) -> Result<(MapHead, Vec<MapPair>), MapError> {
    let limit_bytes = limits.sealed_bytes;
    if sealed.bytes.len() as u64 > limit_bytes {
        return Err(MapError::TooLarge { limit_bytes });
    }
    let signature = Signature::parse(&sealed.signature).map_err(MapError::Signature)?;
    let prehash = sign::prehash(&sealed.bytes);
    if !keys.iter().any(|key| key.verifies(&signature, &prehash)) {
        return Err(MapError::Changed);
    }
    let claimed = parse_comment(signature.trusted_comment()).ok_or(MapError::Comment)?;
    let plain = seal::decrypt(&sealed.bytes, std::slice::from_ref(identity), limits)
        .map_err(MapError::Seal)?;
    let mut text = Zeroizing::new(String::new());
    // Without compression the plaintext is shorter than what was sealed.
    plain
        .take(limit_bytes + 1)
        .read_to_string(&mut text)
        .map_err(|error| MapError::Seal(SealError::Age(error)))?;
    let (head, pairs) = parse_lines(&text)?;
    let at = Time::from_unix_secs(claimed.0);
    let is_own = head.comment(at, &sealed.bytes) == signature.trusted_comment()
        && head.file_name() == sealed.file_name
        && claimed.1 == head.site;
    is_own.then_some((head, pairs)).ok_or(MapError::Comment)
}

/// Joins the pairs of several maps.
///
/// # Errors
/// [`MapError::TwoNames`].
pub fn join_maps(
    maps: impl IntoIterator<Item = Vec<MapPair>>,
) -> Result<BTreeMap<(String, String), String>, MapError> {
    let mut joined: BTreeMap<(String, String), String> = BTreeMap::new();
    for pair in maps.into_iter().flatten() {
        let kind = pair.kind.clone();
        let held = joined
            .entry((pair.kind, pair.token))
            .or_insert_with(|| pair.name.clone());
        if *held != pair.name {
            return Err(MapError::TwoNames { kind });
        }
    }
    Ok(joined)
}

fn parse_lines(text: &str) -> Result<(MapHead, Vec<MapPair>), MapError> {
    let mut lines = (1..).zip(text.lines());
    let head = lines
        .next()
        .and_then(|(_, line)| serde_json::from_str::<MapHead>(line).ok())
        .filter(|head| head.schema == MAP_SCHEMA)
        .ok_or(MapError::Line { line: 1 })?;
    let pairs =
        lines.map(|(line, text)| serde_json::from_str(text).map_err(|_| MapError::Line { line }));
    let pairs: Vec<MapPair> = pairs.collect::<Result<_, _>>()?;
    Ok((head, pairs))
}

/// Time and site; the rest is compared with the head as a whole.
fn parse_comment(line: &str) -> Option<(i64, String)> {
    let mut fields = Fields::new(line)?;
    let timestamp = fields.next("timestamp:").and_then(number)?;
    fields.next("file:")?;
    fields.next("hashed").filter(|rest| rest.is_empty())?;
    fields.next("reid:").filter(|version| *version == "1")?;
    let site = SiteName::parse(fields.next("site:")?).ok()?;
    fields.next("stream:").filter(|text| is_hex(text, 16))?;
    Some((timestamp, site.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "{\"t\":\"ns-a\",\"k\":\"ns\",\"v\":\"dev\"}\n{\"t\":\"ns-b\",\"k\":\"ns\",\"v\":\"prod\"}\n";

    fn head() -> MapHead {
        MapHead {
            schema: MAP_SCHEMA.to_owned(),
            site: "k3f9".to_owned(),
            stream: "5f1c9a03b7d2e468".to_owned(),
            seq: 42,
            epoch: 1,
            key_check: "be0453aa91c27d6e8f30415263748596".to_owned(),
        }
    }

    fn key() -> SiteSecretKey {
        SiteSecretKey::new(&[3; 32], [7; 8])
    }

    fn sealed(identity: &Identity, lines: &str) -> SealedMap {
        let at = Time::from_unix_secs(1_795_459_200);
        seal_map(&head(), lines.as_bytes(), &identity.recipient(), &key(), at).unwrap()
    }

    fn open(sealed: &SealedMap, identity: &Identity) -> Result<Vec<MapPair>, MapError> {
        let opened = open_map(sealed, &[key().public()], identity, &Limits::default());
        opened.map(|(found, pairs)| {
            assert_eq!(found, head());
            pairs
        })
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_recovery_key_alone() {
        let identity = Identity::generate();
        let map = sealed(&identity, LINES);
        assert_eq!(map.file_name, "reid-k3f9-000042.jsonl.age");
        let pairs = open(&map, &identity).unwrap();
        assert_eq!((pairs.len(), pairs[1].name.as_str()), (2, "prod"));
        assert!(!map.bytes.windows(4).any(|window| window == b"prod"));
        assert!(matches!(
            open(&map, &Identity::generate()),
            Err(MapError::Seal(_))
        ));
        assert!(open(&sealed(&identity, ""), &identity).unwrap().is_empty());
    }

    #[test]
    fn changed_renamed_and_foreign_maps_are_refused() {
        let identity = Identity::generate();
        let mut map = sealed(&identity, LINES);
        map.bytes[200] ^= 1;
        assert!(matches!(open(&map, &identity), Err(MapError::Changed)));
        let mut map = sealed(&identity, LINES);
        map.file_name = "reid-k3f9-000041.jsonl.age".to_owned();
        assert!(matches!(open(&map, &identity), Err(MapError::Comment)));
        let map = sealed(&identity, LINES);
        let stranger = SiteSecretKey::new(&[4; 32], [7; 8]).public();
        let opened = open_map(&map, &[stranger], &identity, &Limits::default());
        assert!(matches!(opened, Err(MapError::Changed)));
        let map = sealed(&identity, "{\"t\":\"ns-a\",\"k\":\"ns\",\"v\":1}\n");
        assert!(matches!(
            open(&map, &identity),
            Err(MapError::Line { line: 2 })
        ));
    }

    #[test]
    fn two_names_for_one_pseudonym_are_refused() {
        let pair = |name: &str| MapPair {
            token: "ns-a".to_owned(),
            kind: "ns".to_owned(),
            name: name.to_owned(),
        };
        let joined = join_maps([vec![pair("prod")], vec![pair("prod")]]).unwrap();
        assert_eq!(joined.len(), 1);
        assert!(matches!(
            join_maps([vec![pair("prod")], vec![pair("dev")]]),
            Err(MapError::TwoNames { kind }) if kind == "ns"
        ));
    }
}
