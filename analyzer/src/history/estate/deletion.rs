//! `history_deletion`: volumes and snapshots that the storage was to delete, and between which lists they went.
//!
//! Objects with policy Delete alone: what is retained goes from the cluster and stays on the appliance. A volume begins to
//! go when it is released; its deletion timestamp comes when the driver is done. What began and ended between two lists
//! has no begin.

use std::borrow::Cow;

use polars::prelude::*;
use truenas_common::tables;

use super::View;
use super::course::{Course, Version, courses};
use crate::query::{CatalogColumn, ColumnKind};

/// Name in SQL.
pub(crate) const NAME: &str = "history_deletion";

/// A table with what its objects call their policy and class.
const KINDS: [(&str, &str, &str); 2] = [
    ("k8s_pv", "reclaim_policy", "storage_class"),
    ("k8s_volume_snapshot_content", "deletion_policy", "class"),
];

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Deletion {
    cluster: String,
    subject_table: &'static str,
    subject: String,
    uid: String,
    driver: Option<String>,
    class: Option<String>,
    /// When its deletion began, by the clock of the cluster.
    begun_at: Option<i64>,
    /// Begin and end of the last bundle that showed it.
    seen_from_at: i64,
    seen_at: i64,
    /// End of the first bundle after that; absent while it is there.
    gone_at: Option<i64>,
}

type Name = fn(&Deletion) -> Option<&str>;
type Time = fn(&Deletion) -> Option<i64>;

/// Names of a row, and whether each is a pseudonym.
const NAMES: [(&str, bool, Name); 6] = [
    ("cluster", false, |row| Some(&row.cluster)),
    ("subject_table", false, |row| Some(row.subject_table)),
    ("subject", true, |row| Some(&row.subject)),
    ("uid", false, |row| Some(&row.uid)),
    ("driver", true, |row| row.driver.as_deref()),
    ("class", true, |row| row.class.as_deref()),
];

const TIMES: [(&str, Time); 4] = [
    ("begun_at", |row| row.begun_at),
    ("seen_from_at", |row| Some(row.seen_from_at)),
    ("seen_at", |row| Some(row.seen_at)),
    ("gone_at", |row| row.gone_at),
];

/// Columns as SQL sees them.
pub(crate) fn columns() -> Vec<CatalogColumn> {
    let names = NAMES.map(|(name, is_token, _)| match is_token {
        true => CatalogColumn::token(name),
        false => CatalogColumn::plain(name, ColumnKind::Text),
    });
    let times = TIMES.map(|(name, _)| CatalogColumn::plain(name, ColumnKind::Integer));
    names.into_iter().chain(times).collect()
}

pub(super) fn frame(streams: &[View<'_>]) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for (table, policy, class) in KINDS {
        let Some(declared) = tables::table(table) else {
            continue;
        };
        for course in courses(declared, streams) {
            let objects = course.objects.iter();
            rows.extend(objects.filter_map(|(uid, versions)| {
                let last = versions.iter().max_by_key(|version| version.last)?;
                if last.text(policy).as_deref() != Some("Delete") {
                    return None;
                }
                deletion(&course, table, class, uid, versions)
            }));
        }
    }
    let mut columns = Vec::new();
    for (name, _, value) in NAMES {
        let values: Vec<Option<&str>> = rows.iter().map(value).collect();
        columns.push(Column::new(name.into(), values));
    }
    for (name, value) in TIMES {
        let values: Vec<Option<i64>> = rows.iter().map(value).collect();
        columns.push(Column::new(name.into(), values));
    }
    DataFrame::new(rows.len(), columns)
}

/// Nothing of an object that is there and whose deletion has not begun.
fn deletion(
    course: &Course<'_>,
    table: &'static str,
    class: &str,
    uid: &str,
    versions: &[Version<'_>],
) -> Option<Deletion> {
    let last = versions.iter().max_by_key(|version| version.last)?;
    let seen = course.lists.get(last.last)?;
    let gone_at = course.list_after(last.last).map(|list| list.ended_at);
    let begun_at = begun_at(versions);
    let text = |column: &str| last.text(column).map(Cow::into_owned);
    (gone_at.is_some() || begun_at.is_some()).then(|| Deletion {
        cluster: course.cluster.to_owned(),
        subject_table: table,
        subject: text("name").unwrap_or_default(),
        uid: uid.to_owned(),
        driver: text("driver"),
        class: text(class),
        begun_at,
        seen_from_at: seen.started_at,
        seen_at: seen.ended_at,
        gone_at,
    })
}

/// The release of a volume, unless it was kept then, or the deletion timestamp.
fn begun_at(versions: &[Version<'_>]) -> Option<i64> {
    let is_released = |version: &&Version<'_>| version.text("phase").as_deref() == Some("Released");
    let released: Vec<&Version<'_>> = versions.iter().filter(is_released).collect();
    let was_kept = released
        .iter()
        .any(|version| version.text("reclaim_policy").as_deref() != Some("Delete"));
    let released_at = released
        .iter()
        .filter_map(|version| version.integer("phase_changed_at"))
        .min()
        .filter(|_| !was_kept);
    let asked_at = versions
        .iter()
        .filter_map(|version| version.integer("deleting_at"))
        .min();
    [released_at, asked_at].into_iter().flatten().min()
}
