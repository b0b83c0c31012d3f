//! Tables of objects without a partner.

use serde::Serialize;

use crate::report::model::{
    Cell, Column, Grade, Orphan, Orphans, Prose, SnapshotWithoutBacking, Table,
};
use crate::report::number::Number;

/// Space of one grade.
#[derive(Serialize)]
pub(super) struct GradeTotal<'a> {
    grade: Grade,
    number: &'a Number,
}

pub(super) fn totals(orphans: &Orphans) -> Vec<GradeTotal<'_>> {
    let sums = [&orphans.confirmed, &orphans.probable, &orphans.candidate];
    Grade::ALL
        .into_iter()
        .zip(sums)
        .filter_map(|(grade, sum)| sum.as_ref().map(|number| GradeTotal { grade, number }))
        .collect()
}

pub(super) fn on_storage(orphans: &Orphans) -> Table {
    table(
        "On storage, not in Kubernetes",
        "Without claim since",
        &orphans.on_storage,
        &Number::found(0, orphans.n_storage_checked),
    )
    .note(Prose::words(
        "Sizes are rounded down. Clones and holds can keep space: read it as frees up to.",
    ))
}

pub(super) fn in_kubernetes(orphans: &Orphans) -> Table {
    table(
        "In Kubernetes, not on storage",
        "Missing since",
        &orphans.in_kubernetes,
        &Number::found(0, orphans.n_kubernetes_checked),
    )
}

fn table(caption: &str, since: &str, orphans: &[Orphan], none: &Number) -> Table {
    let columns = vec![
        Column::words("Object", 9),
        Column::words("Grade", 3),
        Column::numbers("Holds", 3),
        Column::words(since, 4),
        Column::words("Sessions", 4),
        Column::words("Dependants", 4),
        Column::words("Note", 7),
        Column::words("Check", 3),
    ];
    let rows = orphans.iter().map(|orphan| {
        vec![
            Cell::Name(orphan.subject.clone()),
            Cell::Grade(orphan.grade),
            Cell::Number(orphan.bytes.clone()),
            orphan
                .first_absent
                .clone()
                .map_or_else(|| Cell::words("not known"), Cell::Moment),
            Cell::Number(orphan.sessions.clone()),
            Cell::Number(orphan.dependants.clone()),
            Cell::Prose(orphan.note.clone()),
            Cell::Finding {
                check: orphan.check.clone(),
                fingerprint: orphan.finding.clone(),
            },
        ]
    });
    Table::new(caption, columns, &none.text).rows(rows)
}

pub(super) fn snapshots(snapshots: &[SnapshotWithoutBacking]) -> Table {
    let columns = vec![
        Column::words("Content", 6),
        Column::words("Grade", 3),
        Column::words("Snapshot", 5),
        Column::words("Claim", 5),
        Column::words("Missing on storage", 8),
        Column::words("Taken", 4),
        Column::words("Check", 3),
    ];
    let rows = snapshots.iter().map(|snapshot| {
        vec![
            Cell::Name(snapshot.content.clone()),
            Cell::Grade(snapshot.grade),
            snapshot
                .snapshot
                .clone()
                .map_or_else(|| Cell::words("no reference"), Cell::Name),
            snapshot
                .claim
                .clone()
                .map_or_else(|| Cell::words("not known"), Cell::Name),
            Cell::Name(snapshot.handle.clone()),
            snapshot
                .taken
                .clone()
                .map_or_else(|| Cell::words("not known"), Cell::Moment),
            Cell::Finding {
                check: "SNP-001".to_owned(),
                fingerprint: snapshot.finding.clone(),
            },
        ]
    });
    Table::new(
        "Restore points without a snapshot on storage",
        columns,
        "none found",
    )
    .rows(rows)
}
