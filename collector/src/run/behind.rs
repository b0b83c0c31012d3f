//! A writer of parts on a thread of its own: the next rows are read while a part is looked at, compressed and encrypted.
//!
//! One part at a time, and the reader waits for it: memory does not grow with the estate.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::run::parts::{PartError, PartWriter};

/// Hands parts over to a writer.
pub(super) struct Behind<W> {
    parts: SyncSender<(&'static str, Vec<u8>)>,
    /// Gone when its error was told.
    thread: Option<JoinHandle<Result<W, PartError>>>,
}

impl<W: PartWriter + Send + 'static> Behind<W> {
    /// Begins.
    pub(super) fn new(mut writer: W) -> Self {
        let (parts, waiting) = sync_channel(0);
        let thread = thread::spawn(move || {
            for (table, lines) in waiting {
                writer.add_part(table, lines)?;
            }
            Ok(writer)
        });
        Self {
            parts,
            thread: Some(thread),
        }
    }

    /// Waits for the last part, and says why it or an earlier one could not be written, if that was not told yet.
    pub(super) fn failure(self) -> Option<PartError> {
        drop(self.parts);
        self.thread?.join().ok()?.err()
    }

    /// Waits for the last part and gives the writer back.
    pub(super) fn finish(self) -> Result<W, PartError> {
        drop(self.parts);
        join(self.thread)
    }
}

impl<W: PartWriter + Send + 'static> PartWriter for Behind<W> {
    /// An error is that of an earlier part.
    fn add_part(&mut self, table: &'static str, lines: Vec<u8>) -> Result<(), PartError> {
        if self.parts.send((table, lines)).is_ok() {
            return Ok(());
        }
        // The writer takes nothing more: it has failed.
        join(self.thread.take()).and(Err(PartError::Ended))
    }
}

fn join<W>(thread: Option<JoinHandle<Result<W, PartError>>>) -> Result<W, PartError> {
    let ended = thread.ok_or(PartError::Ended)?.join();
    ended.map_err(|_| PartError::Ended)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::bundle::WriteError;

    /// Keeps parts, and fails at one that is empty.
    #[derive(Default)]
    struct Kept(Vec<&'static str>);

    impl PartWriter for Kept {
        fn add_part(&mut self, table: &'static str, lines: Vec<u8>) -> Result<(), PartError> {
            if lines.is_empty() {
                let source = WriteError::PartTooLarge { bytes: 0 };
                return Err(PartError::Write { table, source });
            }
            self.0.push(table);
            Ok(())
        }
    }

    #[test]
    fn parts_arrive_in_order_and_the_writer_comes_back() {
        let mut behind = Behind::new(Kept::default());
        for table in ["a", "b", "a"] {
            behind.add_part(table, vec![1]).unwrap();
        }
        assert_eq!(behind.finish().unwrap().0, ["a", "b", "a"]);
    }

    #[test]
    fn failure_is_told_once_at_the_next_part_and_at_the_end() {
        let failing = || {
            let mut behind = Behind::new(Kept::default());
            behind.add_part("bad", Vec::new()).unwrap();
            behind
        };
        let is_told = |error| matches!(error, PartError::Write { table: "bad", .. });
        assert!(is_told(failing().finish().err().unwrap()));
        assert!(is_told(failing().failure().unwrap()));
        let mut behind = failing();
        assert!(is_told(behind.add_part("next", vec![1]).unwrap_err()));
        let ended = behind.add_part("last", vec![1]).unwrap_err();
        assert!(matches!(ended, PartError::Ended));
        assert!(behind.failure().is_none());
    }
}
