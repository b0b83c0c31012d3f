//! Site keys and minisign signatures: prehashed (`ED`) only.
//!
//! A legacy signature over a 64-byte file can be made from a prehashed one, so nothing here reads or writes `Ed`.

use std::fmt;

use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Digest as _};
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature as RawSignature, Signer as _, SigningKey, VerifyingKey};
use sha2::Sha256;
use zeroize::Zeroizing;

const COMMENT: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";

/// A key or signature file that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a public key file.
    #[error("not a minisign public key file")]
    Public,
    /// Not a secret key file.
    #[error("not a minisign secret key file")]
    Secret,
    /// The secret key needs a passphrase, which a cluster cannot type.
    #[error(
        "secret key is protected by a passphrase; make one without (`minisign -G -W`) and guard the file instead"
    )]
    Protected,
    /// Not a signature file.
    #[error("not a minisign signature file")]
    Signature,
    /// Made by minisign before prehashing became the default.
    #[error(
        "signature is in minisign's old format, which can be forged for this use; sign with minisign 0.10 or later"
    )]
    Legacy,
}

/// SHA-256 of the 32 bytes of a public key. minisign's own key id is random and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// 64 hexadecimal digits, read aloud in groups of four.
    pub fn grouped(&self) -> String {
        let digits = self.to_string();
        let groups: Vec<&str> = (0..16)
            .map(|group| &digits[group * 4..group * 4 + 4])
            .collect();
        groups.join(" ")
    }

    /// Reads 64 hexadecimal digits; blanks between groups are allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|char| !char.is_whitespace()).collect();
        let bytes = HEXLOWER
            .decode(digits.to_ascii_lowercase().as_bytes())
            .ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// Public half of a site key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePublicKey {
    id: [u8; 8],
    key: VerifyingKey,
}

impl SitePublicKey {
    /// Reads a stock public key file.
    ///
    /// # Errors
    /// [`KeyError::Public`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = second_line(text).ok_or(KeyError::Public)?;
        let (Some(b"Ed"), Some(id), Some(key), 42) = (
            bytes.get(..2),
            array(&bytes, 2),
            array(&bytes, 10),
            bytes.len(),
        ) else {
            return Err(KeyError::Public);
        };
        let key = VerifyingKey::from_bytes(&key).map_err(|_| KeyError::Public)?;
        Ok(Self { id, key })
    }

    /// The stock public key file.
    pub fn to_text(&self) -> String {
        let bytes = [b"Ed".as_slice(), &self.id, self.key.as_bytes()].concat();
        format!(
            "{COMMENT}minisign public key {}\n{}\n",
            key_id(&self.id),
            BASE64.encode(&bytes)
        )
    }

    /// What people compare.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.key.as_bytes()).into())
    }

    /// Whether the signature names this key's id; a hint for choosing, not a proof.
    pub fn may_have_made(&self, signature: &Signature) -> bool {
        self.id == signature.id
    }

    /// Checks a signature over data with the given BLAKE2b-512 digest, and over its trusted comment.
    pub fn verifies(&self, signature: &Signature, prehash: &[u8; 64]) -> bool {
        let global = [signature.raw.as_slice(), signature.trusted.as_bytes()].concat();
        self.may_have_made(signature)
            && self
                .key
                .verify_strict(prehash, &RawSignature::from_bytes(&signature.raw))
                .is_ok()
            && self
                .key
                .verify_strict(&global, &RawSignature::from_bytes(&signature.global))
                .is_ok()
    }
}

/// Secret half of a site key.
pub struct SiteSecretKey {
    id: [u8; 8],
    key: SigningKey,
}

impl fmt::Debug for SiteSecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl SiteSecretKey {
    /// Makes a key from random bytes.
    pub fn new(seed: &[u8; 32], id: [u8; 8]) -> Self {
        Self {
            id,
            key: SigningKey::from_bytes(seed),
        }
    }

    /// Reads a stock secret key file without passphrase (`minisign -G -W`).
    ///
    /// # Errors
    /// [`KeyError::Secret`], [`KeyError::Protected`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(second_line(text).ok_or(KeyError::Secret)?);
        if bytes.len() != 158 || &bytes[..2] != b"Ed" || &bytes[4..6] != b"B2" {
            return Err(KeyError::Secret);
        }
        if bytes[2..4] != [0, 0] {
            return Err(KeyError::Protected);
        }
        let (Some(id), Some(seed)) = (array(&bytes, 54), array::<32>(&bytes, 62)) else {
            return Err(KeyError::Secret);
        };
        let seed = Zeroizing::new(seed);
        let key = Self::new(&seed, id);
        let is_whole =
            bytes[94..126] == *key.key.verifying_key().as_bytes() && bytes[126..] == key.checksum();
        if is_whole {
            Ok(key)
        } else {
            Err(KeyError::Secret)
        }
    }

    /// The stock secret key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(self.key.to_bytes());
        let bytes = Zeroizing::new(
            [
                b"Ed\0\0B2".as_slice(),
                &[0; 48],
                &self.id,
                seed.as_slice(),
                self.key.verifying_key().as_bytes(),
                &self.checksum(),
            ]
            .concat(),
        );
        Zeroizing::new(format!(
            "{COMMENT}minisign secret key {}\n{}\n",
            key_id(&self.id),
            BASE64.encode(&bytes)
        ))
    }

    fn checksum(&self) -> [u8; 32] {
        let mut hash = Blake2b::<U32>::new();
        hash.update(b"Ed");
        hash.update(self.id);
        hash.update(Zeroizing::new(self.key.to_bytes()).as_slice());
        hash.update(self.key.verifying_key().as_bytes());
        hash.finalize().into()
    }

    /// Public half.
    pub fn public(&self) -> SitePublicKey {
        SitePublicKey {
            id: self.id,
            key: self.key.verifying_key(),
        }
    }

    /// Signs data with the given BLAKE2b-512 digest. Deterministic, as Ed25519 is.
    pub fn sign(&self, prehash: &[u8; 64], trusted: &str) -> Signature {
        let raw = self.key.sign(prehash).to_bytes();
        let global = self
            .key
            .sign(&[raw.as_slice(), trusted.as_bytes()].concat())
            .to_bytes();
        Signature {
            id: self.id,
            raw,
            trusted: trusted.to_owned(),
            global,
        }
    }
}

/// A prehashed minisign signature with its trusted comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    id: [u8; 8],
    raw: [u8; 64],
    trusted: String,
    global: [u8; 64],
}

impl Signature {
    /// Reads a stock signature file.
    ///
    /// # Errors
    /// [`KeyError::Signature`], [`KeyError::Legacy`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut lines = text.split('\n');
        let (Some(comment), Some(body), Some(trusted), Some(global)) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(KeyError::Signature);
        };
        if !comment.starts_with(COMMENT) || lines.any(|rest| !rest.is_empty()) {
            return Err(KeyError::Signature);
        }
        let body = BASE64
            .decode(body.as_bytes())
            .map_err(|_| KeyError::Signature)?;
        let global = BASE64
            .decode(global.as_bytes())
            .map_err(|_| KeyError::Signature)?;
        match body.get(..2) {
            Some(b"ED") => {}
            Some(b"Ed") => return Err(KeyError::Legacy),
            _ => return Err(KeyError::Signature),
        }
        let (Some(id), Some(raw), 74) = (array(&body, 2), array(&body, 10), body.len()) else {
            return Err(KeyError::Signature);
        };
        let trusted = trusted.strip_prefix(TRUSTED).ok_or(KeyError::Signature)?;
        let global = <[u8; 64]>::try_from(global).map_err(|_| KeyError::Signature)?;
        Ok(Self {
            id,
            raw,
            trusted: trusted.to_owned(),
            global,
        })
    }

    /// The stock signature file.
    pub fn to_text(&self, comment: &str) -> String {
        let body = [b"ED".as_slice(), &self.id, &self.raw].concat();
        format!(
            "{COMMENT}{comment}\n{}\n{TRUSTED}{}\n{}\n",
            BASE64.encode(&body),
            self.trusted,
            BASE64.encode(&self.global)
        )
    }

    /// The trusted comment; trust it only after [`SitePublicKey::verifies`].
    pub fn trusted_comment(&self) -> &str {
        &self.trusted
    }

    /// minisign's key id: random, so a hint only.
    pub fn key_id(&self) -> String {
        key_id(&self.id)
    }
}

/// BLAKE2b-512 of bytes in memory.
pub(super) fn prehash(bytes: &[u8]) -> [u8; 64] {
    Blake2b512::digest(bytes).into()
}

fn key_id(id: &[u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(*id))
}

fn second_line(text: &str) -> Option<Vec<u8>> {
    let mut lines = text.lines();
    lines.next().filter(|line| line.starts_with(COMMENT))?;
    BASE64.decode(lines.next()?.trim_end().as_bytes()).ok()
}

fn array<const N: usize>(bytes: &[u8], start: usize) -> Option<[u8; N]> {
    bytes.get(start..start + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Public test seed of the specification's vectors.
    fn test_key() -> SiteSecretKey {
        SiteSecretKey::new(
            &std::array::from_fn(|index| index as u8),
            [1, 2, 3, 4, 5, 6, 7, 8],
        )
    }

    const COMMENT_LINE: &str =
        "timestamp:1795459200\tfile:hello.txt\thashed\tv:1\tsite:k3f9\tseq:42";

    #[test]
    fn the_published_vector_is_reproduced_to_the_byte() {
        let signature = test_key().sign(&prehash(b"hello\n"), COMMENT_LINE);
        let expected = include_str!("../../../tests/vectors/hello.txt.minisig");
        assert_eq!(signature.to_text("test vector"), expected);
        assert_eq!(
            test_key().public().to_text(),
            include_str!("../../../tests/vectors/site.pub")
        );
    }

    #[test]
    fn legacy_confusion_and_an_edited_comment_are_refused() {
        let legacy = include_str!("../../../tests/vectors/neg-legacy-confusion.bin.minisig");
        assert_eq!(Signature::parse(legacy), Err(KeyError::Legacy));
        let edited = Signature::parse(include_str!(
            "../../../tests/vectors/neg-comment.txt.minisig"
        ))
        .unwrap();
        assert!(!test_key().public().verifies(&edited, &prehash(b"hello\n")));
    }

    #[test]
    fn key_files_round_trip_and_damage_is_noticed() {
        let text = test_key().to_text();
        let parsed = SiteSecretKey::parse(&text).unwrap();
        assert_eq!(parsed.public(), test_key().public());
        assert_eq!(
            SitePublicKey::parse(&parsed.public().to_text()),
            Ok(parsed.public())
        );
        let mut bytes = BASE64
            .decode(text.lines().nth(1).unwrap().as_bytes())
            .unwrap();
        bytes[70] ^= 1;
        let damaged = format!("{COMMENT}x\n{}\n", BASE64.encode(&bytes));
        assert_eq!(
            SiteSecretKey::parse(&damaged).unwrap_err(),
            KeyError::Secret
        );
        bytes[2] = b'S';
        let protected = format!("{COMMENT}x\n{}\n", BASE64.encode(&bytes));
        assert_eq!(
            SiteSecretKey::parse(&protected).unwrap_err(),
            KeyError::Protected
        );
    }

    #[test]
    fn a_key_with_the_same_id_does_not_verify() {
        let other = SiteSecretKey::new(&[9; 32], [1, 2, 3, 4, 5, 6, 7, 8]);
        let signature = test_key().sign(&prehash(b"x"), "y");
        assert!(other.public().may_have_made(&signature));
        assert!(!other.public().verifies(&signature, &prehash(b"x")));
        assert!(test_key().public().verifies(&signature, &prehash(b"x")));
    }

    #[test]
    fn fingerprints_are_read_as_they_are_shown() {
        let fingerprint = test_key().public().fingerprint();
        assert_eq!(
            Fingerprint::parse(&fingerprint.grouped()),
            Some(fingerprint)
        );
        assert_eq!(fingerprint.grouped().len(), 79);
    }
}
