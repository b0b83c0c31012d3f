//! The catalogue of SQL tables: the bundle's declarations, and the tables derived from the history.

use truenas_common::schema::{Class, Kind, Scope, Table};
use truenas_common::tables;

use crate::query::{Catalog, CatalogColumn, ColumnKind};

/// Every table a check may read, without the views.
pub fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    for table in tables::ALL {
        catalog.tables.insert(table.name.to_owned(), columns(table));
    }
    for (name, columns) in derived() {
        catalog.tables.insert(name.to_owned(), columns);
    }
    catalog
}

/// Columns of a bundle table as SQL sees them: tables of a cluster lead with its uid.
fn columns(table: &Table) -> Vec<CatalogColumn> {
    let lead =
        (table.scope == Scope::Cluster).then(|| CatalogColumn::plain("cluster", ColumnKind::Text));
    let own = table.columns.iter().map(|column| {
        let kind = match column.kind {
            Kind::Text => ColumnKind::Text,
            Kind::Integer | Kind::Time => ColumnKind::Integer,
            Kind::Bool => ColumnKind::Bool,
        };
        match column.class {
            Class::Token(_) => CatalogColumn::token(column.name),
            _ => CatalogColumn::plain(column.name, kind),
        }
    });
    lead.into_iter().chain(own).collect()
}

fn derived() -> [(&'static str, Vec<CatalogColumn>); 5] {
    let text = |name: &str| CatalogColumn::plain(name, ColumnKind::Text);
    let number = |name: &str| CatalogColumn::plain(name, ColumnKind::Integer);
    let token = |name: &str| CatalogColumn::token(name);
    [
        (
            "bundle",
            vec![
                text("stream"),
                number("seq"),
                text("cluster"),
                number("started_at"),
                number("ended_at"),
            ],
        ),
        (
            "complete_list",
            vec![
                text("table_name"),
                text("cluster"),
                text("appliance"),
                CatalogColumn::plain("is_complete", ColumnKind::Bool),
                text("outcome"),
            ],
        ),
        (
            "history_dataset",
            vec![
                token("appliance"),
                token("path"),
                number("first_seen_at"),
                number("n_bundles"),
            ],
        ),
        (
            "history_pv",
            vec![
                text("cluster"),
                token("name"),
                token("handle_leaf"),
                token("iqn_suffix"),
                token("share_path"),
                text("reclaim_policy"),
                number("first_seen_at"),
                number("last_seen_at"),
            ],
        ),
        ("known_consumer", vec![token("name")]),
    ]
}
