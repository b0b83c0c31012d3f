//! Cuts rows into parts: one buffer a table, written when it is full, so that memory does not grow with the estate.

use std::collections::BTreeMap;
use std::fs::File;

use truenas_common::bundle::{BundleWriter, MAX_PART_BYTES, WriteError};
use truenas_common::schema::Table;

use crate::gather::{Sink, SinkError};
use crate::run::behind::Behind;
use crate::run::lists::{Lists, STATUS_TABLE};

/// All buffers together: many half-full ones would cost more than the run may use.
const MAX_BUFFERED_BYTES: usize = 6 << 20;

/// A part that is not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    /// The bundle.
    #[error("cannot add to table `{table}`")]
    Write {
        /// The table.
        table: &'static str,
        /// Why.
        source: WriteError,
    },
    /// The thread of the writer ended, and nobody knows why.
    #[error("cannot go on writing the bundle")]
    Ended,
}

/// Where parts go.
pub(super) trait PartWriter {
    /// Takes one part.
    fn add_part(&mut self, table: &'static str, lines: Vec<u8>) -> Result<(), PartError>;
}

impl PartWriter for BundleWriter<File> {
    fn add_part(&mut self, table: &'static str, lines: Vec<u8>) -> Result<(), PartError> {
        let written = Self::add_part(self, table, &lines);
        written.map_err(|source| PartError::Write { table, source })
    }
}

/// Takes rows and gives parts.
pub(super) struct Parts<W = Behind<BundleWriter<File>>> {
    writer: W,
    buffers: BTreeMap<&'static str, Vec<u8>>,
    n_buffered_bytes: usize,
    lists: Lists,
    max_part_bytes: usize,
    max_buffered_bytes: usize,
}

impl<W: PartWriter> Parts<W> {
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            buffers: BTreeMap::new(),
            n_buffered_bytes: 0,
            lists: Lists::default(),
            max_part_bytes: MAX_PART_BYTES,
            max_buffered_bytes: MAX_BUFFERED_BYTES,
        }
    }

    /// Writes what is left, tables by name, the outcome of the lists last.
    pub(super) fn finish(mut self) -> Result<(W, Lists), PartError> {
        let status = self.buffers.remove(STATUS_TABLE).unwrap_or_default();
        while let Some((table, lines)) = self.buffers.pop_first() {
            self.put(table, lines)?;
        }
        for lines in cut(&status, self.max_part_bytes) {
            self.put(STATUS_TABLE, lines.to_vec())?;
        }
        Ok((self.writer, self.lists))
    }

    /// The writer, without what is left.
    pub(super) fn into_writer(self) -> W {
        self.writer
    }

    fn put(&mut self, table: &'static str, lines: Vec<u8>) -> Result<(), PartError> {
        match lines.is_empty() {
            true => Ok(()),
            false => self.writer.add_part(table, lines),
        }
    }

    fn add(&mut self, table: &'static Table, line: &[u8]) -> Result<(), PartError> {
        self.lists.count(table, line);
        let buffer = self.buffers.entry(table.name).or_default();
        let is_status = table.name == STATUS_TABLE;
        if !is_status && buffer.len() + line.len() > self.max_part_bytes {
            self.flush(table.name)?;
        }
        self.buffers
            .entry(table.name)
            .or_default()
            .extend_from_slice(line);
        self.n_buffered_bytes += line.len();
        if self.n_buffered_bytes > self.max_buffered_bytes {
            self.flush_largest()?;
        }
        Ok(())
    }

    fn flush_largest(&mut self) -> Result<(), PartError> {
        let data = self
            .buffers
            .iter()
            .filter(|(name, _)| **name != STATUS_TABLE);
        match data.max_by_key(|(_, lines)| lines.len()) {
            Some((name, _)) => self.flush(name),
            None => Ok(()),
        }
    }

    fn flush(&mut self, table: &'static str) -> Result<(), PartError> {
        let lines = self.buffers.remove(table).unwrap_or_default();
        self.n_buffered_bytes -= lines.len();
        self.put(table, lines)
    }
}

impl<W: PartWriter> Sink for Parts<W> {
    fn line(&mut self, table: &'static Table, line: &[u8]) -> Result<(), SinkError> {
        self.add(table, line).map_err(|source| SinkError {
            // The part that failed may have been handed over long before this row.
            table: match &source {
                PartError::Write { table, .. } => table,
                PartError::Ended => table.name,
            },
            source: Box::new(source),
        })
    }
}

/// Cuts whole lines into pieces of at most `max` bytes.
fn cut(lines: &[u8], max: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = lines;
    while rest.len() > max {
        let end = rest[..max].iter().rposition(|byte| *byte == b'\n');
        let (piece, after) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::schema::Row as _;
    use truenas_common::tables::{CollectStatus, K8sPv, ZfsSnapshot};

    #[derive(Default)]
    struct Kept(Vec<(String, String)>);

    impl PartWriter for Kept {
        fn add_part(&mut self, table: &'static str, lines: Vec<u8>) -> Result<(), PartError> {
            let lines = String::from_utf8(lines).unwrap();
            self.0.push((table.to_owned(), lines));
            Ok(())
        }
    }

    /// Rows of one letter and a newline into parts of four bytes, ten bytes in all.
    #[track_caller]
    fn check(rows: &[(&'static Table, &str)], expected: &[(&str, &str)]) {
        let mut parts = Parts::new(Kept::default());
        parts.max_part_bytes = 4;
        parts.max_buffered_bytes = 10;
        for (table, letters) in rows {
            for letter in letters.chars() {
                parts.line(table, format!("{letter}\n").as_bytes()).unwrap();
            }
        }
        let (kept, _) = parts.finish().unwrap();
        let found: Vec<(&str, String)> = kept
            .0
            .iter()
            .map(|(table, lines)| (table.as_str(), lines.replace('\n', "")))
            .collect();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(table, letters)| (*table, letters.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn part_is_written_when_the_next_row_does_not_fit() {
        check(
            &[(K8sPv::TABLE, "abcde")],
            &[("k8s_pv", "ab"), ("k8s_pv", "cd"), ("k8s_pv", "e")],
        );
        check(&[(K8sPv::TABLE, "ab")], &[("k8s_pv", "ab")]);
        check(&[], &[]);
    }

    #[test]
    fn tables_end_by_name_and_the_status_comes_last() {
        check(
            &[
                (ZfsSnapshot::TABLE, "z"),
                (CollectStatus::TABLE, "s"),
                (K8sPv::TABLE, "a"),
                (CollectStatus::TABLE, "tu"),
            ],
            &[
                ("k8s_pv", "a"),
                ("zfs_snapshot", "z"),
                ("collect_status", "st"),
                ("collect_status", "u"),
            ],
        );
    }

    #[test]
    fn largest_buffer_goes_first_when_all_together_are_too_large() {
        use truenas_common::tables::{K8sNode, K8sPvc, NasPool};
        check(
            &[
                (NasPool::TABLE, "p"),
                (K8sNode::TABLE, "n"),
                (K8sPvc::TABLE, "c"),
                (K8sPv::TABLE, "a"),
                (ZfsSnapshot::TABLE, "zy"),
            ],
            &[
                ("zfs_snapshot", "zy"),
                ("k8s_node", "n"),
                ("k8s_pv", "a"),
                ("k8s_pvc", "c"),
                ("nas_pool", "p"),
            ],
        );
    }
}
