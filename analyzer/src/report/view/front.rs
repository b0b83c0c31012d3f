//! Tables and words of the first pages.

use serde::Serialize;

use crate::report::model::{
    AreaScore, Cell, ChangeKind, Changes, Column, History, Moment, PoolCapacity, Prose, Quality,
    Resolution, Scorecard, Table,
};
use crate::report::number::Number;

/// Counts of the data-quality strip.
#[derive(Serialize)]
pub(super) struct QualityView {
    complete: Number,
    partial: Number,
    missing: Number,
    not_evaluated: Number,
    oldest: Moment,
    newest: Moment,
    is_limited: bool,
}

pub(super) fn quality(quality: &Quality) -> QualityView {
    let unknown = || Moment {
        unix_s: 0,
        text: "no time known".to_owned(),
    };
    QualityView {
        complete: Number::count(quality.n_complete),
        partial: Number::count(quality.n_partial),
        missing: Number::count(quality.n_missing),
        not_evaluated: Number::count(quality.n_not_evaluated),
        oldest: quality.oldest.clone().unwrap_or_else(unknown),
        newest: quality.newest.clone().unwrap_or_else(unknown),
        is_limited: !quality.limits.is_empty(),
    }
}

/// Counts and rows of what changed.
#[derive(Serialize)]
pub(super) struct ChangesView {
    is_first: bool,
    counts: Vec<Labelled>,
    resolved: Vec<Labelled>,
    open: Table,
    gone: Table,
}

/// A number and what it counts.
#[derive(Serialize)]
pub(super) struct Labelled {
    label: &'static str,
    number: Number,
}

pub(super) fn changes(changes: &Changes, fitted: impl Fn(Table) -> Table) -> ChangesView {
    let labelled = |label, n| Labelled {
        label,
        number: Number::count(n),
    };
    let n_for = |reason: Resolution| {
        changes
            .resolved
            .iter()
            .filter(|resolved| resolved.reason == reason)
            .map(|resolved| resolved.n)
            .sum()
    };
    let columns = || {
        vec![
            Column::words("Change", 3),
            Column::words("Severity", 2),
            Column::words("Finding", 6),
            Column::words("Subject", 7),
            Column::numbers("Age", 2),
            Column::words("Check", 2),
        ]
    };
    let rows = |is_gone: bool| {
        changes
            .rows
            .iter()
            .filter(move |change| matches!(change.kind, ChangeKind::Resolved(_)) == is_gone)
            .map(|change| {
                vec![
                    Cell::words(change.kind.word()),
                    Cell::Severity(change.severity),
                    Cell::words(&change.title),
                    Cell::Name(change.subject.clone()),
                    Cell::Number(change.age.clone()),
                    Cell::Finding {
                        check: change.check.clone(),
                        fingerprint: change.finding.clone(),
                    },
                ]
            })
    };
    ChangesView {
        is_first: changes.since.is_none(),
        counts: vec![
            labelled("new", changes.n_new),
            labelled("back again", changes.n_regressed),
            labelled("persisting", changes.n_persisting),
            labelled("resolved", changes.n_resolved()),
        ],
        resolved: Resolution::ALL
            .map(|reason| labelled(reason.word(), n_for(reason)))
            .into(),
        open: fitted(
            Table::new("New and persisting findings", columns(), "No open finding.")
                .rows(rows(false)),
        ),
        gone: fitted(
            Table::new(
                "Resolved findings, by reason",
                columns(),
                "No finding was resolved.",
            )
            .rows(rows(true)),
        ),
    }
}

pub(super) fn scorecard(scorecard: &Scorecard) -> Table {
    let row = |area: &AreaScore| {
        vec![
            Cell::words(&area.title),
            Cell::count(area.n_all()),
            Cell::count(area.n_evaluated),
            Cell::count(area.n_fail),
            Cell::count(area.n_pass),
            Cell::count(area.n_not_applicable),
            Cell::count(area.n_not_evaluated),
        ]
    };
    let columns = vec![
        Column::words("Area", 5),
        Column::numbers("All", 2),
        Column::numbers("Evaluated", 2),
        Column::numbers("Fail", 2),
        Column::numbers("Pass", 2),
        Column::numbers("Not applicable", 3),
        Column::numbers("Not evaluated", 3),
    ];
    let mut table = Table::new("Checks by area, one count for each check and scope", columns, "No check ran.")
        .rows(scorecard.areas.iter().map(row))
        .note(Prose::words("All = evaluated + not applicable + not evaluated; evaluated = fail + pass. Not evaluated is never a pass."));
    table.total = Some(row(&scorecard.total));
    table
}

pub(super) fn severities(scorecard: &Scorecard) -> Table {
    let columns = vec![
        Column::words("Effective severity", 4),
        Column::numbers("Found", 2),
        Column::numbers("Open", 2),
        Column::numbers("Suppressed", 2),
    ];
    let rows = scorecard.severities.iter().map(|tally| {
        vec![
            Cell::Severity(tally.severity),
            Cell::count(tally.n_open + tally.n_suppressed),
            Cell::count(tally.n_open),
            Cell::count(tally.n_suppressed),
        ]
    });
    let mut table = Table::new("Findings by effective severity", columns, "No finding.")
        .rows(rows)
        .narrow();
    table.total = Some(vec![
        Cell::words("Total"),
        Cell::count(scorecard.n_found),
        Cell::count(scorecard.n_open),
        Cell::count(scorecard.n_suppressed),
    ]);
    table
}

pub(super) fn slices(pool: &PoolCapacity) -> Table {
    let columns = vec![
        Column::words("Part", 3),
        Column::numbers("Size", 2),
        Column::numbers("Share", 2),
    ];
    let rows = pool.slices.iter().map(|slice| {
        vec![
            Cell::words(slice.kind.word()),
            Cell::Number(slice.number.clone()),
            Cell::Number(slice.share.clone()),
        ]
    });
    let mut table = Table::new("Space by what fills it", columns, "not collected")
        .rows(rows)
        .narrow();
    table.total = Some(vec![
        Cell::words("Size of the pool"),
        Cell::Number(pool.size.clone()),
        Cell::words("100\u{202F}%"),
    ]);
    table
}

pub(super) fn points(history: &History) -> Table {
    let columns = vec![Column::words("Read at", 3), Column::numbers("Used", 2)];
    let rows = history.points.iter().map(|point| {
        vec![
            Cell::Moment(point.at.clone()),
            Cell::Number(point.used.clone()),
        ]
    });
    Table::new("Used space over time", columns, "not collected")
        .rows(rows)
        .narrow()
}
