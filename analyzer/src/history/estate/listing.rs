//! `history_listing`: how long each list of an appliance took in each bundle, and how many objects it had.

use std::collections::BTreeMap;

use polars::prelude::*;
use truenas_common::schema::Cell;
use truenas_common::tables;

use super::super::encode;
use super::View;
use crate::query::{CatalogColumn, ColumnKind};

/// Name in SQL.
pub(crate) const NAME: &str = "history_listing";

const STATUS: &str = "collect_status";

/// One list in one bundle; a list that fills several tables is one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listing {
    /// Table that most of its rows went to, with their number.
    table: (i64, String),
    started_at: i64,
    ended_at: i64,
    n_items: i64,
    is_whole: bool,
}

/// Columns as SQL sees them.
pub(crate) fn columns() -> Vec<CatalogColumn> {
    let number = |name| CatalogColumn::plain(name, ColumnKind::Integer);
    vec![
        CatalogColumn::token("appliance"),
        CatalogColumn::plain("list", ColumnKind::Text),
        CatalogColumn::plain("table_name", ColumnKind::Text),
        number("bundle_ended_at"),
        number("started_at"),
        number("ended_at"),
        number("n_items"),
    ]
}

pub(super) fn frame(streams: &[View<'_>]) -> PolarsResult<DataFrame> {
    let listings = listings(streams);
    let rows = || listings.iter().filter(|(_, listing)| listing.is_whole);
    let texts = |value: fn(&Key) -> &str| rows().map(|(key, _)| value(key)).collect::<Vec<_>>();
    let numbers =
        |value: fn(&Listing) -> i64| rows().map(|(_, row)| value(row)).collect::<Vec<_>>();
    let bundle = |((stream, seq, _, _), _): (&Key, &Listing)| {
        streams.get(*stream).map(|view| view.ended_at(*seq))
    };
    let bundles: Vec<Option<i64>> = rows().map(bundle).collect();
    let tables: Vec<&str> = rows().map(|(_, row)| row.table.1.as_str()).collect();
    DataFrame::new(
        tables.len(),
        vec![
            Column::new("appliance".into(), texts(|(_, _, appliance, _)| appliance)),
            Column::new("list".into(), texts(|(_, _, _, list)| list)),
            Column::new("table_name".into(), tables),
            Column::new("bundle_ended_at".into(), bundles),
            Column::new("started_at".into(), numbers(|row| row.started_at)),
            Column::new("ended_at".into(), numbers(|row| row.ended_at)),
            Column::new("n_items".into(), numbers(|row| row.n_items)),
        ],
    )
}

/// Stream, bundle, appliance, list.
type Key = (usize, i64, String, String);

fn listings(streams: &[View<'_>]) -> BTreeMap<Key, Listing> {
    let mut listings = BTreeMap::new();
    let Some(table) = tables::table(STATUS) else {
        return listings;
    };
    let names = [
        "appliance",
        "list",
        "table",
        "pass",
        "outcome",
        "n_items",
        "n_rows",
        "started_at",
        "ended_at",
    ];
    let places = names.map(|name| table.column(name).map_or(usize::MAX, |(index, _)| index));
    for (stream, view) in streams.iter().enumerate() {
        for (_, unit) in view.units(STATUS) {
            for (row, runs) in &unit.rows {
                let cells: Vec<_> = encode::cells(table, row).collect();
                let cell = |place: usize| cells.get(places[place])?.as_ref();
                let text = |place| match cell(place) {
                    Some(Cell::Text(text)) => Some(text.as_ref()),
                    _ => None,
                };
                let number = |place| match cell(place) {
                    Some(Cell::Integer(number)) => Some(*number),
                    _ => None,
                };
                let (Some(appliance), Some(list), Some(of_table)) = (text(0), text(1), text(2))
                else {
                    continue;
                };
                let (Some(1), Some(n_items), Some(n_rows), Some(started_at), Some(ended_at)) =
                    (number(3), number(5), number(6), number(7), number(8))
                else {
                    continue;
                };
                let listing = Listing {
                    table: (n_rows, of_table.to_owned()),
                    started_at,
                    ended_at,
                    n_items,
                    is_whole: matches!(text(4), Some("ok" | "empty")),
                };
                let seqs = runs.iter().flat_map(|run| {
                    let last = run.last.min(view.newest_seq);
                    (run.first <= last).then(|| unit.observed.range(run.first..=last))
                });
                for seq in seqs.flatten() {
                    let key = (stream, *seq, appliance.to_owned(), list.to_owned());
                    listings
                        .entry(key)
                        .and_modify(|known: &mut Listing| known.join(&listing))
                        .or_insert_with(|| listing.clone());
                }
            }
        }
    }
    listings
}

impl Listing {
    fn join(&mut self, other: &Self) {
        self.table = self.table.clone().max(other.table.clone());
        self.started_at = self.started_at.min(other.started_at);
        self.ended_at = self.ended_at.max(other.ended_at);
        self.n_items = self.n_items.max(other.n_items);
        self.is_whole &= other.is_whole;
    }
}
