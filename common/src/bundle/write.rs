//! Writes a bundle in one pass: rows come in parts, memory does not grow with the estate.

use std::io::{self, Write};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::archive::ArchiveWriter;
use super::comment::{InnerComment, OuterComment};
use super::info::BundleInfo;
use super::manifest::Manifest;
use super::name::{BundleName, NameError};
use super::path::{EntryPath, EntryPathError};
use super::screen::{NoScreen, Refusal, Screen};
use super::seal::{self, Recipient, SealError};
use super::sign::{self, Signature, SiteSecretKey};
use crate::time::Time;

/// Compression level. More makes rows hardly smaller: what is left is pseudonyms and uuids.
const LEVEL: i32 = 7;
/// Bytes that must be the same before they are a match. The shorter ones that the level would take stand in pseudonyms by
/// chance: without them 60,000 snapshots take as much as at level 9, in three fifths of the time.
const MIN_MATCH: u32 = 6;
const WINDOW_LOG: u32 = 23;
/// The whole of `bagit.txt`.
pub(super) const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A bundle that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The output failed.
    #[error("cannot write the bundle")]
    Io(#[source] io::Error),
    /// Recipients cannot be used.
    #[error("cannot encrypt the bundle")]
    Seal(#[source] SealError),
    /// The name in `bundle.json` is not a bundle name.
    #[error("bundle name is not valid")]
    Name(#[source] NameError),
    /// A table or part has a name that no reader would accept.
    #[error("entry name is not valid")]
    Path(#[source] EntryPathError),
    /// A part exceeds [`super::MAX_PART_BYTES`].
    #[error("part of {bytes} bytes is over the limit of 8 MiB")]
    PartTooLarge {
        /// Size.
        bytes: usize,
    },
    /// The screen refused a file.
    #[error("file {path} must not leave the site")]
    Refused {
        /// Entry.
        path: String,
        /// Why.
        #[source]
        source: Refusal,
    },
}

/// What is known only at the end.
#[derive(Clone, Copy, Debug)]
pub struct Capture {
    /// When the first request was sent.
    pub started_at: Time,
    /// When the last answer had arrived.
    pub ended_at: Time,
}

/// A finished, encrypted file that still lacks its outer signature.
#[derive(Debug)]
pub struct Sealed<W> {
    /// The output, flushed but not synced.
    pub out: W,
    /// SHA-256 of the encrypted bytes.
    pub sha256: String,
    /// Length of the encrypted bytes.
    pub bytes: u64,
    prehash: [u8; 64],
    info: BundleInfo,
    timestamp: i64,
}

impl<W> Sealed<W> {
    /// Signs the encrypted file; the text is the content of its `.minisig`.
    pub fn sign(&self, key: &SiteSecretKey) -> Signature {
        let file = format!("{}.tar.zst.age", self.info.bundle);
        let line = format!(
            "timestamp:{}\tfile:{file}\thashed\tv:1\tsite:{}\tstream:{}\tseq:{}\tprev:{}\tsha256:{}\tbytes:{}",
            self.timestamp,
            self.info.site,
            self.info.stream,
            self.info.seq,
            self.info.prev,
            self.sha256,
            self.bytes
        );
        debug_assert!(OuterComment::parse(&line).is_ok());
        key.sign(&self.prehash, &line)
    }
}

/// Hashes what passes: SHA-256 for the chain, BLAKE2b-512 for the signature.
struct Tee<W> {
    out: W,
    sha256: Sha256,
    blake2: blake2::Blake2b512,
    bytes: u64,
}

impl<W: Write> Write for Tee<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_written = self.out.write(bytes)?;
        self.sha256.update(&bytes[..n_written]);
        self.blake2.update(&bytes[..n_written]);
        self.bytes += n_written as u64;
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

type Stack<W> = zstd::Encoder<'static, age::stream::StreamWriter<Tee<W>>>;

/// Writes one bundle.
pub struct BundleWriter<W: Write> {
    bag: BagWriter<Stack<W>>,
    info: BundleInfo,
}

impl<W: Write> BundleWriter<W> {
    /// Begins with the fixed files; `info` is `bundle.json`.
    ///
    /// # Errors
    /// Unusable recipients or output.
    pub fn create(
        out: W,
        info: BundleInfo,
        recipients: &[Recipient],
        started_at: Time,
    ) -> Result<Self, WriteError> {
        Self::create_screened(out, info, recipients, started_at, Box::new(NoScreen))
    }

    /// As [`BundleWriter::create`], with a screen that sees every file before it is compressed.
    ///
    /// # Errors
    /// Unusable recipients or output, or what the screen refuses.
    pub fn create_screened(
        out: W,
        info: BundleInfo,
        recipients: &[Recipient],
        started_at: Time,
        screen: Box<dyn Screen>,
    ) -> Result<Self, WriteError> {
        let tee = Tee {
            out,
            sha256: Sha256::new(),
            blake2: blake2::Blake2b512::new(),
            bytes: 0,
        };
        let sealing = seal::encrypt(recipients, tee).map_err(WriteError::Seal)?;
        let mut encoder = zstd::Encoder::new(sealing, LEVEL).map_err(WriteError::Io)?;
        encoder.include_checksum(true).map_err(WriteError::Io)?;
        encoder.window_log(WINDOW_LOG).map_err(WriteError::Io)?;
        let min_match = zstd::zstd_safe::CParameter::MinMatch(MIN_MATCH);
        encoder.set_parameter(min_match).map_err(WriteError::Io)?;
        let bag = BagWriter::create(encoder, &info, started_at, screen)?;
        Ok(Self { bag, info })
    }

    /// Adds the next part of a table; lines are sorted here, so that the server's order does not show.
    ///
    /// # Errors
    /// A part over [`super::MAX_PART_BYTES`], or the output.
    pub fn add_part(&mut self, table: &str, lines: &[u8]) -> Result<(), WriteError> {
        self.bag.add_part(table, lines)
    }

    /// Writes manifests and the inner signature, and ends all layers.
    ///
    /// # Errors
    /// The output.
    pub fn finish(self, capture: Capture, key: &SiteSecretKey) -> Result<Sealed<W>, WriteError> {
        let encoder = self.bag.finish(&self.info, capture, key)?;
        let sealing = encoder.finish().map_err(WriteError::Io)?;
        let mut tee = sealing.finish().map_err(WriteError::Io)?;
        tee.flush().map_err(WriteError::Io)?;
        Ok(Sealed {
            out: tee.out,
            sha256: HEXLOWER.encode(&tee.sha256.finalize()),
            bytes: tee.bytes,
            prehash: tee.blake2.finalize().into(),
            info: self.info,
            timestamp: capture.ended_at.unix_secs(),
        })
    }
}

/// The plaintext of a bundle: a BagIt bag in a tar.
struct BagWriter<W> {
    archive: ArchiveWriter<W>,
    payload: Manifest,
    tags: Manifest,
    payload_bytes: u64,
    screen: Box<dyn Screen>,
    next_part: std::collections::BTreeMap<String, u64>,
}

impl<W: Write> BagWriter<W> {
    fn create(
        out: W,
        info: &BundleInfo,
        started_at: Time,
        screen: Box<dyn Screen>,
    ) -> Result<Self, WriteError> {
        let name = BundleName::parse(&info.bundle).map_err(WriteError::Name)?;
        let mut bag = Self {
            archive: ArchiveWriter::new(out, name.to_string(), started_at),
            payload: Manifest::default(),
            tags: Manifest::default(),
            payload_bytes: 0,
            screen,
            next_part: std::collections::BTreeMap::new(),
        };
        bag.add_tag("bagit.txt", BAGIT.as_bytes())?;
        let mut json = serde_json::to_vec(info).map_err(|error| WriteError::Io(error.into()))?;
        json.push(b'\n');
        bag.add_tag("bundle.json", &json)?;
        Ok(bag)
    }

    /// The only way into the archive.
    fn add(&mut self, path: &EntryPath, bytes: &[u8]) -> Result<(), WriteError> {
        self.screen
            .look(path.as_str(), bytes)
            .map_err(|source| WriteError::Refused {
                path: path.as_str().to_owned(),
                source,
            })?;
        self.archive.add(path, bytes).map_err(WriteError::Io)
    }

    fn add_tag(&mut self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = EntryPath::parse(path).map_err(WriteError::Path)?;
        self.add(&path, bytes)?;
        self.tags.0.insert(path, digest(bytes));
        Ok(())
    }

    fn add_part(&mut self, table: &str, lines: &[u8]) -> Result<(), WriteError> {
        if lines.len() > super::MAX_PART_BYTES {
            return Err(WriteError::PartTooLarge { bytes: lines.len() });
        }
        let mut sorted: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
        sorted.sort_unstable();
        let bytes = sorted.concat();
        let number = self.next_part.entry(table.to_owned()).or_default();
        let path = EntryPath::parse(&format!("data/{table}/{number:06}.jsonl"))
            .map_err(WriteError::Path)?;
        *number += 1;
        self.add(&path, &bytes)?;
        self.payload.0.insert(path, digest(&bytes));
        self.payload_bytes += bytes.len() as u64;
        Ok(())
    }

    fn finish(
        mut self,
        info: &BundleInfo,
        capture: Capture,
        key: &SiteSecretKey,
    ) -> Result<W, WriteError> {
        let bag_info = format!(
            "Payload-Oxum: {}.{}\nBagging-Date: {}\nExternal-Identifier: {}\nCapture-Start: {}\nCapture-End: {}\n",
            self.payload_bytes,
            self.payload.0.len(),
            capture.ended_at.day(),
            info.bundle,
            capture.started_at,
            capture.ended_at,
        );
        self.add_tag("bag-info.txt", bag_info.as_bytes())?;
        let payload = self.payload.to_text();
        self.add_tag("manifest-sha256.txt", payload.as_bytes())?;
        let tags = self.tags.to_text();
        let comment = InnerComment {
            timestamp: capture.ended_at.unix_secs(),
            bundle: info.bundle.clone(),
        };
        let signature = key
            .sign(&sign::prehash(tags.as_bytes()), &comment.to_line())
            .to_text("inner");
        for (path, bytes) in [
            ("tagmanifest-sha256.txt", tags),
            ("tagmanifest-sha256.txt.minisig", signature),
        ] {
            let path = EntryPath::parse(path).map_err(WriteError::Path)?;
            self.add(&path, bytes.as_bytes())?;
        }
        self.archive.finish().map_err(WriteError::Io)
    }
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::{info, key};
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn the_same_input_gives_the_same_archive_whatever_the_order_of_lines() {
        let start = Time::from_unix_secs(1_795_459_200);
        let write = |lines: &[u8]| {
            let mut bag =
                BagWriter::create(Vec::new(), &info(), start, Box::new(NoScreen)).unwrap();
            bag.add_part("k8s_pv", lines).unwrap();
            bag.finish(
                &info(),
                Capture {
                    started_at: start,
                    ended_at: start,
                },
                &key(),
            )
            .unwrap()
        };
        assert!(write(b"{\"a\":1}\n{\"b\":2}\n") == write(b"{\"b\":2}\n{\"a\":1}\n"));
    }

    type Files = Vec<(String, Vec<u8>)>;

    struct Kept(Arc<Mutex<Files>>);

    impl Screen for Kept {
        fn look(&mut self, path: &str, bytes: &[u8]) -> Result<(), Refusal> {
            if bytes.windows(4).any(|window| window == b"stop") {
                return Err("stop".into());
            }
            let mut kept = self.0.lock().unwrap();
            kept.push((path.to_owned(), bytes.to_vec()));
            Ok(())
        }
    }

    #[test]
    fn the_screen_sees_every_byte_of_the_archive_and_can_refuse() {
        let start = Time::from_unix_secs(0);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let screen = Box::new(Kept(Arc::clone(&seen)));
        let mut bag = BagWriter::create(Vec::new(), &info(), start, screen).unwrap();
        bag.add_part("k8s_pv", b"{\"b\":2}\n{\"a\":1}\n").unwrap();
        assert!(matches!(
            bag.add_part("k8s_pv", b"stop\n"),
            Err(WriteError::Refused { path, .. }) if path == "data/k8s_pv/000001.jsonl"
        ));
        let capture = Capture {
            started_at: start,
            ended_at: start,
        };
        let archive = bag.finish(&info(), capture, &key()).unwrap();
        let seen = seen.lock().unwrap();
        let paths: Vec<&str> = seen.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "bagit.txt",
                "bundle.json",
                "data/k8s_pv/000000.jsonl",
                "bag-info.txt",
                "manifest-sha256.txt",
                "tagmanifest-sha256.txt",
                "tagmanifest-sha256.txt.minisig"
            ]
        );
        assert_eq!(seen[2].1, b"{\"a\":1}\n{\"b\":2}\n");
        for (path, bytes) in seen.iter() {
            let is_there = archive.windows(bytes.len()).any(|window| window == bytes);
            assert!(is_there, "{path}");
        }
    }

    #[test]
    fn a_part_over_the_limit_is_refused() {
        let start = Time::from_unix_secs(0);
        let mut bag = BagWriter::create(Vec::new(), &info(), start, Box::new(NoScreen)).unwrap();
        let lines = vec![b'x'; super::super::MAX_PART_BYTES + 1];
        assert!(matches!(
            bag.add_part("k8s_pv", &lines),
            Err(WriteError::PartTooLarge { .. })
        ));
    }
}
