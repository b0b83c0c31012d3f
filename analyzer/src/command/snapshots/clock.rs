//! By which time the snapshots of an appliance are how old: that of its reading, by its own clock.

use std::collections::BTreeMap;

use crate::assemble::Rows;
use crate::command::amount::DAY_SECS;
use crate::history::{Estate, History};

/// By appliance.
pub(super) type Clocks = BTreeMap<String, Clock>;

/// The clock of an appliance at its newest complete list of snapshots, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// End of the bundle that holds the list, by the appliance's clock.
    pub(super) read_at: i64,
    /// Whether two planned runs have gone by since without such a list.
    pub(super) is_overdue: bool,
}

/// Appliances whose snapshots were read once.
pub(super) fn clocks(estate: &Estate, history: &History) -> Clocks {
    let clock = |appliance: &String| {
        let source = history.source_of(&estate.domain, "zfs_snapshot", appliance, estate.now)?;
        let every = source.expected_every_secs.unwrap_or(DAY_SECS);
        let clock = Clock {
            read_at: source.ended_at + ahead_secs(estate, appliance),
            is_overdue: estate.now - source.ended_at > 2 * every,
        };
        Some((appliance.clone(), clock))
    };
    estate.appliances.iter().filter_map(clock).collect()
}

/// How far an appliance's clock is ahead of its collector's, as the view `clock_offset` has it; zero when it is not told.
fn ahead_secs(estate: &Estate, appliance: &str) -> i64 {
    let rows = Rows::of(estate, "collect_status");
    let ours = rows.indexes().filter(|row| {
        rows.text("appliance", *row) == Some(appliance) && rows.integer("pass", *row) == Some(1)
    });
    let ahead = |row: usize| {
        let server_at = rows.integer("server_at", row)?;
        Some(server_at - rows.integer("started_at", row)?)
    };
    ours.filter_map(ahead).min().unwrap_or(0)
}
