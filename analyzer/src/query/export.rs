//! What another engine needs to give the same answers: the registered tables as Parquet and the statements as text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, ParquetWriter, PolarsError};
use serde::{Deserialize, Serialize};

use crate::query::session::Session;
use crate::query::value::Value;

/// Name of the list of statements inside the folder.
pub const STATEMENTS_FILE: &str = "statements.json";

/// Why an export was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A file could not be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A table could not be read or encoded.
    #[error("cannot export table `{table}`")]
    Table {
        /// The table.
        table: String,
        /// What the engine says.
        source: PolarsError,
    },
}

/// One statement for the other engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Name of the view or check.
    pub name: String,
    /// Portable SELECT with parameters substituted.
    pub sql: String,
}

#[derive(Debug, Serialize)]
struct Statements<'s> {
    tables: Vec<&'s str>,
    views: Vec<Statement>,
    checks: &'s [Statement],
}

/// The rows that another engine printed for one statement: one line of its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignRows {
    /// Name of the view or check.
    pub name: String,
    /// Column names in order; empty after an error.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Values by row, as JSON; floats that JSON cannot write are text.
    #[serde(default)]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// What the engine said when it failed.
    #[serde(default)]
    pub error: Option<String>,
}

impl ForeignRows {
    /// The rows as values that can be compared.
    pub fn values(&self) -> Vec<Vec<Value>> {
        self.rows
            .iter()
            .map(|row| row.iter().map(value).collect())
            .collect()
    }
}

/// Writes the session's tables, its views in order, and the given checks into an existing folder.
pub fn write_export(
    session: &Session,
    checks: &[Statement],
    folder: &Path,
) -> Result<(), ExportError> {
    let mut tables = Vec::new();
    for (table, frame) in session.tables() {
        write_table(table, frame, &folder.join(format!("{table}.parquet")))?;
        tables.push(table);
    }
    let views = session.views().iter().map(|view| Statement {
        name: view.name.clone(),
        sql: view.sql.clone(),
    });
    let statements = Statements {
        tables,
        views: views.collect(),
        checks,
    };
    let path = folder.join(STATEMENTS_FILE);
    let write = |source| ExportError::Write {
        path: path.clone(),
        source,
    };
    let bytes = serde_json::to_vec_pretty(&statements).map_err(|source| write(source.into()))?;
    fs::write(&path, bytes).map_err(write)
}

fn write_table(table: &str, frame: &DataFrame, path: &Path) -> Result<(), ExportError> {
    let failed = |source| ExportError::Table {
        table: table.to_owned(),
        source,
    };
    let bytes = parquet(&mut frame.clone()).map_err(failed)?;
    fs::write(path, bytes).map_err(|source| ExportError::Write {
        path: path.to_owned(),
        source,
    })
}

/// A frame as the bytes of a Parquet file.
///
/// # Errors
/// A column that Parquet cannot hold.
pub fn parquet(frame: &mut DataFrame) -> Result<Vec<u8>, PolarsError> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(frame)?;
    Ok(bytes)
}

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(bool) => Value::Bool(*bool),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::Integer(integer),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Text(number.to_string()),
        },
        serde_json::Value::String(text) => Value::Text(text.clone()),
        other => Value::Text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Catalog, CatalogColumn, ColumnKind};
    use polars::prelude::df;

    #[test]
    fn an_export_holds_base_tables_as_files_and_views_as_text() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut session = Session::new(Catalog::default());
        let frame = df!("x" => [1i64, 2]).expect("one column");
        let columns = vec![CatalogColumn::plain("x", ColumnKind::Integer)];
        session
            .register("t", frame, columns)
            .expect("a valid table");
        session
            .create_view("v", "SELECT COUNT(*) AS n FROM t")
            .expect("a valid view");
        let check = Statement {
            name: "c".to_owned(),
            sql: "SELECT n FROM v".to_owned(),
        };
        write_export(&session, &[check], folder.path()).expect("a writable folder");
        let text = fs::read_to_string(folder.path().join(STATEMENTS_FILE)).expect("the list");
        let list: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(list["tables"], serde_json::json!(["t"]));
        assert_eq!(list["views"][0]["sql"], "SELECT COUNT(*) AS n FROM t");
        assert_eq!(list["checks"][0]["name"], "c");
        assert!(folder.path().join("t.parquet").is_file());
        assert!(!folder.path().join("v.parquet").exists());
    }

    #[test]
    fn rows_of_another_engine_keep_64_bit_integers() {
        let line =
            r#"{"name":"v","columns":["a"],"rows":[[9223372036854775807],[null],["inf"],[0.5]]}"#;
        let rows: ForeignRows = serde_json::from_str(line).expect("a line of the script");
        let expect = [
            Value::Integer(i64::MAX),
            Value::Null,
            Value::Text("inf".to_owned()),
            Value::Float(0.5),
        ];
        assert_eq!(rows.values().concat(), expect);
    }
}
