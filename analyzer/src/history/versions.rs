//! Rows with the interval in which they were true, as files hold them.

use polars::prelude::{DataFrame, PolarsResult};
use truenas_common::schema::{Cell, Kind, Table};
use truenas_common::tables;

use super::encode;
use super::frame::{Builder, builders};
use super::residual;
use super::unit::Interval;

/// Scope, encoded row, length of its identity, interval.
pub(super) type VersionRow<'r> = (&'r str, &'r [u8], usize, Interval);

/// Versions of one table as a file holds them.
pub(super) fn versions_frame(
    table: &'static Table,
    rows: &[VersionRow<'_>],
) -> PolarsResult<DataFrame> {
    let mut columns = builders(table, rows.len());
    let number = |name| Builder::new(name, Kind::Integer, rows.len());
    let (mut first, mut last) = (number("first_seq"), number("last_seq"));
    let mut scopes = Builder::new("scope", Kind::Text, rows.len());
    for (scope, row, _, run) in rows {
        for (builder, cell) in columns.iter_mut().zip(encode::cells(table, row)) {
            builder.push(cell);
        }
        first.push(Some(Cell::Integer(run.first)));
        last.push(Some(Cell::Integer(run.last)));
        scopes.push(Some(Cell::Text((*scope).into())));
    }
    columns.extend([scopes, first, last]);
    let columns = columns.into_iter().map(Builder::finish).collect();
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
