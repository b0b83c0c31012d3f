//! What somebody accepted, and which of it no longer holds.

use super::{Context, n};
use crate::report::model::{Block, Cell, Column, Moment, Name, Prose, Section, Table};
use crate::report::number::Number;
use crate::suppress::{Entry, Status};

/// An entry that ends this soon is named as such.
const SOON_DAYS: i64 = 30;

/// Every entry with its status; nothing when there is no file of suppressions.
pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let entries = context.options.suppressions;
    if entries.is_empty() {
        return None;
    }
    let mut sorted: Vec<&(Entry, Status)> = entries.iter().collect();
    let key = |(entry, status): &(Entry, Status)| (*status, entry.until, entry.finding.clone());
    sorted.sort_by_key(|judged| key(judged));
    let n_of = |wanted: Status| {
        n(entries
            .iter()
            .filter(|(_, status)| *status == wanted)
            .count())
    };
    let counts = Prose::new()
        .number(Number::count(n_of(Status::Active)))
        .text(" active, ")
        .number(Number::count(n_of(Status::Expired)))
        .text(" expired, ")
        .number(Number::count(n_of(Status::Void)))
        .text(" void because the evidence changed, ")
        .number(Number::count(n_of(Status::Unused)))
        .text(" unused. Only active ones keep a finding out of gates and scores.");
    let columns = vec![
        Column::words("Finding", 8),
        Column::words("Object", 8),
        Column::words("Status", 5),
        Column::words("Owner", 4),
        Column::words("Reason", 8),
        Column::words("Until", 4),
    ];
    let rows = sorted
        .into_iter()
        .map(|(entry, status)| row(context, entry, *status));
    Some(Section {
        id: "suppressions".to_owned(),
        title: "Suppressions".to_owned(),
        blocks: vec![
            Block::Prose(counts),
            Block::Table(Table::new("Suppressions", columns, "none").rows(rows)),
        ],
    })
}

fn row(context: &Context<'_>, entry: &Entry, status: Status) -> Vec<Cell> {
    let mut findings = context.analysis.findings();
    let found = findings.find(|finding| finding.fingerprint == entry.finding);
    let short = entry.finding.get(..12).unwrap_or_default();
    let check = found
        .map(|finding| finding.check_id.as_str())
        .or(entry.check.as_deref());
    let object = match (found, &entry.subject) {
        (Some(found), _) => Cell::Name(context.names.subject(&found.subject_table, &found.subject)),
        (None, Some(subject)) => Cell::Name(Name::new("object", subject)),
        (None, None) => Cell::words("not known"),
    };
    let left = entry.days_left(context.now()).unwrap_or_default();
    let status = match status {
        Status::Active if left <= SOON_DAYS => {
            Cell::Prose(Prose::words("active, ends in ").number(Number::days(
                left * 86_400,
                crate::report::number::Round::Down,
            )))
        }
        status => Cell::words(status.word()),
    };
    vec![
        Cell::Prose(
            Prose::words(check.unwrap_or_default())
                .text(" ")
                .code(short),
        ),
        object,
        status,
        Cell::words(entry.owner.as_deref().unwrap_or_default()),
        Cell::words(entry.reason.as_deref().unwrap_or_default()),
        entry.until.map_or_else(
            || Cell::words("no end"),
            |until| Cell::Moment(Moment::day(until)),
        ),
    ]
}
