//! The catalogue of SQL tables: the bundle's declarations, and the tables derived from the history.

use truenas_common::schema::{Class, Kind, Scope, Table};
use truenas_common::tables;

use crate::history::{HISTORY, deletion, listing, resize};
use crate::listing_growth;
use crate::pool_trend;
use crate::query::{Catalog, CatalogColumn, ColumnKind};

#[cfg(test)]
pub(crate) mod written;

/// Every table a check may read, without the views.
pub fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    for table in tables::ALL {
        catalog.tables.insert(table.name.to_owned(), columns(table));
    }
    for (name, columns) in derived() {
        catalog.tables.insert(name.to_owned(), columns);
    }
    for (name, columns) in [
        (deletion::NAME, deletion::columns()),
        (listing::NAME, listing::columns()),
        (listing_growth::NAME, listing_growth::columns()),
        (pool_trend::NAME, pool_trend::columns()),
        (resize::NAME, resize::columns()),
    ] {
        catalog.tables.insert(name.to_owned(), columns);
    }
    for history in HISTORY {
        let columns = history.catalog_columns();
        catalog.tables.insert(history.name.to_owned(), columns);
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

fn derived() -> [(&'static str, Vec<CatalogColumn>); 4] {
    let text = |name: &str| CatalogColumn::plain(name, ColumnKind::Text);
    let number = |name: &str| CatalogColumn::plain(name, ColumnKind::Integer);
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
            "bundle_list",
            vec![
                text("cluster"),
                CatalogColumn::token("appliance"),
                text("table_name"),
                number("started_at"),
                number("ended_at"),
            ],
        ),
        (
            "complete_list",
            vec![
                text("table_name"),
                text("cluster"),
                CatalogColumn::token("appliance"),
                CatalogColumn::plain("is_complete", ColumnKind::Bool),
                text("outcome"),
            ],
        ),
        ("known_consumer", vec![CatalogColumn::token("name")]),
    ]
}
