//! Where the used space of each pool went since the report before.

use super::Context;
use crate::diff::{Bridge, Step, bridge};
use crate::report::model::{Block, Cell, Column, Moment, Name, Prose, Section, Table};
use crate::report::number::{Number, Round};

/// One table a pool; nothing in the first report of a site.
pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let previous = context.options.previous?;
    let bridges = bridge::bridges(&previous.estate, &context.analysis.estate);
    if bridges.is_empty() {
        return None;
    }
    let since = Prose::words("Since ")
        .moment(Moment::at(previous.estate.now))
        .text(". The steps of each pool add up, to the byte, to the difference of what its root dataset reports as used.");
    let tables = bridges.iter().map(|bridge| Block::Table(table(bridge)));
    Some(Section {
        id: "used-space".to_owned(),
        title: "Used space since the last report".to_owned(),
        blocks: std::iter::once(Block::Prose(since)).chain(tables).collect(),
    })
}

fn table(bridge: &Bridge) -> Table {
    let columns = vec![
        Column::about(&Name::new("pool", &bridge.pool), 8),
        Column::numbers("Change", 4),
    ];
    let whole = |bytes: i64| Cell::Number(Number::bytes(bytes, Round::Up));
    let before = vec![Cell::words("Used before"), whole(bridge.before_bytes)];
    let steps = Step::ALL
        .iter()
        .zip(bridge.steps)
        .map(|(step, bytes)| vec![Cell::words(said(*step)), signed(bytes)]);
    let top = bridge.top.iter().map(|(path, bytes)| {
        let prose = Prose::words("of that ").name(&Name::new("dataset", path));
        vec![Cell::Prose(prose), signed(*bytes)]
    });
    let mut table = Table::new("Used space, step by step", columns, "no change")
        .rows(std::iter::once(before).chain(steps).chain(top))
        .narrow();
    table.total = Some(vec![Cell::words("Used now"), whole(bridge.after_bytes)]);
    table
}

fn signed(bytes: i64) -> Cell {
    let size = Number::bytes(bytes.saturating_abs(), Round::Up);
    let sign = match bytes {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    let text = format!("{sign}{}", size.text);
    Cell::Number(Number {
        raw: Some(bytes),
        text,
        ..size
    })
}

fn said(step: Step) -> &'static str {
    match step {
        Step::Created => "New datasets",
        Step::Destroyed => "Destroyed datasets",
        Step::Recreated => "Datasets made anew under the same name",
        Step::Data => "Data of the others",
        Step::Snapshots => "Their snapshots",
        Step::Refreservation => "Their unused reservations",
        Step::Rest => "Reservations of parents, and counters that moved while they were read",
    }
}
