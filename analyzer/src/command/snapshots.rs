//! `snapshots`: who made them, how they grow, what they cover, and what deleting old ones frees; a list with a hole gives no
//! number.

mod clock;
mod coverage;
mod creators;
mod facts;
mod growth;
mod list;
mod operations;
mod points;
mod print;
mod read;
mod retention;
mod section;
mod shown;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use truenas_common::exit::Exit;

use self::clock::Clocks;
use self::section::Section;
use super::amount::DAY_SECS;
use super::stdout::{out, outln};
use crate::checks;
use crate::cli::{Print, Show, Snapshots};
use crate::history::{Estate, History};
use crate::reclaim::{Cut, Freed, Goal, Timeline, smallest_cut};

/// Ages of the cuts when none is asked for, in days.
const CUT_DAYS: [i64; 4] = [90, 30, 14, 7];

pub(crate) fn run(args: &Snapshots) -> anyhow::Result<Exit> {
    let shown = shown::shown(&args.show, args.format)?;
    let settings = super::config(&args.input)?.settings(&checks::built_in()?)?;
    let (estate, history, _) = super::estate(&args.input)?;
    let clocks = clock::clocks(&estate, &history);
    let (mut datasets, holes) = read::datasets(&estate, &clocks);
    let sections = shown::sections(&estate, &history, &settings, &shown, (&datasets, &holes))?;
    let asked = match (args.free, args.older_than) {
        (Some(wanted), _) => Asked::Free(wanted),
        (None, Some(age)) => Asked::Older(vec![age]),
        (None, None) => Asked::Older(CUT_DAYS.map(|days| days * DAY_SECS).to_vec()),
    };
    let pools = pools(&mut datasets, &asked);
    let answer = Answer {
        clocks,
        domain: estate.domain,
        asked,
        datasets,
        pools,
        holes,
    };
    let is_asked = !args.show.is_empty();
    match args.format {
        Print::Text => out!("{}", shown::text(&answer, &sections, &shown, is_asked)),
        Print::Csv => out!("{}", shown::csv(&answer, &sections)),
        Print::Json => outln!("{:#}", shown::json(&answer, &sections, &shown)),
    }
    let is_whole = !shown.contains(&Show::Reclaim) || answer.holes.is_empty();
    Ok(if is_whole && sections.iter().all(Section::is_whole) {
        Exit::Ok
    } else {
        Exit::NotEvaluated
    })
}

/// What a cut at one age gives a pool or a dataset back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reclaim {
    /// Never more than the datasets are credited.
    pub(crate) least_bytes: i64,
    /// Datasets left out: an identity is broken.
    pub(crate) n_marked: usize,
    /// Whether the pool may give back less than the datasets are credited: blocks are shared, or nobody tells.
    pub(crate) may_be_less: bool,
}

/// What deleting the snapshots older than an age frees; a pool or dataset that is in no list has no snapshots.
#[derive(Debug, Default)]
pub(crate) struct Reclaims {
    /// By appliance and pool.
    pub(crate) pools: BTreeMap<(String, String), Reclaim>,
    /// By appliance and dataset.
    pub(crate) datasets: BTreeMap<(String, String), Reclaim>,
    /// Appliances that give no number, with the reason.
    pub(crate) holes: BTreeMap<String, String>,
}

impl Reclaim {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            least_bytes: self.least_bytes.saturating_add(other.least_bytes),
            n_marked: self.n_marked + other.n_marked,
            may_be_less: self.may_be_less || other.may_be_less,
        }
    }
}

/// What deleting the snapshots older than an age frees.
pub(crate) fn reclaim(estate: &Estate, history: &History, age_secs: i64) -> Reclaims {
    let clocks = clock::clocks(estate, history);
    let (mut datasets, holes) = read::datasets(estate, &clocks);
    pools(&mut datasets, &Asked::Older(vec![age_secs]));
    let mut reclaims = Reclaims::default();
    for dataset in datasets {
        let cut = dataset.cuts.first().copied().flatten();
        let reclaim = Reclaim {
            least_bytes: cut.map_or(0, |cut| cut.freed.least_bytes),
            n_marked: usize::from(!dataset.timeline.breaks().is_empty()),
            may_be_less: dataset.sharing != Sharing::None,
        };
        let key = (dataset.appliance.clone(), dataset.pool);
        let pool = reclaims.pools.entry(key).or_default();
        *pool = pool.and(reclaim);
        let key = (dataset.appliance, dataset.path);
        reclaims.datasets.insert(key, reclaim);
    }
    let hole = |hole: Hole| (hole.appliance, format!("{}: {}", hole.table, hole.outcome));
    reclaims.holes = holes.into_iter().map(hole).collect();
    reclaims
}

/// What was asked for.
enum Asked {
    /// Cuts at these ages in seconds.
    Older(Vec<i64>),
    /// Bytes to free in each pool.
    Free(i64),
}

/// Everything that the command says.
struct Answer {
    /// By appliance.
    clocks: Clocks,
    domain: String,
    asked: Asked,
    /// Datasets with snapshots, those that hold most first.
    datasets: Vec<Dataset>,
    pools: Vec<Pool>,
    holes: Vec<Hole>,
}

/// A list without which an appliance gives no number.
struct Hole {
    appliance: String,
    table: &'static str,
    outcome: String,
}

/// A dataset with snapshots.
struct Dataset {
    appliance: String,
    pool: String,
    path: String,
    /// When it was read, by the clock that its snapshots were created by, Unix seconds.
    read_at: i64,
    timeline: Timeline,
    sharing: Sharing,
    /// One for each asked age, or the one that frees enough; nothing of a dataset with a broken identity.
    cuts: Vec<Option<Cut>>,
}

/// Whether blocks of a pool are deduplicated or cloned: then it may free less than the dataset is credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    None,
    Some,
    /// Releases before 26 do not tell of cloned blocks.
    NotTold,
}

impl Dataset {
    fn held_bytes(&self) -> Option<i64> {
        let timeline = &self.timeline;
        let all = || timeline.freed_by_oldest(timeline.snapshots().len());
        timeline.head().used_by_snapshots_bytes.or_else(all)
    }

    fn oldest_at(&self) -> Option<i64> {
        let times = self.timeline.snapshots().iter();
        times.filter_map(|snapshot| snapshot.created_at).min()
    }

    /// The youngest snapshot of a cut that can go.
    fn last_to_go(&self, cut: &Cut) -> Option<&str> {
        let older = self.timeline.snapshots().get(..cut.n_older)?;
        let mut going = older.iter().filter(|snapshot| !snapshot.is_kept());
        going.next_back().map(|snapshot| snapshot.name.as_str())
    }
}

/// The datasets of one pool together.
struct Pool {
    appliance: String,
    name: String,
    n_snapshots: usize,
    /// Datasets left out: an identity is broken.
    n_marked: usize,
    /// Sums by asked age, or the one of the cut.
    freed: Vec<Freed>,
    /// The smallest cut, when one was asked for.
    goal: Option<Goal>,
}

/// Fills in the cuts of the datasets, and adds them up by pool.
fn pools(datasets: &mut [Dataset], asked: &Asked) -> Vec<Pool> {
    let mut names: Vec<(String, String)> = datasets
        .iter()
        .map(|dataset| (dataset.appliance.clone(), dataset.pool.clone()))
        .collect();
    names.sort();
    names.dedup();
    let pool = |(appliance, name): (String, String)| {
        let mut ours: Vec<&mut Dataset> = datasets
            .iter_mut()
            .filter(|dataset| dataset.appliance == appliance && dataset.pool == name)
            .collect();
        let goal = match asked {
            Asked::Older(ages) => {
                for dataset in &mut ours {
                    let (timeline, now) = (&dataset.timeline, dataset.read_at);
                    let cut = |age: &i64| timeline.cut(timeline.n_before(now.saturating_sub(*age)));
                    dataset.cuts = ages.iter().map(cut).collect();
                }
                None
            }
            Asked::Free(wanted) => {
                let timelines: Vec<&Timeline> =
                    ours.iter().map(|dataset| &dataset.timeline).collect();
                let goal = smallest_cut(&timelines, *wanted);
                for (dataset, cut) in ours.iter_mut().zip(&goal.cuts) {
                    dataset.cuts = vec![*cut];
                }
                Some(goal)
            }
        };
        let n_cuts = ours.first().map_or(0, |dataset| dataset.cuts.len());
        let sum = |index: usize| {
            let cuts = ours.iter().filter_map(|dataset| dataset.cuts[index]);
            cuts.fold(Freed::default(), |sum, cut| sum.and(cut.freed))
        };
        let is_marked = |dataset: &&&mut Dataset| !dataset.timeline.breaks().is_empty();
        let counts = ours
            .iter()
            .map(|dataset| dataset.timeline.snapshots().len());
        Pool {
            n_snapshots: counts.sum(),
            n_marked: ours.iter().filter(is_marked).count(),
            freed: (0..n_cuts).map(sum).collect(),
            appliance,
            name,
            goal,
        }
    };
    names.into_iter().map(pool).collect()
}
