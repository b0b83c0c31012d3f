//! How fast datasets with snapshots are written to, what share of their space snapshots hold, and how their number grew.

use std::collections::{BTreeMap, BTreeSet};

use super::Dataset;
use super::facts::Facts;
use super::section::{self, Cell, Column, Gap, Section, Total};
use crate::analysis::AnalysisError;
use crate::cli::Show;
use crate::query::Value;
use crate::reclaim::{Churn, Written};

const NEEDS: [&str; 4] = [
    "zfs_snapshot",
    "zfs_dataset",
    "zfs_dataset_space",
    "nas_pool",
];

/// As SNP-009 has them.
const SPACE: &str = "\
SELECT s.appliance AS appliance, s.subject_table AS subject_table, s.subject AS subject, s.used_bytes AS used_bytes,
       s.live_bytes AS live_bytes
FROM snapshot_space AS s";

const NOTE: &str = "\
Written is what was born per day, from the oldest snapshot to the reading; head
is since the newest snapshot. What is overwritten between two snapshots is in
neither. Share is what snapshots hold of the used space, without children;
overhead is the same beside the live data. A dataset without snapshots has no
rate and is in no sum. `before` counts the snapshots of the oldest bundle of the
history that lists them.";

const COLUMNS: [Column; 19] = [
    Column::title("kind"),
    Column::title("appliance"),
    Column::title("pool"),
    Column::title("dataset"),
    Column::figure("n_snapshots", "count", 7),
    Column::figure("n_before", "before", 7),
    Column::figure("written_bytes_per_day", "written", 14),
    Column::figure("head_bytes_per_day", "head", 14),
    Column::figure("held_bytes", "held", 11),
    Column::figure("share_per_mille", "share", 9),
    Column::figure("overhead_per_mille", "overhead", 10),
    Column::machine("between_bytes_per_day"),
    Column::machine("used_bytes"),
    Column::machine("used_by_dataset_bytes"),
    Column::machine("before_at"),
    Column::machine("n_unknown"),
    Column::machine("oldest_at"),
    Column::machine("read_at"),
    Column::machine("counts"),
];

/// Appliance and pool.
type Place = (String, String);

/// Numbers of snapshots in the bundles of the history by appliance and pool, Unix seconds first, oldest first.
pub(super) type Counts = BTreeMap<Place, Vec<(i64, i64)>>;

/// Space of a dataset or a pool beside what its snapshots hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Space {
    /// Without its children; of a pool with all of them.
    used_bytes: Option<i64>,
    live_bytes: Option<i64>,
}

/// Spaces by appliance, table and path.
type Spaces = BTreeMap<(String, String, String), Space>;

/// Datasets of a pool together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sum {
    n_snapshots: i64,
    n_datasets: i64,
    /// Datasets of which no rate is known.
    n_unknown: i64,
    whole: Option<i64>,
    between: Option<i64>,
    head: Option<i64>,
    held_bytes: i64,
    /// Datasets of which nobody tells what their snapshots hold.
    n_unheld: i64,
}

pub(super) fn section(
    facts: &Facts,
    datasets: &[Dataset],
    counts: &Counts,
    holes: &[Gap],
) -> Result<Section, AnalysisError> {
    let mut gaps = facts.gaps_without(&NEEDS, &[]);
    section::merge(&mut gaps, holes);
    let blind: BTreeSet<&str> = gaps.iter().map(|gap| gap.scope.as_str()).collect();
    let spaces = spaces(facts.ask(SPACE)?);
    let space = |appliance: &str, table: &str, path: &str| {
        let key = (appliance.to_owned(), table.to_owned(), path.to_owned());
        spaces.get(&key).copied().unwrap_or_default()
    };
    let mut sums: BTreeMap<Place, Sum> = BTreeMap::new();
    let mut below = Vec::new();
    for dataset in datasets
        .iter()
        .filter(|dataset| !blind.contains(dataset.appliance.as_str()))
    {
        let churn = dataset.timeline.churn(dataset.read_at);
        let space = space(&dataset.appliance, "zfs_dataset", &dataset.path);
        sums.entry((dataset.appliance.clone(), dataset.pool.clone()))
            .or_default()
            .add(dataset, churn);
        below.push((
            churn.whole.map(Written::per_day),
            dataset_row(dataset, churn, space),
        ));
    }
    // What is written to most comes first; the order of what they hold breaks ties.
    below.sort_by_key(|(per_day, _)| std::cmp::Reverse(*per_day));
    let pool = |(place, sum): (&Place, &Sum)| {
        let space = space(&place.0, "nas_pool", &place.1);
        pool_row(
            place,
            sum,
            space.used_bytes,
            counts.get(place).map(Vec::as_slice),
        )
    };
    let mut rows: Vec<Vec<Cell>> = sums.iter().map(pool).collect();
    rows.extend(below.into_iter().map(|(_, row)| row));
    Ok(Section {
        show: Show::Growth,
        totals: totals(&sums),
        gaps,
        columns: &COLUMNS,
        rows,
        note: NOTE,
    })
}

fn spaces(rows: Vec<[Value; 5]>) -> Spaces {
    let space = |row: [Value; 5]| match row {
        [
            Value::Text(appliance),
            Value::Text(table),
            Value::Text(path),
            used,
            live,
        ] => {
            let space = Space {
                used_bytes: used.as_integer(),
                live_bytes: live.as_integer(),
            };
            Some(((appliance, table, path), space))
        }
        _ => None,
    };
    rows.into_iter().filter_map(space).collect()
}

impl Sum {
    fn add(&mut self, dataset: &Dataset, churn: Churn) {
        let more = |sum: &mut Option<i64>, written: Option<Written>| {
            if let Some(written) = written {
                *sum = Some(sum.unwrap_or_default().saturating_add(written.per_day()));
            }
        };
        self.n_snapshots += count(dataset);
        self.n_datasets += 1;
        self.n_unknown += i64::from(churn.whole.is_none());
        more(&mut self.whole, churn.whole);
        more(&mut self.between, churn.between);
        more(&mut self.head, churn.head);
        let held = dataset.held_bytes();
        self.n_unheld += i64::from(held.is_none());
        self.held_bytes = self.held_bytes.saturating_add(held.unwrap_or_default());
    }
}

fn dataset_row(dataset: &Dataset, churn: Churn, space: Space) -> Vec<Cell> {
    let held = dataset.held_bytes();
    let rate = |written: Option<Written>| {
        Cell::of(written, |written| Cell::BytesPerDay(written.per_day()))
    };
    vec![
        Cell::text("dataset"),
        Cell::text(&dataset.appliance),
        Cell::text(&dataset.pool),
        Cell::text(&dataset.path),
        Cell::Count(count(dataset)),
        Cell::None,
        rate(churn.whole),
        rate(churn.head),
        Cell::of(held, Cell::Bytes),
        share(held, space.used_bytes),
        share(held, space.live_bytes),
        rate(churn.between),
        Cell::of(space.used_bytes, Cell::Bytes),
        Cell::of(space.live_bytes, Cell::Bytes),
        Cell::None,
        Cell::Count(i64::from(churn.whole.is_none())),
        Cell::of(dataset.oldest_at(), Cell::At),
        Cell::At(dataset.read_at),
        Cell::None,
    ]
}

fn pool_row(
    (appliance, pool): &Place,
    sum: &Sum,
    used: Option<i64>,
    counts: Option<&[(i64, i64)]>,
) -> Vec<Cell> {
    let rate = |bytes: Option<i64>| Cell::of(bytes, Cell::BytesPerDay);
    let before = counts.and_then(<[_]>::first);
    vec![
        Cell::text("pool"),
        Cell::text(appliance),
        Cell::text(pool),
        Cell::None,
        Cell::Count(sum.n_snapshots),
        Cell::of(before, |(_, n)| Cell::Count(*n)),
        rate(sum.whole),
        rate(sum.head),
        held(sum),
        share(Some(sum.held_bytes).filter(|_| sum.n_unheld == 0), used),
        Cell::None,
        rate(sum.between),
        Cell::of(used, Cell::Bytes),
        Cell::None,
        Cell::of(before, |(at, _)| Cell::At(*at)),
        Cell::Count(sum.n_unknown),
        Cell::None,
        Cell::None,
        Cell::of(counts, |counts| Cell::Series(counts.to_vec())),
    ]
}

/// What snapshots hold, which is a bound when one dataset does not tell it.
fn held(sum: &Sum) -> Cell {
    match sum.n_unheld {
        0 => Cell::Bytes(sum.held_bytes),
        _ => Cell::Least(sum.held_bytes),
    }
}

/// Tenths of a percent, rounded up; nothing where the whole is not known or empty.
fn share(part: Option<i64>, whole: Option<i64>) -> Cell {
    let (Some(part), Some(whole)) = (part, whole.filter(|whole| *whole > 0)) else {
        return Cell::None;
    };
    let (part, whole) = (i128::from(part) * 1_000, i128::from(whole));
    let per_mille = (part + whole - 1).div_euclid(whole);
    Cell::PerMille(i64::try_from(per_mille).unwrap_or(i64::MAX))
}

fn totals(sums: &BTreeMap<Place, Sum>) -> Vec<Total> {
    let known = sums.values().filter_map(|sum| sum.whole);
    let written = known.reduce(i64::saturating_add);
    let mut totals = Vec::new();
    if let Some(written) = written {
        totals.push(Total {
            name: "written_bytes_per_day",
            words: "written",
            cell: Cell::BytesPerDay(written),
        });
    }
    totals.push(Total::count(
        "n_datasets",
        "datasets with snapshots",
        sums.values().map(|sum| sum.n_datasets).sum(),
    ));
    totals.push(Total::count(
        "n_unknown",
        "of them without a rate",
        sums.values().map(|sum| sum.n_unknown).sum(),
    ));
    if sums.values().all(|sum| sum.n_unheld == 0) {
        totals.push(Total {
            name: "held_bytes",
            words: "held by snapshots",
            cell: Cell::Bytes(sums.values().map(|sum| sum.held_bytes).sum()),
        });
    }
    totals
}

fn count(dataset: &Dataset) -> i64 {
    i64::try_from(dataset.timeline.snapshots().len()).unwrap_or(i64::MAX)
}
