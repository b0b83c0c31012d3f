//! Tables that a test writes down as JSON rows.

use polars::prelude::{Column, DataFrame, NamedFrom as _, Series};
use serde_json::Value as Json;

use crate::query::{CatalogColumn, ColumnKind};

/// A table with all of its columns; what a row does not name is absent.
pub(crate) fn frame(table: &str, rows: &[Json]) -> DataFrame {
    let catalog = super::catalog();
    let columns = catalog.columns(table).expect("a table of the catalogue");
    let column = |column: &CatalogColumn| -> Column {
        let name = column.name.as_str();
        let cells = || rows.iter().map(|row| &row[name]);
        let series = match column.kind {
            ColumnKind::Text => {
                Series::new(name.into(), cells().map(Json::as_str).collect::<Vec<_>>())
            }
            ColumnKind::Integer => {
                Series::new(name.into(), cells().map(Json::as_i64).collect::<Vec<_>>())
            }
            ColumnKind::Float => {
                Series::new(name.into(), cells().map(Json::as_f64).collect::<Vec<_>>())
            }
            ColumnKind::Bool => {
                Series::new(name.into(), cells().map(Json::as_bool).collect::<Vec<_>>())
            }
        };
        series.into()
    };
    DataFrame::new(rows.len(), columns.iter().map(column).collect()).expect("columns of one length")
}
