//! One refused and one accepted statement for each rule; the accepted one is what the message says to write.

use super::*;
use crate::query::catalog::CatalogColumn;

mod expression;
mod function;
mod relation;
mod statement;
mod token;
mod window;

fn catalog() -> Catalog {
    use ColumnKind::{Bool, Float, Integer, Text};
    let volume = vec![
        CatalogColumn::token("name"),
        CatalogColumn::token("owner"),
        CatalogColumn::plain("cluster", Text),
        CatalogColumn::plain("phase", Text),
        CatalogColumn::plain("size_bytes", Integer),
        CatalogColumn::plain("created", Integer),
        CatalogColumn::plain("is_bound", Bool),
    ];
    let dataset = vec![
        CatalogColumn::token("path"),
        CatalogColumn::token("leaf"),
        CatalogColumn::plain("appliance", Text),
        CatalogColumn::plain("kind", Text),
        CatalogColumn::plain("id", Integer),
        CatalogColumn::plain("used_bytes", Integer),
        CatalogColumn::plain("share", Float),
    ];
    Catalog {
        tables: [
            ("k8s_pv".to_owned(), volume),
            ("zfs_dataset".to_owned(), dataset),
        ]
        .into(),
    }
}

/// Strict refuses with this construct, and the accepted form passes without a warning.
#[track_caller]
fn rule(construct: &str, refused: &str, accepted: &str) {
    match lint(refused, &catalog(), Mode::Strict) {
        Err(error) => assert!(
            error.construct.contains(construct),
            "`{refused}` gives: {error}"
        ),
        Ok(_) => panic!("`{refused}` passes"),
    }
    match lint(accepted, &catalog(), Mode::Strict) {
        Err(error) => panic!("`{accepted}` gives: {error}"),
        Ok(linted) => assert_eq!(linted.warnings, [], "{accepted}"),
    }
}

/// Both modes refuse.
#[track_caller]
fn always(construct: &str, refused: &str) {
    for mode in [Mode::Strict, Mode::Lenient] {
        let error = lint(refused, &catalog(), mode).expect_err(refused);
        assert!(
            error.construct.contains(construct),
            "`{refused}` gives: {error}"
        );
    }
}

/// Strict refuses, Lenient warns with this construct.
#[track_caller]
fn warns(construct: &str, sql: &str) {
    let error = lint(sql, &catalog(), Mode::Strict).expect_err(sql);
    assert!(
        error.construct.contains(construct),
        "`{sql}` gives: {error}"
    );
    let linted = lint(sql, &catalog(), Mode::Lenient)
        .unwrap_or_else(|error| panic!("`{sql}` gives: {error}"));
    assert!(
        linted
            .warnings
            .iter()
            .any(|warning| warning.construct.contains(construct)),
        "{:?}",
        linted.warnings
    );
}

/// The result's columns with `!` behind the names of tokens.
#[track_caller]
fn tokens(sql: &str, expect: &str) {
    let linted = lint(sql, &catalog(), Mode::Strict)
        .unwrap_or_else(|error| panic!("`{sql}` gives: {error}"));
    let marked = linted
        .columns
        .iter()
        .map(|column| format!("{}{}", column.name, if column.is_token { "!" } else { "" }));
    assert_eq!(marked.collect::<Vec<_>>().join(" "), expect);
}

#[test]
fn an_error_names_place_construct_and_remedy_on_one_line() {
    let error = lint(
        "SELECT size_bytes\nFROM k8s_pv\nWHERE size_bytes % 4 = 1",
        &catalog(),
        Mode::Strict,
    );
    let text = error.expect_err("refused").to_string();
    assert_eq!(
        text,
        "line 3, column 7: % or MOD is not portable; write a column made when the row is made"
    );
}
