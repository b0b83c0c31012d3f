//! Who made the snapshots: by appliance, pool and maker, with what they hold where that is exact.

use std::collections::{BTreeMap, BTreeSet};

use super::Dataset;
use super::facts::Facts;
use super::section::{self, Cell, Column, Gap, Section, Total};
use crate::analysis::AnalysisError;
use crate::cli::Show;
use crate::query::Value;
use crate::reclaim::Freed;

const NEEDS: [&str; 7] = [
    "zfs_snapshot",
    "zfs_dataset",
    "zfs_dataset_space",
    "nas_snapshot_task",
    "nas_snapshot_task_exclude",
    "nas_replication_task",
    "k8s_pv",
];
const WHERE_SERVED: [&str; 1] = ["k8s_volume_snapshot_content"];

/// All but the most: what is not among them is of a task.
const MAKERS: &str = "\
SELECT m.appliance AS appliance, m.dataset AS dataset, m.name AS name, m.maker AS maker
FROM snapshot_maker AS m
WHERE m.maker <> 'periodic-task'";

const COPIES: &str = "\
SELECT c.appliance AS appliance, c.pool AS pool, c.created_at AS created_at, c.used_bytes AS used_bytes,
       c.n_clones AS n_clones
FROM detached_copy AS c";

/// Maker of most snapshots.
const TASK: &str = "periodic-task";
/// Maker of what a driver copied: the dataset is the snapshot.
const COPY: &str = "detached-copy";

const NOTE: &str = "\
Held is what only snapshots of one maker refer to: it goes with all of them, if
nothing keeps them. `>=` stands before a lower bound. Makers share blocks, so
that the lines add up to less than what snapshots hold in all; `used` of
snapshots is never added up. A detached copy is a dataset, and holds all of
itself.";

const COLUMNS: [Column; 12] = [
    Column::title("appliance"),
    Column::title("pool"),
    Column::title("maker"),
    Column::figure("n_snapshots", "count", 9),
    Column::figure("n_kept", "kept", 7),
    Column::figure("oldest_at", "oldest", 11),
    Column::figure("newest_at", "newest", 11),
    Column::figure("held_bytes", "held", 13),
    Column::machine("least_bytes"),
    Column::machine("most_bytes"),
    Column::machine("n_marked"),
    Column::machine("n_datasets"),
];

/// Appliance, pool and maker.
type Group = (String, String, String);

/// The snapshots of one maker in one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Made {
    n_snapshots: i64,
    n_kept: i64,
    n_datasets: i64,
    /// Datasets with a broken identity: nothing is known of what they hold.
    n_marked: i64,
    oldest_at: Option<i64>,
    newest_at: Option<i64>,
    held: Freed,
}

impl Made {
    fn add(&mut self, created_at: Option<i64>, is_kept: bool) {
        self.n_snapshots += 1;
        self.n_kept += i64::from(is_kept);
        if let Some(at) = created_at {
            self.oldest_at = Some(self.oldest_at.map_or(at, |oldest| oldest.min(at)));
            self.newest_at = Some(self.newest_at.map_or(at, |newest| newest.max(at)));
        }
    }
}

pub(super) fn section(
    facts: &Facts,
    datasets: &[Dataset],
    holes: &[Gap],
) -> Result<Section, AnalysisError> {
    let mut gaps = facts.gaps_without(&NEEDS, &WHERE_SERVED);
    section::merge(&mut gaps, holes);
    let blind: BTreeSet<&str> = gaps.iter().map(|gap| gap.scope.as_str()).collect();
    let mut makers = BTreeMap::new();
    for row in facts.ask(MAKERS)? {
        if let [
            Value::Text(appliance),
            Value::Text(dataset),
            Value::Text(name),
            Value::Text(maker),
        ] = row
        {
            makers.insert((appliance, dataset, name), maker);
        }
    }
    let seen = datasets
        .iter()
        .filter(|dataset| !blind.contains(dataset.appliance.as_str()));
    let mut made = of_snapshots(seen, &makers);
    for row in facts.ask(COPIES)? {
        let [Value::Text(appliance), pool, created_at, used, n_clones] = row else {
            continue;
        };
        if blind.contains(appliance.as_str()) {
            continue;
        }
        let pool = pool.as_text().unwrap_or_default().to_owned();
        let made = made.entry((appliance, pool, COPY.to_owned())).or_default();
        made.add(created_at.as_integer(), n_clones.as_integer() > Some(0));
        made.n_datasets += 1;
        match used.as_integer() {
            Some(bytes) => made.held = made.held.and(exactly(bytes)),
            None => made.n_marked += 1,
        }
    }
    Ok(Section {
        show: Show::Creators,
        totals: totals(&made),
        gaps,
        columns: &COLUMNS,
        rows: made.iter().map(row).collect(),
        note: NOTE,
    })
}

/// Counts the snapshots of each maker, and adds up what only they refer to, dataset by dataset.
fn of_snapshots<'d>(
    datasets: impl Iterator<Item = &'d Dataset>,
    makers: &BTreeMap<(String, String, String), String>,
) -> BTreeMap<Group, Made> {
    let mut made: BTreeMap<Group, Made> = BTreeMap::new();
    for dataset in datasets {
        let snapshots = dataset.timeline.snapshots();
        let maker = |name: &str| {
            let key = (
                dataset.appliance.clone(),
                dataset.path.clone(),
                name.to_owned(),
            );
            makers.get(&key).map_or(TASK, String::as_str)
        };
        let of: Vec<&str> = snapshots.iter().map(|one| maker(&one.name)).collect();
        for maker in of.iter().collect::<BTreeSet<_>>() {
            let group = (
                dataset.appliance.clone(),
                dataset.pool.clone(),
                (*maker).to_owned(),
            );
            let made = made.entry(group).or_default();
            made.n_datasets += 1;
            for (snapshot, _) in snapshots.iter().zip(&of).filter(|(_, of)| of == &maker) {
                made.add(snapshot.created_at, snapshot.is_kept());
            }
            match dataset.timeline.freed_by(|index| of[index] == *maker) {
                Some(freed) => made.held = made.held.and(freed),
                None => made.n_marked += 1,
            }
        }
    }
    made
}

fn exactly(bytes: i64) -> Freed {
    Freed {
        least_bytes: bytes,
        most_bytes: bytes,
    }
}

fn row((group, made): (&Group, &Made)) -> Vec<Cell> {
    let (appliance, pool, maker) = group;
    let held = made.held;
    let is_known = made.n_marked < made.n_datasets;
    let is_exact = made.n_marked == 0 && held.is_exact();
    let held_cell = match (is_exact, is_known) {
        (true, _) => Cell::Bytes(held.least_bytes),
        (false, true) => Cell::Least(held.least_bytes),
        (false, false) => Cell::None,
    };
    let known = |bytes: i64, is: bool| if is { Cell::Bytes(bytes) } else { Cell::None };
    vec![
        Cell::text(appliance),
        Cell::text(pool),
        Cell::text(maker),
        Cell::Count(made.n_snapshots),
        Cell::Count(made.n_kept),
        Cell::of(made.oldest_at, Cell::At),
        Cell::of(made.newest_at, Cell::At),
        held_cell,
        known(held.least_bytes, is_known),
        known(held.most_bytes, made.n_marked == 0),
        Cell::Count(made.n_marked),
        Cell::Count(made.n_datasets),
    ]
}

fn totals(made: &BTreeMap<Group, Made>) -> Vec<Total> {
    let all = || made.iter();
    let of = |wanted: &[&str]| {
        let ours = all().filter(|((_, _, maker), _)| wanted.contains(&maker.as_str()));
        ours.map(|(_, made)| made.n_snapshots).sum()
    };
    vec![
        Total::count(
            "n_snapshots",
            "snapshots",
            all().map(|(_, made)| made.n_snapshots).sum(),
        ),
        Total::count(
            "n_csi",
            "of VolumeSnapshots",
            of(&["democratic-csi", "truenas-csi"]),
        ),
        Total::count("n_detached_copies", "detached copies", of(&[COPY])),
        Total::count(
            "n_clone_sources",
            "of drivers themselves",
            of(&["clone-source"]),
        ),
        Total::count("n_periodic", "of periodic tasks", of(&[TASK])),
        Total::count("n_replicated", "received", of(&["replication"])),
        Total::count("n_foreign", "manual or foreign", of(&["manual-or-foreign"])),
        Total::count("n_unknown", "of unknown makers", of(&["unknown"])),
        Total::count(
            "n_kept",
            "kept by holds or clones",
            all().map(|(_, made)| made.n_kept).sum(),
        ),
    ]
}
