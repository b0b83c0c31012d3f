//! The answer of `thin` for tables and machines. Ratios are in thousandths, rounded up; bytes are exact.

use serde_json::{Value as Json, json};
use truenas_common::time::Time;

use super::{Answer, Claim, Pool, Unlimited, Volume};
use crate::report::number::{Number, Round};
use crate::thin::{self, Debt, Ratio, Saved, Sums, overview};

/// One line a pool, and one a volume with the same columns; what is not known is empty, and `note` says why.
pub(super) fn csv(answer: &Answer, top: usize) -> String {
    let mut text = crate::command::csv_line(&HEADER.map(str::to_owned));
    for hole in &answer.holes {
        let note = format!("not evaluated: {}: {}", hole.table, hole.outcome);
        text += &line(["hole", &hole.appliance, "", ""], Cells::default(), &note);
    }
    for unmeasured in &answer.unmeasured {
        let note = format!("trim debt: {}", unmeasured.reason);
        let cells = Cells {
            claim: [unmeasured.cluster.clone(), String::new(), String::new()],
            ..Cells::default()
        };
        text += &line(["cluster", "", "", ""], cells, &note);
    }
    for pool in &answer.pools {
        let names = ["pool", &pool.appliance, &pool.name, ""];
        text += &match &pool.figures {
            Ok(figures) => line(names, of_pool(pool, figures), &pool_note(pool, figures)),
            Err(reason) => line(names, Cells::default(), &format!("not evaluated: {reason}")),
        };
    }
    for volume in answer.volumes.iter().take(top) {
        let names = ["volume", &volume.appliance, &volume.pool, &volume.path];
        text += &line(names, of_volume(volume), &volume_note(volume));
    }
    for volume in answer.unlimited.iter().take(top) {
        let names = ["unlimited", &volume.appliance, &volume.pool, &volume.path];
        let cells = Cells {
            claim: claim(&volume.claims),
            live: volume.live_bytes,
            ..Cells::default()
        };
        text += &line(names, cells, "no limit, so no number for its promise");
    }
    text
}

const HEADER: [&str; 24] = [
    "kind",
    "appliance",
    "pool",
    "dataset",
    "cluster",
    "namespace",
    "claim",
    "promised_bytes",
    "worst_bytes",
    "used_by_dataset_bytes",
    "logical_bytes",
    "used_by_snapshots_bytes",
    "refreservation_bytes",
    "used_by_refreservation_bytes",
    "unbacked_bytes",
    "saved_unwritten_bytes",
    "saved_reduced_bytes",
    "saved_unsplit_bytes",
    "debt_bytes",
    "trim_frees_bytes",
    "usable_bytes",
    "available_bytes",
    "shortfall_bytes",
    "note",
];

/// Cells that pools and volumes share; those of a pool are sums.
#[derive(Default)]
struct Cells {
    claim: [String; 3],
    promised: Option<i64>,
    worst: Option<i64>,
    live: Option<i64>,
    logical: Option<i64>,
    snapshots: Option<i64>,
    reservation: Option<i64>,
    reserved: Option<i64>,
    unbacked: Option<i64>,
    saved: Option<Saved>,
    debt: Option<Debt>,
    usable: Option<i64>,
    available: Option<i64>,
    shortfall: Option<i64>,
}

fn line(names: [&str; 4], cells: Cells, note: &str) -> String {
    let numbers = [
        cells.promised,
        cells.worst,
        cells.live,
        cells.logical,
        cells.snapshots,
        cells.reservation,
        cells.reserved,
        cells.unbacked,
        cells.saved.map(|saved| saved.unwritten_bytes),
        cells.saved.map(|saved| saved.reduced_bytes),
        cells.saved.map(|saved| saved.unsplit_bytes),
        cells.debt.map(|debt| debt.charged_bytes),
        cells.debt.map(|debt| debt.freed_bytes),
        cells.usable,
        cells.available,
        cells.shortfall,
    ];
    let mut line: Vec<String> = names.map(str::to_owned).to_vec();
    line.extend(cells.claim);
    line.extend(numbers.map(|number| number.map_or_else(String::new, |n| n.to_string())));
    line.push(note.to_owned());
    crate::command::csv_line(&line)
}

fn of_pool(pool: &Pool, figures: &thin::Pool) -> Cells {
    let sums = &figures.sums;
    Cells {
        claim: Default::default(),
        promised: Some(sums.promised_bytes),
        worst: Some(sums.worst_bytes),
        live: Some(sums.live_bytes),
        // Beside the live data of all volumes, a sum over some of them would be read wrong.
        logical: all_told(sums).then_some(sums.logical_bytes),
        snapshots: Some(sums.snapshot_bytes),
        reservation: Some(sums.reservation_bytes),
        reserved: Some(sums.reserved_bytes),
        unbacked: Some(sums.unbacked_bytes),
        saved: Some(sums.saved),
        debt: (pool.n_measured > 0).then_some(pool.debt),
        usable: Some(figures.space.size_bytes()),
        available: Some(figures.space.available_bytes),
        shortfall: Some(figures.shortfall_bytes()),
    }
}

fn all_told(sums: &Sums) -> bool {
    sums.n_reduced > 0 && sums.logical_live_bytes == sums.live_bytes
}

fn of_volume(volume: &Volume) -> Cells {
    let figures = &volume.figures;
    Cells {
        claim: claim(&volume.claims),
        promised: Some(figures.promised_bytes),
        worst: Some(figures.worst_bytes),
        live: figures.live_bytes,
        logical: figures.logical_bytes,
        snapshots: figures.snapshot_bytes,
        reservation: Some(figures.reservation_bytes),
        reserved: figures.reserved_bytes,
        unbacked: figures.unbacked_bytes(),
        saved: figures.saved(),
        debt: volume.debt,
        ..Cells::default()
    }
}

/// The only claim; several are in JSON alone.
fn claim(claims: &[Claim]) -> [String; 3] {
    match claims {
        [only] => {
            let (namespace, name) = only.claim.clone().unwrap_or_default();
            [only.cluster.clone(), namespace, name]
        }
        _ => Default::default(),
    }
}

fn pool_note(pool: &Pool, figures: &thin::Pool) -> String {
    let sums = &figures.sums;
    let notes = [
        (pool.n_unlimited, "without a limit"),
        (sums.n_unread, "not read"),
        (sums.n_unknown_layouts, "on a layout of unknown overhead"),
        (pool.n_torn, "read while changing"),
    ];
    let notes = notes.iter().filter(|(n, _)| *n > 0);
    let notes: Vec<String> = notes.map(|(n, words)| format!("{n} {words}")).collect();
    notes.join("; ")
}

fn volume_note(volume: &Volume) -> String {
    let notes = [
        (volume.figures.unbacked_bytes().is_none(), "not read"),
        (
            !volume.figures.is_layout_known,
            "layout of unknown overhead",
        ),
        (volume.is_torn, "read while changing"),
        (volume.claims.len() > 1, "several claims"),
    ];
    let notes = notes.iter().filter(|(holds, _)| *holds);
    notes
        .map(|(_, words)| *words)
        .collect::<Vec<_>>()
        .join("; ")
}

/// Everything, with every volume.
pub(super) fn json(answer: &Answer, top: usize) -> Json {
    let hole = |hole: &super::Hole| json!({"appliance": hole.appliance, "table": hole.table, "outcome": hole.outcome});
    let unmeasured = |unmeasured: &super::Unmeasured| {
        let state = if unmeasured.is_hole {
            "not-evaluated"
        } else {
            "not-applicable"
        };
        json!({"cluster": unmeasured.cluster, "state": state, "reason": unmeasured.reason})
    };
    let reserved = |row: &super::Reserved| {
        json!({
            "appliance": row.appliance,
            "pool": row.pool,
            "dataset": row.path,
            "refreservation_bytes": row.reservation_bytes,
            "used_by_dataset_bytes": row.live_bytes,
            "held_twice_bytes": row.held_twice_bytes,
            "next_snapshot_bytes": row.next_snapshot_bytes,
        })
    };
    let blocks = |blocks: &super::Blocks| {
        json!({
            "appliance": blocks.appliance,
            "pool": blocks.pool,
            "parent": blocks.parent,
            "volblocksize_bytes": blocks.block_bytes,
            "charged_per_mille": milli(blocks.charge.inflation()),
            "n_zvols": blocks.n_zvols,
            "referenced_bytes": blocks.referenced_bytes,
            "overhead_bytes": blocks.overhead_bytes(),
        })
    };
    let all = |rows: Vec<Json>| Json::Array(rows);
    json!({
        "domain": answer.domain,
        "at": Time::from_unix_secs(answer.at).to_string(),
        "not_evaluated": all(answer.holes.iter().map(hole).collect()),
        "trim_debt_not_known": all(answer.unmeasured.iter().map(unmeasured).collect()),
        "overview": overview_json(answer),
        "pools": all(answer.pools.iter().map(pool_json).collect()),
        "n_volumes": answer.volumes.len(),
        "volumes": all(answer.volumes.iter().take(top).map(volume_json).collect()),
        "unlimited": all(answer.unlimited.iter().take(top).map(unlimited_json).collect()),
        "reserved": all(answer.reserved.iter().take(top).map(reserved).collect()),
        "blocks": all(answer.blocks.iter().take(top).map(blocks).collect()),
    })
}

fn overview_json(answer: &Answer) -> Json {
    let read = answer.pools.iter().filter(|pool| pool.figures.is_ok());
    let pools: Vec<&Pool> = read.collect();
    let figures = pools.iter().flat_map(|pool| pool.figures.as_ref().ok());
    let figures: Vec<thin::Pool> = figures.copied().collect();
    let Some(overview) = overview(&figures) else {
        return Json::Null;
    };
    let named = |index: usize| {
        let pool: &Pool = pools[index];
        json!({"appliance": pool.appliance, "pool": pool.name})
    };
    json!({
        "n_pools": figures.len(),
        "n_short": overview.n_short,
        "most_unbacked": named(overview.riskiest),
        "max_unbacked_per_mille": milli(figures[overview.riskiest].unbacked_ratio()),
        "fullest": named(overview.fullest),
        "max_fill_per_mille": milli(figures[overview.fullest].space.fill()),
        "fill_of_all_per_mille": milli(overview.fill_of_all),
    })
}

fn pool_json(pool: &Pool) -> Json {
    let figures = match &pool.figures {
        Ok(figures) => figures,
        Err(reason) => {
            return json!({
                "appliance": pool.appliance, "pool": pool.name, "state": "not-evaluated",
                "reason": reason,
            });
        }
    };
    let sums = &figures.sums;
    json!({
        "appliance": pool.appliance,
        "pool": pool.name,
        "state": "evaluated",
        "layout": pool.layout,
        "used_bytes": figures.space.used_bytes,
        "available_bytes": figures.space.available_bytes,
        "usable_bytes": figures.space.size_bytes(),
        "n_promises": sums.n_volumes,
        "n_unlimited": pool.n_unlimited,
        "n_unread": sums.n_unread,
        "n_unknown_layouts": sums.n_unknown_layouts,
        "n_torn": pool.n_torn,
        "promised_bytes": sums.promised_bytes,
        "worst_bytes": sums.worst_bytes,
        "refreservation_bytes": sums.reservation_bytes,
        "used_by_dataset_bytes": sums.live_bytes,
        "used_by_snapshots_bytes": sums.snapshot_bytes,
        "used_by_refreservation_bytes": sums.reserved_bytes,
        "unbacked_bytes": sums.unbacked_bytes,
        "shortfall_bytes": figures.shortfall_bytes(),
        "unbacked_per_mille": milli(figures.unbacked_ratio()),
        "overcommit_per_mille": milli(figures.overcommit()),
        "worst_overcommit_per_mille": milli(figures.worst_overcommit()),
        "snapshot_overcommit_per_mille": milli(figures.snapshot_overcommit()),
        "thin_overcommit_per_mille": milli(figures.thin_overcommit()),
        "allocation_per_mille": milli(sums.allocation()),
        "reduction_per_mille": sums.reduction().and_then(milli_down),
        "n_reduction_told": sums.n_reduced,
        "total_per_mille": sums.total().and_then(milli_down),
        "saved": saved_json(sums.saved),
        "held_twice_bytes": pool.held_twice_bytes,
        "overhead_bytes": pool.overhead_bytes,
        "n_measured": pool.n_measured,
        "trim_debt": (pool.n_measured > 0).then(|| debt_json(pool.debt)),
    })
}

fn volume_json(volume: &Volume) -> Json {
    let figures = &volume.figures;
    json!({
        "appliance": volume.appliance,
        "pool": volume.pool,
        "dataset": volume.path,
        "kind": if volume.is_zvol { "zvol" } else { "file-system" },
        "claims": claims_json(&volume.claims),
        "volblocksize_bytes": volume.block_bytes,
        "charged_per_mille": volume.charge.and_then(|charge| milli(charge.inflation())),
        "is_layout_known": figures.is_layout_known,
        "is_torn": volume.is_torn,
        "promised_bytes": figures.promised_bytes,
        "worst_bytes": figures.worst_bytes,
        "refreservation_bytes": figures.reservation_bytes,
        "used_by_dataset_bytes": figures.live_bytes,
        "used_by_snapshots_bytes": figures.snapshot_bytes,
        "used_by_refreservation_bytes": figures.reserved_bytes,
        "logical_bytes": figures.logical_bytes,
        "unbacked_bytes": figures.unbacked_bytes(),
        "allocation_per_mille": figures.allocation().and_then(milli),
        "reduction_per_mille": figures.reduction().and_then(milli_down),
        "total_per_mille": figures.total().and_then(milli_down),
        "saved": figures.saved().map(saved_json),
        "guest_bytes": volume.guest_bytes,
        "trim_debt": volume.debt.map(debt_json),
    })
}

fn unlimited_json(volume: &Unlimited) -> Json {
    json!({
        "appliance": volume.appliance,
        "pool": volume.pool,
        "dataset": volume.path,
        "claims": claims_json(&volume.claims),
        "used_by_dataset_bytes": volume.live_bytes,
    })
}

fn claims_json(claims: &[Claim]) -> Json {
    let claim = |claim: &Claim| {
        let (namespace, name) = claim.claim.clone().unzip();
        json!({"cluster": claim.cluster, "pv": claim.pv, "namespace": namespace, "claim": name})
    };
    Json::Array(claims.iter().map(claim).collect())
}

fn saved_json(saved: Saved) -> Json {
    json!({
        "bytes": saved.bytes(),
        "unwritten_bytes": saved.unwritten_bytes,
        "reduced_bytes": saved.reduced_bytes,
        "unsplit_bytes": saved.unsplit_bytes,
    })
}

fn debt_json(debt: Debt) -> Json {
    json!({
        "logical_bytes": debt.logical_bytes,
        "charged_bytes": debt.charged_bytes,
        "trim_frees_bytes": debt.freed_bytes,
    })
}

fn milli(ratio: Ratio) -> Option<i64> {
    Number::ratio(ratio.part, ratio.whole, Round::Up).raw
}

fn milli_down(ratio: Ratio) -> Option<i64> {
    Number::ratio(ratio.part, ratio.whole, Round::Down).raw
}
