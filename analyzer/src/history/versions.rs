//! Rows with the interval in which they were true, as files hold them.

use polars::prelude::{Column, DataFrame, PolarsResult};
use truenas_common::schema::{Cell, Kind, Table};
use truenas_common::tables;

use super::encode;
use super::frame::Builder;
use super::residual;
use super::unit::Interval;

/// Scope, encoded row, length of its identity, interval.
pub(super) type VersionRow<'r> = (&'r str, &'r [u8], usize, Interval);

/// Versions of one table as a file holds them.
pub(super) fn versions_frame(
    table: &'static Table,
    rows: &[VersionRow<'_>],
) -> PolarsResult<DataFrame> {
    let mut builders: Vec<Builder> = table
        .columns
        .iter()
        .map(|column| Builder::new(column.kind))
        .collect();
    let (mut first, mut last) = (Builder::new(Kind::Integer), Builder::new(Kind::Integer));
    let mut scopes = Vec::with_capacity(rows.len());
    for (scope, row, _, run) in rows {
        for (builder, cell) in builders.iter_mut().zip(encode::cells(table, row)) {
            builder.push(cell);
        }
        first.push(Some(Cell::Integer(run.first)));
        last.push(Some(Cell::Integer(run.last)));
        scopes.push((*scope).to_owned());
    }
    let mut columns: Vec<Column> = table
        .columns
        .iter()
        .zip(builders)
        .map(|(column, builder)| builder.finish(column.name))
        .collect();
    columns.push(Column::new("scope".into(), scopes));
    columns.push(first.finish("first_seq"));
    columns.push(last.finish("last_seq"));
    residual::store(table, DataFrame::new(rows.len(), columns)?)
}

/// Rows of a list that was not complete, true in one bundle as far as anybody knows.
pub(super) fn partial_frame(
    seq: i64,
    table: &str,
    rows: &[(String, Box<[u8]>)],
) -> PolarsResult<DataFrame> {
    let Some(table) = tables::table(table) else {
        return Ok(DataFrame::empty());
    };
    let run = Interval {
        first: seq,
        last: seq,
    };
    let rows: Vec<VersionRow<'_>> = rows
        .iter()
        .map(|(scope, row)| (scope.as_str(), row.as_ref(), 0, run))
        .collect();
    versions_frame(table, &rows)
}
