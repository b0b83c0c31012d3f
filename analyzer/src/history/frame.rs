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
