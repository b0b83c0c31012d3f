//! `.tables`, `.schema` and `.help`: what can be asked. Needs no bundle.

use std::collections::BTreeSet;

use anyhow::anyhow;
use truenas_common::tables as declared;

use crate::analysis::create_views;
use crate::checks::built_in_views;
use crate::query::{CatalogColumn, ColumnKind, Session};
use crate::tables::catalog;

const HELP: &str = "\
.tables         every table and view, with its meaning
.schema         every table with its columns
.schema NAME    columns of one table or view, with their meaning
.help           this

Anything else is one SELECT. Columns of pseudonyms can be joined, grouped and compared for equality; LIKE, order and
functions on them are refused. Times are Unix seconds.
";

/// Answers a word behind the dot.
pub(super) fn answer(word: &str) -> anyhow::Result<String> {
    let mut words = word.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("help"), None, None) => Ok(HELP.to_owned()),
        (Some("tables"), None, None) => Ok(list()),
        (Some("schema"), None, None) => {
            let columns = |(name, columns): (String, Vec<CatalogColumn>)| {
                let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                format!("{name}({})\n", names.join(", "))
            };
            Ok(catalog().tables.into_iter().map(columns).collect())
        }
        (Some("schema"), Some(name), None) => schema(&name.to_ascii_lowercase()),
        _ => Err(anyhow!(
            "there is no `.{word}`; choose .tables, .schema [NAME] or .help"
        )),
    }
}

fn list() -> String {
    let tables = catalog()
        .tables
        .into_keys()
        .map(|name| (meaning(&name), name, "table"));
    let views = built_in_views()
        .iter()
        .map(|view| (comment(&view.sql), view.name.to_string(), "view"));
    tables
        .chain(views)
        .map(|(meaning, name, kind)| format!("{kind:<5}  {name:<28} {meaning}\n"))
        .collect()
}

fn schema(name: &str) -> anyhow::Result<String> {
    let mut session = Session::new(catalog());
    create_views(&mut session, BTreeSet::from([name.to_owned()]))?;
    let Some(columns) = session.catalog().columns(name) else {
        return Err(anyhow!(
            "there is no table or view `{name}`; `.tables` names them all"
        ));
    };
    let view = built_in_views().iter().find(|view| view.name == name);
    let first = view.map_or_else(|| meaning(name), |view| comment(&view.sql));
    let lines = columns.iter().map(|column| {
        let doc = declared::table(name)
            .and_then(|table| table.column(&column.name))
            .map_or("", |(_, column)| column.doc.trim());
        let line = format!("  {:<28} {:<10} {doc}", column.name, kind(column));
        format!("{}\n", line.trim_end())
    });
    Ok(format!("{name}: {first}\n") + &lines.collect::<String>())
}

fn kind(column: &CatalogColumn) -> &'static str {
    match column.kind {
        _ if column.is_token => "pseudonym",
        ColumnKind::Text => "text",
        ColumnKind::Integer => "integer",
        ColumnKind::Float => "float",
        ColumnKind::Bool => "bool",
    }
}

/// What a table means.
fn meaning(name: &str) -> String {
    let derived = [
        (
            "bundle",
            "Bundles that the estate rests on, of every stream.",
        ),
        (
            "bundle_list",
            "When each list was read to its end, in every bundle.",
        ),
        ("complete_list", "Outcome of the newest read of each list."),
        (
            "known_consumer",
            "Hosts that the configuration names as known consumers.",
        ),
    ];
    let found = derived.iter().find(|(table, _)| *table == name);
    let doc = || match name.starts_with("history_") {
        true => "First and last sight of each object, and in how many bundles.",
        false => declared::table(name).map_or("", |table| table.doc.trim()),
    };
    found.map_or_else(doc, |(_, meaning)| meaning).to_owned()
}

/// The comment that a view begins with.
fn comment(sql: &str) -> String {
    let lines = sql.lines().map_while(|line| line.strip_prefix("--"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_and_view_has_a_meaning() {
        for line in list().lines() {
            assert!(line.split_whitespace().count() > 2, "{line}");
        }
    }

    #[test]
    fn a_view_shows_the_columns_that_it_has_without_any_bundle() {
        let text = answer("schema volume_join").unwrap();
        assert!(
            text.contains("is_contradiction") && text.contains("bool"),
            "{text}"
        );
        let text = answer("schema ZFS_DATASET").unwrap();
        assert!(text.contains("survives a rename"), "{text}");
        assert!(text.contains("pseudonym"), "{text}");
    }

    #[test]
    fn an_unknown_name_says_where_the_names_are() {
        for word in ["schema nothing", "table", "schema a b"] {
            let error = answer(word).unwrap_err().to_string();
            assert!(error.contains(".tables"), "{error}");
        }
    }
}
