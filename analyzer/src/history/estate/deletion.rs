//! `history_deletion`: volumes and snapshots that the storage was to delete, and between which lists they went.
//!
//! Objects with policy Delete alone: what is retained goes from the cluster and stays on the appliance. A volume begins to
//! go when it is released; its deletion timestamp comes when the driver is done. What began and ended between two lists
//! has no begin. Of the last 90 days.

use polars::prelude::*;
use truenas_common::tables;

use super::View;
use super::course::{Course, UID, Version, courses};
use crate::query::{CatalogColumn, ColumnKind};

/// Name in SQL.
pub(crate) const NAME: &str = "history_deletion";

/// A table, and what its objects call their policy and class.
struct Kind {
    table: &'static str,
    columns: &'static [&'static str],
    policy: &'static str,
    class: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        table: "k8s_pv",
        columns: &[
            UID,
            "name",
            "driver",
            "storage_class",
            "reclaim_policy",
            "phase",
            "phase_changed_at",
            "deleting_at",
        ],
        policy: "reclaim_policy",
        class: "storage_class",
    },
    Kind {
        table: "k8s_volume_snapshot_content",
        columns: &[
            UID,
            "name",
            "driver",
            "class",
            "deletion_policy",
            "deleting_at",
        ],
        policy: "deletion_policy",
        class: "class",
    },
];

/// One object.
struct Deletion<'c> {
    cluster: &'c str,
    kind: &'static Kind,
    /// Its newest version.
    last: &'c Version<'c>,
    /// When its deletion began, by the clock of the cluster.
    begun_at: Option<i64>,
    /// Begin and end of the last bundle that showed it.
    seen_from_at: i64,
    seen_at: i64,
    /// End of the first bundle after that; absent while it is there.
    gone_at: Option<i64>,
}

type Name = for<'r> fn(&'r Deletion<'_>) -> Option<&'r str>;
type Time = fn(&Deletion<'_>) -> Option<i64>;

/// Names of a row, and whether each is a pseudonym.
const NAMES: [(&str, bool, Name); 6] = [
    ("cluster", false, |row| Some(row.cluster)),
    ("subject_table", false, |row| Some(row.kind.table)),
    ("subject", true, |row| row.last.text("name")),
    ("uid", false, |row| row.last.text(UID)),
    ("driver", true, |row| row.last.text("driver")),
    ("class", true, |row| row.last.text(row.kind.class)),
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
    let mut of_kind = Vec::new();
    for kind in &KINDS {
        if let Some(table) = tables::table(kind.table) {
            let courses = courses(table, kind.columns, streams);
            of_kind.extend(courses.into_iter().map(|course| (kind, course)));
        }
    }
    let rows = of_kind.iter().flat_map(|(kind, course)| {
        let objects = course.objects();
        objects.filter_map(|versions| deletion(course, kind, versions))
    });
    let rows: Vec<Deletion<'_>> = rows.collect();
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

/// Nothing of an object that stays on the storage, or that is there and whose deletion has not begun.
fn deletion<'c>(
    course: &'c Course<'c>,
    kind: &'static Kind,
    versions: &'c [Version<'c>],
) -> Option<Deletion<'c>> {
    let last = versions.iter().max_by_key(|version| version.last)?;
    if last.text(kind.policy) != Some("Delete") {
        return None;
    }
    let seen = course.lists.get(last.last)?;
    let gone_at = course.list_after(last.last).map(|list| list.ended_at);
    let begun_at = begun_at(versions);
    (gone_at.is_some() || begun_at.is_some()).then_some(Deletion {
        cluster: course.cluster,
        kind,
        last,
        begun_at,
        seen_from_at: seen.started_at,
        seen_at: seen.ended_at,
        gone_at,
    })
}

/// The release of a volume, unless it was kept then, or the deletion timestamp.
fn begun_at(versions: &[Version<'_>]) -> Option<i64> {
    let is_released = |version: &&Version<'_>| version.text("phase") == Some("Released");
    let released: Vec<&Version<'_>> = versions.iter().filter(is_released).collect();
    let was_kept = released
        .iter()
        .any(|version| version.text("reclaim_policy") != Some("Delete"));
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
