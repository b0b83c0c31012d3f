//! Bundles of one cluster that a test writes down.

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::schema::Cell;
use truenas_common::tables;

use super::super::{deletion, resize};
use crate::assemble::frame::Rows;
use crate::history::encode;
use crate::history::{Estate, History, LedgerEntry, ObservedTable};

pub(super) const HOUR: i64 = 3_600;

/// A cell of a row by the name of its column.
pub(super) enum Put {
    Text(&'static str),
    Number(i64),
}

use Put::{Number, Text};

pub(super) type Columns = Vec<(&'static str, Put)>;

fn row(table: &str, values: &Columns) -> Box<[u8]> {
    let table = tables::table(table).unwrap();
    for (name, _) in values {
        assert!(table.column(name).is_some(), "{name}");
    }
    let cells = table.columns.iter().map(|column| {
        let put = values.iter().find(|(name, _)| *name == column.name);
        put.map(|(_, put)| match put {
            Text(text) => Cell::Text((*text).into()),
            Number(number) => Cell::Integer(*number),
        })
    });
    encode::encode(&cells.collect::<Vec<_>>())
}

/// Bundles of one cluster; each takes ten minutes and ends at a full hour.
pub(super) struct Bundles {
    history: History,
}

impl Bundles {
    pub(super) fn new() -> Self {
        Self {
            history: History::in_memory(),
        }
    }

    pub(super) fn place(
        &mut self,
        stream: &str,
        hour: i64,
        lists: Vec<(&str, &str, Vec<Columns>)>,
    ) {
        let entry = LedgerEntry {
            cluster: Some("c".to_owned()),
            started_at: hour * HOUR - 600,
            ended_at: hour * HOUR,
            expected_every_secs: Some(HOUR),
            ..LedgerEntry::sample(stream, hour)
        };
        let observed = lists.into_iter().map(|(table, outcome, rows)| {
            let scope = if table == "collect_status" { "" } else { "c" };
            let table_rows: BTreeSet<Box<[u8]>> =
                rows.iter().map(|values| row(table, values)).collect();
            let observed = ObservedTable {
                outcome: outcome.to_owned(),
                rows: table_rows,
                has_conflict: false,
                files: String::new(),
            };
            ((table.to_owned(), scope.to_owned()), observed)
        });
        let observed: BTreeMap<_, _> = observed.collect();
        self.history.place_bundle("d", entry, observed);
    }

    pub(super) fn volumes(&mut self, hour: i64, volumes: Vec<Columns>) {
        self.place("one", hour, vec![("k8s_pv", "ok", volumes)]);
    }

    pub(super) fn claims(&mut self, hour: i64, sizes: &[(&'static str, i64, i64)]) {
        let claim = |(uid, request, capacity): &(&'static str, i64, i64)| {
            vec![
                ("namespace", Text("n")),
                ("name", Text(uid)),
                ("uid", Text(uid)),
                ("storage_class", Text("s")),
                ("request_bytes", Number(*request)),
                ("capacity_bytes", Number(*capacity)),
            ]
        };
        let claims = sizes.iter().map(claim).collect();
        self.place("one", hour, vec![("k8s_pvc", "ok", claims)]);
    }

    /// Figures of the rows of a table, each behind a name.
    pub(super) fn figures(
        &self,
        table: &str,
        name: &str,
        figures: &[&str],
    ) -> Vec<(String, Vec<Option<i64>>)> {
        let estate = Estate::at(&self.history, "d", None).unwrap();
        let rows = Rows::of(&estate, table);
        let of = |row: usize| {
            let numbers = figures.iter().map(|figure| rows.integer(figure, row));
            (rows.text(name, row).unwrap().to_owned(), numbers.collect())
        };
        rows.indexes().map(of).collect()
    }

    pub(super) fn deletions(&self) -> Vec<(String, Vec<Option<i64>>)> {
        let times = ["begun_at", "seen_from_at", "gone_at"];
        self.figures(deletion::NAME, "subject", &times)
    }

    pub(super) fn resizes(&self) -> Vec<(String, Vec<Option<i64>>)> {
        let figures = ["least_secs", "most_secs", "ended_at"];
        self.figures(resize::NAME, "claim_uid", &figures)
    }
}
