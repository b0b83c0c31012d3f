//! Columns of values as Polars frames, and back. The only file that knows how Polars stores a column.

use polars::prelude::*;
use truenas_common::schema::{Cell, Column as TableColumn, Kind, Table};

/// A column under construction.
pub(super) enum Builder {
    Text(StringChunkedBuilder),
    Integer(PrimitiveChunkedBuilder<Int64Type>),
    Bool(BooleanChunkedBuilder),
}

impl Builder {
    /// With room for so many rows.
    pub(super) fn new(name: &str, kind: Kind, n_rows: usize) -> Self {
        match kind {
            Kind::Text => Self::Text(StringChunkedBuilder::new(name.into(), n_rows)),
            Kind::Integer | Kind::Time => {
                Self::Integer(PrimitiveChunkedBuilder::new(name.into(), n_rows))
            }
            Kind::Bool => Self::Bool(BooleanChunkedBuilder::new(name.into(), n_rows)),
        }
    }

    /// A cell of another type than the column is NULL.
    pub(super) fn push(&mut self, cell: Option<Cell<'_>>) {
        match (self, cell) {
            (Self::Text(values), Some(Cell::Text(text))) => values.append_value(text),
            (Self::Text(values), _) => values.append_null(),
            (Self::Integer(values), Some(Cell::Integer(number))) => values.append_value(number),
            (Self::Integer(values), _) => values.append_null(),
            (Self::Bool(values), Some(Cell::Bool(truth))) => values.append_value(truth),
            (Self::Bool(values), _) => values.append_null(),
        }
    }

    pub(super) fn finish(self) -> Column {
        match self {
            Self::Text(values) => values.finish().into_column(),
            Self::Integer(values) => values.finish().into_column(),
            Self::Bool(values) => values.finish().into_column(),
        }
    }
}

/// One builder for each column of a table, in order.
pub(super) fn builders(table: &Table, n_rows: usize) -> Vec<Builder> {
    let builder = |column: &TableColumn| Builder::new(column.name, column.kind, n_rows);
    table.columns.iter().map(builder).collect()
}

/// Frame with the table's columns, in order, behind `lead`.
pub(super) fn table_frame(
    table: &'static Table,
    rows: &[&[u8]],
    lead: Option<Column>,
) -> PolarsResult<DataFrame> {
    let mut builders = builders(table, rows.len());
    for row in rows {
        for (builder, cell) in builders.iter_mut().zip(super::encode::cells(table, row)) {
            builder.push(cell);
        }
    }
    let columns = builders.into_iter().map(Builder::finish);
    DataFrame::new(rows.len(), lead.into_iter().chain(columns).collect())
}

/// Reads a column back as cells, from the first row on.
pub(super) enum Reader<'f> {
    Text(Box<dyn Iterator<Item = Option<&'f str>> + 'f>),
    Integer(Box<dyn Iterator<Item = Option<i64>> + 'f>),
    Bool(Box<dyn Iterator<Item = Option<bool>> + 'f>),
    /// One that an older format lacks reads as NULL.
    Missing,
}

impl<'f> Reader<'f> {
    /// Finds the column. One of another type than declared reads as NULL.
    pub(super) fn new(frame: &'f DataFrame, column: &TableColumn) -> Self {
        let Ok(found) = frame.column(column.name) else {
            return Self::Missing;
        };
        let values = found.as_materialized_series();
        match column.kind {
            Kind::Text => match values.str() {
                Ok(values) => Self::Text(Box::new(values.iter())),
                Err(_) => Self::Missing,
            },
            Kind::Integer | Kind::Time => match values.i64() {
                Ok(values) => Self::Integer(Box::new(values.iter())),
                Err(_) => Self::Missing,
            },
            Kind::Bool => match values.bool() {
                Ok(values) => Self::Bool(Box::new(values.iter())),
                Err(_) => Self::Missing,
            },
        }
    }

    /// The cell of the next row.
    pub(super) fn next(&mut self) -> Option<Cell<'f>> {
        match self {
            Self::Text(values) => values.next()?.map(|text| Cell::Text(text.into())),
            Self::Integer(values) => values.next()?.map(Cell::Integer),
            Self::Bool(values) => values.next()?.map(Cell::Bool),
            Self::Missing => None,
        }
    }
}
