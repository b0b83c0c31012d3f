//! The pseudonym key and the keyed hash that names become. `spec`: HMAC-SHA-256, one subkey per kind, 80 bits.

use data_encoding::{BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::kind::KINDS;

/// Frozen: these bytes are the contract behind every pseudonym.
const LABEL: &[u8] = b"truenas-storage-monitor/pseudonym/v1";

type HmacSha256 = Hmac<Sha256>;

/// 32 random bytes that never leave the site.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PseudonymKey([u8; 32]);

/// The text is not a pseudonym key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "a pseudonym key is 64 hexadecimal digits on one line; make one with `truenas-collector keygen pseudonym`"
)]
pub struct KeyFormatError;

impl PseudonymKey {
    /// Takes the 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the key file's form: 64 hexadecimal digits and a line feed.
    pub fn parse(text: &str) -> Result<Self, KeyFormatError> {
        let mut decoded = HEXLOWER_PERMISSIVE
            .decode(text.trim_end().as_bytes())
            .map_err(|_| KeyFormatError)?;
        let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| KeyFormatError);
        decoded.zeroize();
        bytes.map(Self)
    }

    /// The key file's form.
    pub fn to_text(&self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(HEXLOWER_PERMISSIVE.encode(&self.0) + "\n")
    }
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// The keyed hash with its subkeys prepared.
pub(super) struct KeyedHash {
    kinds: BTreeMap<&'static str, HmacSha256>,
    check: String,
}

fn mac(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn finish(mac: HmacSha256) -> [u8; 32] {
    mac.finalize().into_bytes().into()
}

impl KeyedHash {
    pub(super) fn new(key: &PseudonymKey) -> Self {
        let mut root = mac(LABEL);
        root.update(&key.0);
        let prk = zeroize::Zeroizing::new(finish(root));
        let kinds = KINDS.iter().map(|kind| {
            let mut subkey = mac(prk.as_slice());
            subkey.update(b"kind=");
            subkey.update(kind.as_bytes());
            subkey.update(&[1]);
            let subkey = zeroize::Zeroizing::new(finish(subkey));
            (*kind, mac(subkey.as_slice()))
        });
        let mut check = mac(prk.as_slice());
        check.update(b"kcv");
        Self {
            kinds: kinds.collect(),
            check: HEXLOWER_PERMISSIVE.encode(&finish(check)[..16]),
        }
    }

    /// 128 bits that can only contradict, never prove, that two bundles share a key.
    pub(super) fn key_check(&self) -> &str {
        &self.check
    }

    /// The whole keyed hash of a value under its already pseudonymised parent.
    pub(super) fn hash(&self, kind: &'static str, parent: &str, value: &str) -> [u8; 32] {
        let mut mac = self.kinds[kind].clone();
        for part in [parent, value] {
            let length = u32::try_from(part.len()).expect("names are far shorter than 4 GiB");
            mac.update(&length.to_be_bytes());
            mac.update(part.as_bytes());
        }
        finish(mac)
    }
}

/// 16 characters `[a-z2-7]`: the first 80 bits.
pub(super) fn token(hash: &[u8; 32]) -> String {
    BASE32_NOPAD.encode(&hash[..10]).to_ascii_lowercase()
}

/// Whether a text has the form of a token.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == 16
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}
