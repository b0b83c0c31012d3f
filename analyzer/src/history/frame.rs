//! Columns of values as Polars frames, and back. The only file that knows how Polars stores a column.

use polars::prelude::*;
use truenas_common::schema::{Cell, Column as TableColumn, Kind, Table};

/// A column under construction.
#[derive(Debug)]
pub(super) enum Builder {
    Text(Vec<Option<String>>),
    Integer(Vec<Option<i64>>),
    Bool(Vec<Option<bool>>),
}

impl Builder {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Integer | Kind::Time => Self::Integer(Vec::new()),
            Kind::Bool => Self::Bool(Vec::new()),
        }
    }

    pub(super) fn push(&mut self, cell: Option<Cell<'_>>) {
        match (self, cell) {
            (Self::Text(values), Some(Cell::Text(text))) => values.push(Some(text.into_owned())),
            (Self::Text(values), _) => values.push(None),
            (Self::Integer(values), Some(Cell::Integer(number))) => values.push(Some(number)),
            (Self::Integer(values), _) => values.push(None),
            (Self::Bool(values), Some(Cell::Bool(truth))) => values.push(Some(truth)),
            (Self::Bool(values), _) => values.push(None),
        }
    }

    pub(super) fn finish(self, name: &str) -> Column {
        match self {
            Self::Text(values) => Column::new(name.into(), values),
            Self::Integer(values) => Column::new(name.into(), values),
            Self::Bool(values) => Column::new(name.into(), values),
        }
    }
}

/// Frame with the table's columns, in order, behind `extra` columns.
pub(super) fn table_frame<'r>(
    table: &'static Table,
    rows: impl Iterator<Item = &'r [u8]>,
    lead: Option<(&str, Vec<String>)>,
) -> PolarsResult<DataFrame> {
    let mut builders: Vec<Builder> = table
        .columns
        .iter()
        .map(|column| Builder::new(column.kind))
        .collect();
    let mut n_rows = 0;
    for row in rows {
        n_rows += 1;
        for (builder, cell) in builders.iter_mut().zip(super::encode::cells(table, row)) {
            builder.push(cell);
        }
    }
    let lead = lead.map(|(name, values)| Column::new(name.into(), values));
    let columns = table
        .columns
        .iter()
        .zip(builders)
        .map(|(column, builder)| builder.finish(column.name));
    DataFrame::new(n_rows, lead.into_iter().chain(columns).collect())
}

/// Reads a column back as cells.
pub(super) struct Reader<'f> {
    kind: Kind,
    column: &'f Column,
}

impl<'f> Reader<'f> {
    /// Finds the column; one that an older format lacks reads as NULL.
    pub(super) fn new(frame: &'f DataFrame, column: &TableColumn) -> Option<Self> {
        frame.column(column.name).ok().map(|found| Self {
            kind: column.kind,
            column: found,
        })
    }

    pub(super) fn cell(&self, index: usize) -> Option<Cell<'f>> {
        let value = self.column.as_materialized_series();
        match self.kind {
            Kind::Text => value
                .str()
                .ok()?
                .get(index)
                .map(|text| Cell::Text(text.into())),
            Kind::Integer | Kind::Time => value.i64().ok()?.get(index).map(Cell::Integer),
            Kind::Bool => value.bool().ok()?.get(index).map(Cell::Bool),
        }
    }
}
