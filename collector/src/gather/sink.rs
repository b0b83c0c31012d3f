//! Where rows go: one encoded line at a time, so that nothing grows with the estate.

use truenas_common::schema::{Row, Table, write_line};

/// Takes rows. The bundle writer is one, a listener of a test another.
pub trait Sink {
    /// Takes one encoded row, its newline included.
    fn line(&mut self, table: &'static Table, line: &[u8]) -> Result<(), SinkError>;
}

/// A row could not be kept; the run cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep a row of table `{table}`")]
pub struct SinkError {
    /// The table of the row.
    pub table: &'static str,
    /// What the sink says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Encodes one row and hands it over.
pub fn row<R: Row>(sink: &mut dyn Sink, row: &R) -> Result<(), SinkError> {
    let mut line = Vec::with_capacity(512);
    write_line(row, &mut line);
    sink.line(R::TABLE, &line)
}

/// Hands over all rows of a page.
pub(super) fn rows<R: Row>(
    sink: &mut dyn Sink,
    rows: impl IntoIterator<Item = R>,
) -> Result<(), SinkError> {
    rows.into_iter().try_for_each(|one| row(sink, &one))
}

/// A sink that counts what passes, by table.
pub(super) struct Tally<'a> {
    sink: &'a mut dyn Sink,
    counts: Vec<(&'static str, i64)>,
    /// Objects that the server sent.
    pub(super) n_items: i64,
    /// Objects that the server counted, where it counts.
    pub(super) n_expected: Option<i64>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Self {
        Self {
            sink,
            counts: Vec::new(),
            n_items: 0,
            n_expected: None,
        }
    }

    /// Rows of one table so far.
    pub(super) fn n_rows(&self, table: &str) -> i64 {
        self.counts
            .iter()
            .find(|(name, _)| *name == table)
            .map_or(0, |(_, count)| *count)
    }

    /// Notes how many objects arrived.
    pub(super) fn arrived(&mut self, n_items: usize) {
        self.n_items = self.n_items.saturating_add_unsigned(n_items as u64);
    }
}

impl Sink for Tally<'_> {
    fn line(&mut self, table: &'static Table, line: &[u8]) -> Result<(), SinkError> {
        match self.counts.iter_mut().find(|(name, _)| *name == table.name) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((table.name, 1)),
        }
        self.sink.line(table, line)
    }
}

/// Keeps lines in memory, for tests.
#[cfg(test)]
#[derive(Default)]
pub(super) struct Kept(pub(super) Vec<(&'static str, serde_json::Value)>);

#[cfg(test)]
impl Kept {
    pub(super) fn of(&self, table: &str) -> Vec<&serde_json::Value> {
        let rows = self.0.iter().filter(|(name, _)| *name == table);
        rows.map(|(_, row)| row).collect()
    }
}

#[cfg(test)]
impl Sink for Kept {
    fn line(&mut self, table: &'static Table, line: &[u8]) -> Result<(), SinkError> {
        assert_eq!(line.last(), Some(&b'\n'));
        truenas_common::tables::parse_line(table, std::str::from_utf8(line).unwrap()).unwrap();
        self.0
            .push((table.name, serde_json::from_slice(line).unwrap()));
        Ok(())
    }
}
