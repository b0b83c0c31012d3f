//! A report with every part filled, for tests of the renderers.

mod appendix;
mod capacity;
mod findings;
mod front;
mod orphans;

use super::ReportModel;
use super::model::{Block, Cell, Column, Moment, Name, Prose, Section, Table};
use super::number::{Number, Round};

pub(super) const GIB: i64 = 1 << 30;
pub(super) const TIB: i64 = 1 << 40;
pub(super) const DAY: i64 = 86_400;
/// 2026-11-20 03:12 UTC.
pub(super) const NOW: i64 = 1_795_144_320;

pub(super) fn dataset(token: &str) -> Name {
    Name::new("dataset", token)
}

pub(super) fn pool(at: usize) -> Name {
    Name::new("pool", ["jhey7oqjnv64kbz3", "pool-m3xw5cplq2vyr6ta"][at])
}

pub(super) fn appliance(at: usize) -> Name {
    Name::new(
        "appliance",
        ["nas-6ql2e7kdv5wpmr4o", "nas-c4tzy7u2hbn6ofxe"][at],
    )
}

pub(super) fn cluster(at: usize) -> Name {
    Name::new(
        "cluster",
        ["cl-q3n5wvh7zbt2rkye", "cl-x6jd4ma2pglu7ost"][at],
    )
}

pub(super) fn hex(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..4)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            format!("{state:016x}")
        })
        .collect()
}

pub(super) fn bundle(seq: u32) -> String {
    format!("north1-{seq:06}-202611{:02}T031200Z", 20 - (117 - seq))
}

pub(super) fn days_ago(days: i64) -> Moment {
    Moment::at(NOW - days * DAY)
}

impl ReportModel {
    /// A report with every part filled, the same on every call.
    pub(crate) fn sample() -> Self {
        let mut model = Self::new(front::title(), front::trust(), appendix::provenance());
        model.verdict = front::verdict();
        model.quality = front::quality();
        model.tiles = front::tiles();
        model.key_numbers = front::key_numbers();
        model.risks = front::risks();
        model.changes = front::changes();
        model.scorecard.areas = front::areas();
        model.pools = capacity::pools();
        model.orphans = orphans::orphans();
        model.snapshots_without_backing = orphans::snapshots();
        model.more = vec![snapshot_cuts()];
        model.findings = findings::findings();
        let provenance = model.appendix.provenance;
        model.appendix = appendix::appendix(provenance);
        model.finish()
    }
}

fn snapshot_cuts() -> Section {
    let row = |name: &str, sizes: [i64; 3]| {
        let mut cells = vec![Cell::Name(dataset(name))];
        cells.extend(sizes.map(|gib| Cell::Number(Number::bytes(gib * GIB, Round::Down))));
        cells
    };
    let columns = vec![
        Column::words("Dataset", 5),
        Column::numbers("Older than 7 d", 2),
        Column::numbers("Older than 30 d", 2),
        Column::numbers("Older than 90 d", 2),
    ];
    let table = Table::new("What deleting old snapshots frees", columns, "none found (612 checked)")
        .rows([
            row("jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-1c0b7a52-90de-4b0f-8f3c-6b1f0f6f2e11", [212, 148, 61]),
            row("jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-9a77e0c3-2b41-4c19-a8d2-0f55c1b7d9e4", [96, 40, 12]),
        ])
        .note(Prose::words("Cuts are exact for one dataset each; the space of two snapshots is not the sum of their used values."));
    Section {
        id: "snapshots".to_owned(),
        title: "Snapshots".to_owned(),
        blocks: vec![
            Block::Prose(Prose::words(
                "Space that comes back when every snapshot older than the given age is deleted.",
            )),
            Block::Table(table),
        ],
    }
}
