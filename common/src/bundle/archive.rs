//! ustar, and only the part of it that a bundle uses: regular files under one root, nothing else.

use std::io::{self, Read, Write};

use tar::{EntryType, Header};

use super::path::EntryPath;
use crate::time::Time;

const BLOCK_BYTES: usize = 512;

/// Writes entries with fixed owner, mode and time.
pub(super) struct ArchiveWriter<W> {
    out: W,
    root: String,
    mtime: u64,
}

impl<W: Write> ArchiveWriter<W> {
    pub(super) fn new(out: W, root: String, time: Time) -> Self {
        Self {
            out,
            root,
            mtime: u64::try_from(time.unix_secs()).unwrap_or_default(),
        }
    }

    pub(super) fn add(&mut self, path: &EntryPath, bytes: &[u8]) -> io::Result<()> {
        let mut header = Header::new_ustar();
        header.set_path(format!("{}/{path}", self.root))?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.mtime);
        header.set_entry_type(EntryType::Regular);
        header.set_cksum();
        self.out.write_all(header.as_bytes())?;
        self.out.write_all(bytes)?;
        self.out
            .write_all(&[0; BLOCK_BYTES][..padding(bytes.len())])
    }

    /// Writes the end mark and gives the writer back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK_BYTES])?;
        Ok(self.out)
    }
}

fn padding(length: usize) -> usize {
    length.next_multiple_of(BLOCK_BYTES) - length
}

/// An archive that a bundle may not be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The stream under it failed.
    #[error("cannot read the archive")]
    Read(#[source] io::Error),
    /// The header is damaged or of another dialect.
    #[error("archive header is damaged or not ustar")]
    Header,
    /// A link, device, directory or extension.
    #[error("archive holds something that is not a regular file")]
    Kind,
    /// Outside the root or with odd characters.
    #[error("archive entry has a name that is not allowed")]
    Name,
    /// The entry is larger than the reader accepts.
    #[error("archive entry exceeds {limit} bytes")]
    TooLarge {
        /// Limit in bytes.
        limit: u64,
    },
    /// Bytes where zeros must be.
    #[error("archive has bytes in its padding or after its end")]
    Padding,
}

/// Reads entries one after the other.
pub(super) struct ArchiveReader<R> {
    source: R,
    root: String,
}

impl<R: Read> ArchiveReader<R> {
    pub(super) fn new(source: R, root: String) -> Self {
        Self { source, root }
    }

    /// Reads the next entry into `body`, which keeps its capacity from entry to entry.
    pub(super) fn next(
        &mut self,
        body: &mut Vec<u8>,
        limit: impl Fn(&EntryPath) -> u64,
    ) -> Result<Option<EntryPath>, ArchiveError> {
        let block = self.block()?;
        if block.iter().all(|byte| *byte == 0) {
            self.expect_end()?;
            return Ok(None);
        }
        let mut header = Header::new_ustar();
        header.as_mut_bytes().copy_from_slice(&block);
        let (path, size) = self.check(&header)?;
        let limit = limit(&path);
        if size > limit {
            return Err(ArchiveError::TooLarge { limit });
        }
        body.clear();
        let n_read = (&mut self.source)
            .take(size)
            .read_to_end(body)
            .map_err(ArchiveError::Read)?;
        if n_read as u64 != size {
            return Err(ArchiveError::Read(io::ErrorKind::UnexpectedEof.into()));
        }
        let mut rest = [0; BLOCK_BYTES];
        let rest = &mut rest[..padding(n_read)];
        self.source.read_exact(rest).map_err(ArchiveError::Read)?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(ArchiveError::Padding);
        }
        Ok(Some(path))
    }

    fn check(&self, header: &Header) -> Result<(EntryPath, u64), ArchiveError> {
        if header.as_ustar().is_none() || !checksum_holds(header) {
            return Err(ArchiveError::Header);
        }
        if header.entry_type() != EntryType::Regular || header.link_name_bytes().is_some() {
            return Err(ArchiveError::Kind);
        }
        let bytes = header.path_bytes();
        let name = std::str::from_utf8(&bytes).map_err(|_| ArchiveError::Name)?;
        let relative = name
            .strip_prefix(self.root.as_str())
            .and_then(|rest| rest.strip_prefix('/'));
        let path = relative
            .and_then(|relative| EntryPath::parse(relative).ok())
            .ok_or(ArchiveError::Name)?;
        // A size in base 256 would pass for a number here and for another one elsewhere.
        let is_octal = header
            .as_old()
            .size
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'7' | b' ' | 0));
        let size = header.size().map_err(|_| ArchiveError::Header)?;
        if is_octal {
            Ok((path, size))
        } else {
            Err(ArchiveError::Header)
        }
    }

    fn block(&mut self) -> Result<[u8; BLOCK_BYTES], ArchiveError> {
        let mut block = [0; BLOCK_BYTES];
        self.source
            .read_exact(&mut block)
            .map_err(ArchiveError::Read)?;
        Ok(block)
    }

    /// After the first zero block only zeros may follow: a second block, and the padding of stock tar.
    fn expect_end(&mut self) -> Result<(), ArchiveError> {
        if self.block()?.iter().any(|byte| *byte != 0) {
            return Err(ArchiveError::Padding);
        }
        let mut rest = [0; 4096];
        let mut n_rest = 0;
        loop {
            let n_read = self.source.read(&mut rest).map_err(ArchiveError::Read)?;
            n_rest += n_read;
            if n_read == 0 {
                return Ok(());
            }
            if n_rest > 64 << 10 || rest[..n_read].iter().any(|byte| *byte != 0) {
                return Err(ArchiveError::Padding);
            }
        }
    }
}

fn checksum_holds(header: &Header) -> bool {
    let Ok(stored) = header.cksum() else {
        return false;
    };
    let sum: u32 = header
        .as_bytes()
        .iter()
        .enumerate()
        .map(|(index, byte)| {
            if (148..156).contains(&index) {
                u32::from(b' ')
            } else {
                u32::from(*byte)
            }
        })
        .sum();
    sum == stored
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "k3f9-000001-20261123T184000Z";

    fn archive(change: impl Fn(&mut Header)) -> Vec<u8> {
        let mut header = Header::new_ustar();
        header.set_path(format!("{ROOT}/data/a.jsonl")).unwrap();
        header.set_size(3);
        header.set_mode(0o644);
        header.set_entry_type(EntryType::Regular);
        change(&mut header);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(b"abc");
        bytes.resize(4 * BLOCK_BYTES, 0);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
        let mut reader = ArchiveReader::new(bytes, ROOT.to_owned());
        let (mut entries, mut body) = (Vec::new(), Vec::new());
        while let Some(path) = reader.next(&mut body, |_| 100)? {
            entries.push((path.as_str().to_owned(), body.clone()));
        }
        Ok(entries)
    }

    #[test]
    fn written_entries_are_read_back_and_bytes_repeat() {
        let write = || {
            let mut writer = ArchiveWriter::new(
                Vec::new(),
                ROOT.to_owned(),
                Time::from_unix_secs(1_795_459_200),
            );
            writer
                .add(&EntryPath::parse("data/x.jsonl").unwrap(), &[b'x'; 100])
                .unwrap();
            writer
                .add(&EntryPath::parse("bagit.txt").unwrap(), b"")
                .unwrap();
            writer.finish().unwrap()
        };
        assert!(write() == write());
        let entries = read(&write()).unwrap();
        assert_eq!(entries[0], ("data/x.jsonl".to_owned(), vec![b'x'; 100]));
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn hostile_headers_are_refused() {
        assert!(read(&archive(|_| {})).is_ok());
        for kind in [
            EntryType::Symlink,
            EntryType::Link,
            EntryType::Char,
            EntryType::Block,
            EntryType::Fifo,
            EntryType::Directory,
            EntryType::XHeader,
            EntryType::XGlobalHeader,
            EntryType::GNULongName,
            EntryType::GNUSparse,
            EntryType::Continuous,
        ] {
            assert!(
                matches!(
                    read(&archive(|header| header.set_entry_type(kind))),
                    Err(ArchiveError::Kind)
                ),
                "{kind:?}"
            );
        }
        let raw_name = |name: &str| {
            let name = name.to_owned();
            archive(move |header| {
                let field = &mut header.as_old_mut().name;
                field.fill(0);
                field[..name.len()].copy_from_slice(name.as_bytes());
            })
        };
        for name in [
            "/etc/passwd",
            "other/data/a.jsonl",
            &format!("{ROOT}/../a"),
            &format!("{ROOT}/data/A"),
            ROOT,
        ] {
            assert!(
                matches!(read(&raw_name(name)), Err(ArchiveError::Name)),
                "{name}"
            );
        }
        assert!(matches!(
            read(&archive(|header| header.set_size(101))),
            Err(ArchiveError::TooLarge { limit: 100 })
        ));
        assert!(matches!(
            read(&archive(|header| header.as_old_mut().size[0] = 0x80)),
            Err(ArchiveError::Header)
        ));
    }

    #[test]
    fn bytes_in_padding_and_after_the_end_are_refused() {
        let mut in_padding = archive(|_| {});
        in_padding[BLOCK_BYTES + 3] = 1;
        assert!(matches!(read(&in_padding), Err(ArchiveError::Padding)));
        let mut after_end = archive(|_| {});
        after_end.push(1);
        assert!(matches!(read(&after_end), Err(ArchiveError::Padding)));
        let cut = &archive(|_| {})[..BLOCK_BYTES + 100];
        assert!(matches!(read(cut), Err(ArchiveError::Read(_))));
        let mut flipped = archive(|_| {});
        flipped[0] ^= 1;
        assert!(matches!(read(&flipped), Err(ArchiveError::Header)));
    }
}
