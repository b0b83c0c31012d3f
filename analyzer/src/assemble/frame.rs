//! Reads single values out of the estate's frames; a column that is not there reads as absent.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use truenas_common::tables;

use crate::history::Estate;

/// One table of the estate.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    frame: Option<&'a DataFrame>,
}

impl<'a> Rows<'a> {
    pub(crate) fn of(estate: &'a Estate, table: &str) -> Self {
        Self {
            frame: estate.frames.get(table),
        }
    }

    pub(crate) fn indexes(self) -> std::ops::Range<usize> {
        0..self.frame.map_or(0, DataFrame::height)
    }

    pub(crate) fn text(self, column: &str, row: usize) -> Option<&'a str> {
        self.frame?.column(column).ok()?.str().ok()?.get(row)
    }

    pub(crate) fn integer(self, column: &str, row: usize) -> Option<i64> {
        self.frame?.column(column).ok()?.i64().ok()?.get(row)
    }

    pub(crate) fn truth(self, column: &str, row: usize) -> Option<bool> {
        self.frame?.column(column).ok()?.bool().ok()?.get(row)
    }

    /// Rows by the text in a column; those without one are left out.
    pub(crate) fn counts(self, column: &str) -> BTreeMap<&'a str, i64> {
        let mut counts = BTreeMap::new();
        let texts = || self.frame?.column(column).ok()?.str().ok();
        for text in texts().into_iter().flat_map(|texts| texts.iter().flatten()) {
            *counts.entry(text).or_default() += 1;
        }
        counts
    }

    /// First row whose text columns have these values.
    pub(crate) fn find(self, wanted: &[(&str, &str)]) -> Option<usize> {
        self.indexes().find(|row| {
            wanted
                .iter()
                .all(|(column, value)| self.text(column, *row) == Some(*value))
        })
    }

    pub(crate) fn n_rows(self) -> i64 {
        i64::try_from(self.indexes().len()).unwrap_or(i64::MAX)
    }
}

/// Whether a table still has the subject of a finding; nothing for a table that does not exist.
pub(crate) fn holds(estate: &Estate, table: &str, scope: &str, subject: &str) -> Option<bool> {
    let declared = tables::table(table)?;
    let rows = Rows::of(estate, table);
    let keys: Vec<&str> = declared
        .columns
        .iter()
        .filter(|column| column.key)
        .map(|column| column.name)
        .collect();
    let own: Vec<&str> = keys
        .iter()
        .copied()
        .filter(|key| *key != "appliance")
        .collect();
    let names = ["name", "path", "uid", "handle", "disk_path", "dataset"];
    let is_subject = |row: usize| {
        let in_scope = |column| {
            rows.text(column, row)
                .is_none_or(|value| scope.is_empty() || value == scope)
        };
        // A scope of the other side says nothing about this table.
        let is_ours = match (
            estate.clusters.iter().any(|uid| uid == scope),
            table.starts_with("k8s_"),
        ) {
            (true, true) => in_scope("cluster"),
            (false, false) => in_scope("appliance"),
            _ => true,
        };
        let cell = |column: &str| {
            let number = || rows.integer(column, row).map(|number| number.to_string());
            rows.text(column, row).map(str::to_owned).or_else(number)
        };
        let parts: Vec<String> = own.iter().filter_map(|key| cell(key)).collect();
        let is_joined = || {
            ["/", "@", ":"]
                .into_iter()
                .any(|between| parts.join(between) == subject)
        };
        is_ours
            && (own
                .iter()
                .chain(&names)
                .any(|column| cell(column).as_deref() == Some(subject))
                || keys.iter().any(|key| cell(key).as_deref() == Some(subject))
                || is_joined())
    };
    Some(rows.indexes().any(is_subject))
}
