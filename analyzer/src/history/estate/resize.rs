//! `history_resize`: claims that were made larger, and between which lists that was done.
//!
//! A request above the capacity is an expansion that goes on. Both are seen at collections alone, so that the span lies
//! between the lists; one that waits for a pod to mount the claim counts until then. Of the last 90 days.

use polars::prelude::*;
use truenas_common::tables;

use super::View;
use super::course::{Course, UID, Version, courses};
use crate::query::{CatalogColumn, ColumnKind};

/// Name in SQL.
pub(crate) const NAME: &str = "history_resize";

const COLUMNS: [&str; 4] = [UID, "storage_class", "request_bytes", "capacity_bytes"];

/// One expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Resize {
    cluster: String,
    claim_uid: String,
    class: Option<String>,
    request_bytes: i64,
    least_secs: i64,
    /// Absent while it goes on.
    most_secs: Option<i64>,
    /// End of the list that showed it done, or the newest one.
    ended_at: i64,
}

type Figure = fn(&Resize) -> Option<i64>;

const FIGURES: [(&str, Figure); 4] = [
    ("request_bytes", |row| Some(row.request_bytes)),
    ("least_secs", |row| Some(row.least_secs)),
    ("most_secs", |row| row.most_secs),
    ("ended_at", |row| Some(row.ended_at)),
];

/// Columns as SQL sees them.
pub(crate) fn columns() -> Vec<CatalogColumn> {
    let names = [
        CatalogColumn::plain("cluster", ColumnKind::Text),
        CatalogColumn::plain("claim_uid", ColumnKind::Text),
        CatalogColumn::token("class"),
    ];
    let figures = FIGURES.map(|(name, _)| CatalogColumn::plain(name, ColumnKind::Integer));
    names.into_iter().chain(figures).collect()
}

pub(super) fn frame(streams: &[View<'_>]) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    if let Some(table) = tables::table("k8s_pvc") {
        for course in courses(table, &COLUMNS, streams) {
            for versions in course.objects() {
                resizes(&course, versions, &mut rows);
            }
        }
    }
    let texts = |value: fn(&Resize) -> Option<&str>| rows.iter().map(value).collect::<Vec<_>>();
    let mut columns = vec![
        Column::new("cluster".into(), texts(|row| Some(&row.cluster))),
        Column::new("claim_uid".into(), texts(|row| Some(&row.claim_uid))),
        Column::new("class".into(), texts(|row| row.class.as_deref())),
    ];
    for (name, figure) in FIGURES {
        let values: Vec<Option<i64>> = rows.iter().map(figure).collect();
        columns.push(Column::new(name.into(), values));
    }
    DataFrame::new(rows.len(), columns)
}

/// An expansion that was asked for.
struct Open {
    request_bytes: i64,
    /// Begin of the last list without it; absent when the first list shows it.
    before_at: Option<i64>,
    /// End of the first and begin of the last list with it; absent when none showed it at work.
    at_work: Option<(i64, i64)>,
}

fn resizes(course: &Course<'_>, versions: &[Version<'_>], rows: &mut Vec<Resize>) {
    let Some(uid) = versions.first().and_then(|version| version.text(UID)) else {
        return;
    };
    let mut open: Option<Open> = None;
    // The request, and the begin of the last list that showed it.
    let mut known: Option<(i64, i64)> = None;
    let sized = versions.iter().filter_map(|version| {
        let request_bytes = version.integer("request_bytes")?;
        let capacity_bytes = version.integer("capacity_bytes")?;
        let (first, last) = (
            course.lists.get(version.first)?,
            course.lists.get(version.last)?,
        );
        Some((version, request_bytes, capacity_bytes, first, last))
    });
    let mut class = None;
    for (version, request_bytes, capacity_bytes, first, last) in sized {
        class = version.text("storage_class").map(str::to_owned).or(class);
        let is_new = known.is_some_and(|(bytes, _)| request_bytes > bytes);
        if is_new || (known.is_none() && request_bytes > capacity_bytes) {
            // A larger request on the way goes on from the first.
            let before_at = known.map(|(_, before_at)| before_at);
            let open = open.get_or_insert(Open {
                request_bytes,
                before_at,
                at_work: None,
            });
            open.request_bytes = request_bytes;
        }
        if let Some(of) = &mut open {
            if capacity_bytes >= of.request_bytes || request_bytes < of.request_bytes {
                let is_done = capacity_bytes >= of.request_bytes;
                let most = of.before_at.map(|before_at| first.ended_at - before_at);
                if let Some(most_secs) = most.filter(|_| is_done) {
                    rows.push(Resize {
                        cluster: course.cluster.to_owned(),
                        claim_uid: uid.to_owned(),
                        class: class.clone(),
                        request_bytes: of.request_bytes,
                        least_secs: least_secs(of),
                        most_secs: Some(most_secs),
                        ended_at: first.ended_at,
                    });
                }
                open = None;
            } else {
                let from = of.at_work.map_or(first.ended_at, |(from, _)| from);
                of.at_work = Some((from, last.started_at));
            }
        }
        known = Some((request_bytes, last.started_at));
    }
    let is_last = |version: &Version<'_>| version.last + 1 == course.lists.len();
    if let Some(of) = open.filter(|_| versions.iter().any(is_last)) {
        rows.push(Resize {
            cluster: course.cluster.to_owned(),
            claim_uid: uid.to_owned(),
            class,
            request_bytes: of.request_bytes,
            least_secs: least_secs(&of),
            most_secs: None,
            ended_at: course.lists.last().map_or(0, |list| list.ended_at),
        });
    }
}

fn least_secs(open: &Open) -> i64 {
    open.at_work.map_or(0, |(from, to)| (to - from).max(0))
}
