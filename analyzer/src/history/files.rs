//! Files of a stream: written whole, named by content, listed in `CURRENT`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use polars::prelude::*;
use sha2::{Digest as _, Sha256};

/// `last_seq` of a version that is still true: an unchanged row keeps its bytes from bundle to bundle.
pub(super) const OPEN: i64 = 1 << 62;

/// Sequence numbers a closed file covers at least.
const BLOCK: i64 = 32;

/// Small row groups keep the dictionary of counters; all else compresses better in large ones.
fn row_group_rows(table: &str) -> usize {
    if table == "zfs_dataset_space" {
        32_768
    } else {
        131_072
    }
}

/// Ranges of closed files for a newest number: blocks of 32, merged by the binary digits of their count.
pub(super) fn ranges(head: i64) -> Vec<(i64, i64)> {
    let n_blocks = head / BLOCK;
    let mut ranges = Vec::new();
    let mut start = 0;
    for digit in (0..62).rev().map(|shift| 1i64 << shift) {
        if n_blocks & digit != 0 {
            ranges.push((start * BLOCK + 1, (start + digit) * BLOCK));
            start += digit;
        }
    }
    ranges.push((n_blocks * BLOCK + 1, (n_blocks + 1) * BLOCK));
    ranges
}

/// Writes a frame and gives back its relative name, which carries the digest of the bytes.
pub(super) fn write(
    folder: &Path,
    stem: &str,
    table: &str,
    frame: &mut DataFrame,
) -> io::Result<(String, String)> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_row_group_size(Some(row_group_rows(table)))
        .set_parallel(false)
        .finish(frame)
        .map_err(io::Error::other)?;
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    let name = format!("{stem}-{}.parquet", &digest[..12]);
    let path = folder.join(&name);
    if !path.exists() {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        replace(&path, &bytes)?;
    }
    Ok((name, digest))
}

/// Reads a frame whose bytes must have the digest that `CURRENT` names.
pub(super) fn read(folder: &Path, name: &str, digest: &str) -> io::Result<DataFrame> {
    read_columns(folder, name, digest, None)
}

/// As [`read`], with some of the columns.
pub(super) fn read_columns(
    folder: &Path,
    name: &str,
    digest: &str,
    columns: Option<Vec<String>>,
) -> io::Result<DataFrame> {
    let bytes = fs::read(folder.join(name))?;
    if data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)) != digest {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "file does not have the digest that CURRENT names",
        ));
    }
    ParquetReader::new(io::Cursor::new(bytes))
        .with_columns(columns)
        .finish()
        .map_err(io::Error::other)
}

/// Names and digests of the files in force.
pub(super) fn read_current(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let text = match fs::read_to_string(folder.join("CURRENT")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let line = |line: &str| {
        line.split_once("  ")
            .map(|(digest, name)| (name.to_owned(), digest.to_owned()))
    };
    text.lines()
        .map(|text| {
            line(text)
                .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "CURRENT is damaged"))
        })
        .collect()
}

/// Puts a new set of files in force, then removes those of the old set.
pub(super) fn write_current(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    let old = read_current(folder).unwrap_or_default();
    let text: String = files
        .iter()
        .map(|(name, digest)| format!("{digest}  {name}\n"))
        .collect();
    replace(&folder.join("CURRENT"), text.as_bytes())?;
    for name in old.keys().filter(|name| !files.contains_key(*name)) {
        // A file that stays behind is harmless: readers follow CURRENT.
        let _ = fs::remove_file(folder.join(name));
    }
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Goes by itself when anything below fails.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_a_function_of_the_newest_number() {
        assert_eq!(ranges(5), [(1, 32)]);
        assert_eq!(ranges(365), [(1, 256), (257, 320), (321, 352), (353, 384)]);
        for head in 1..500 {
            let ranges = ranges(head);
            assert_eq!(ranges[0].0, 1);
            assert!(ranges.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
            assert!(
                ranges
                    .last()
                    .is_some_and(|(from, to)| *from <= head + 1 && head <= *to)
            );
        }
    }
}
