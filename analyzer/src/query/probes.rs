//! Every allowed construct against the answers of another engine.
//!
//! `PROBES=FOLDER` writes the export from which the differential script makes the answers anew.

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::df;

use crate::query::catalog::{CatalogColumn, ColumnKind, empty_frame};
use crate::query::export::{ForeignRows, Statement, write_export};
use crate::query::rows::compare_rows;
use crate::query::value::rows;
use crate::query::{Catalog, Limits, Params, Session};

const PROBES: &str = include_str!("../../../tests/differential/probes.sql");
const ANSWERS: &str = include_str!("../../../tests/differential/probes.jsonl");

fn session() -> Session {
    let plain = |columns: &[(&str, ColumnKind)]| {
        columns
            .iter()
            .map(|(name, kind)| CatalogColumn::plain(*name, *kind))
            .collect::<Vec<_>>()
    };
    use ColumnKind::{Bool, Float, Integer, Text};
    let mut session = Session::new(Catalog::default());
    let v = df!(
        "id" => [1i64, 2, 3, 4, 5, 6, 7, 8],
        "k" => [Some("a"), Some("a"), Some("b"), None, Some("b"), Some("c"), None, Some("a")],
        "x" => [Some(5i64), Some(5), Some(-7), None, Some(i64::MAX), Some(-i64::MAX), Some(0), None],
        "u" => [Some(3i64), Some(1), None, Some(2), Some(7), Some(-1), Some(5), Some(4)],
        "f" => [Some(1.5f64), Some(-1.5), None, Some(0.1), Some(2.5), Some(1e15), None, Some(-0.25)],
        "b" => [Some(true), None, Some(false), Some(true), None, Some(false), Some(true), None],
        "s" => [Some("ab-b1"), Some("a.b"), Some(""), None, Some(" ab-b2 "), Some("B-b"), Some("x-y-z"), Some("ab-b1")],
    );
    let w = df!(
        "id" => [1i64, 2, 3, 4],
        "k" => [Some("a"), Some("b"), None, Some("z")],
        "y" => [Some(8i64), Some(3), None, Some(1)],
        "g" => [Some(0.5f64), None, Some(-2.0), Some(4.25)],
    );
    let columns = plain(&[
        ("id", Integer),
        ("k", Text),
        ("x", Integer),
        ("u", Integer),
        ("f", Float),
        ("b", Bool),
        ("s", Text),
    ]);
    session
        .register("v", v.expect("columns of one length"), columns)
        .expect("a valid table");
    let columns = plain(&[("id", Integer), ("k", Text), ("y", Integer), ("g", Float)]);
    session
        .register("w", w.expect("columns of one length"), columns)
        .expect("a valid table");
    let columns = plain(&[("z", Integer), ("k", Text)]);
    session
        .register("e", empty_frame(&columns), columns)
        .expect("a valid table");
    session
}

fn statements() -> Vec<Statement> {
    let parts = PROBES.split("-- name: ").skip(1);
    parts
        .map(|part| {
            let (name, sql) = part.split_once('\n').expect("a statement below its name");
            Statement {
                name: name.trim().to_owned(),
                sql: sql.trim().trim_end_matches(';').to_owned(),
            }
        })
        .collect()
}

#[test]
fn every_allowed_construct_gives_the_rows_of_another_engine() {
    let session = session();
    let mut statements = statements();
    if let Some(folder) = std::env::var_os("PROBES") {
        for statement in &mut statements {
            let prepared = session
                .prepare(&statement.sql, &Params::new())
                .expect("inside the dialect");
            statement.sql = prepared.portable_sql().to_owned();
        }
        write_export(&session, &statements, Path::new(&folder)).expect("a writable folder");
        return;
    }
    let mut answers: BTreeMap<String, ForeignRows> = ANSWERS
        .lines()
        .map(|line| serde_json::from_str::<ForeignRows>(line).expect("a line of the script"))
        .map(|answer| (answer.name.clone(), answer))
        .collect();
    let mut wrong = Vec::new();
    for Statement { name, sql } in statements {
        let Some(answer) = answers.remove(&name) else {
            wrong.push(format!(
                "{name}: no answer; run the differential script again"
            ));
            continue;
        };
        match session.run(&sql, &Params::new(), &Limits::default()) {
            Err(error) => wrong.push(format!(
                "{name}: {error}: {:?}",
                std::error::Error::source(&error)
            )),
            Ok(frame) => {
                let names: Vec<_> = frame
                    .get_column_names()
                    .into_iter()
                    .map(|name| name.to_string())
                    .collect();
                if names != answer.columns {
                    wrong.push(format!(
                        "{name}: columns {names:?} in place of {:?}",
                        answer.columns
                    ));
                }
                let differences = compare_rows(&rows(&frame), &answer.values());
                if !differences.is_empty() || answer.error.is_some() {
                    wrong.push(format!("{name}: {differences:?} {:?}", answer.error));
                }
            }
        }
    }
    assert!(
        wrong.is_empty() && answers.is_empty(),
        "{}\n{answers:?}",
        wrong.join("\n")
    );
}
