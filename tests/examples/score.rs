//! Scores the checks: each failure mode alone and random mixtures, through the real collector and the real bundles.
//!
//! Every estate holds the traps of the planted lives, and each mode has its own beside it. A mode counts as found at the
//! grade that the declared scope and the bundles allow, and under its pseudonym. `--worlds` scores worlds that somebody
//! else made, by their `truth.json`.

#[path = "shared/site.rs"]
mod site;
#[path = "shared/verdict.rs"]
mod verdict;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, ensure};
use clap::Parser;
use site::Site;
use testkit::estate::{EstateOptions, Fault, estate};
use testkit::plant::{MODES, Mode, plant, split};
use testkit::world::World;
use verdict::{Fate, Verdict};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SITE: &str = "score1";

/// The second cluster of some mixtures.
const OTHER: &str = "prod-b";

/// Days of each estate: a leftover is confirmed by its third bundle.
const DAYS: usize = 4;

/// Scores the checks over generated estates, or over worlds that are given
#[derive(Parser)]
struct Arguments {
    /// Random mixtures of modes
    #[arg(long, default_value_t = 20)]
    mixtures: u64,
    /// First seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only estates whose title begins so: `F29`, `two`, `mixture` (can be repeated)
    #[arg(long, value_name = "ID", conflicts_with = "worlds")]
    only: Vec<String>,
    /// Score the worlds and series of this folder in place of generated ones
    #[arg(long, value_name = "DIR", conflicts_with_all = ["mixtures", "seed"])]
    worlds: Option<PathBuf>,
    /// Print every finding that no fact explains, hints too
    #[arg(long)]
    verbose: bool,
    /// Estates at a time; as many as there are cores unless given
    #[arg(long)]
    jobs: Option<NonZero<usize>>,
}

/// What is scored: an estate that is made, or worlds that are given.
enum Case {
    Made(Recipe),
    Given(PathBuf),
}

/// What one generated estate holds.
struct Recipe {
    title: String,
    options: EstateOptions,
    modes: Vec<Mode>,
    /// Whether half of the namespaces are in a second cluster that shares the parents.
    is_split: bool,
}

/// Volumes of the estate of one fault.
const VOLUMES_ALONE: usize = 20;

/// Ordinary volumes that a mode may take for itself and its traps.
const VOLUMES_A_MODE: usize = 12;

/// Planted and found, by mode or check.
type Rows = BTreeMap<String, (usize, usize)>;

#[derive(Default)]
struct Score {
    modes: Rows,
    false_confirmed: Vec<String>,
    false_high: Vec<String>,
    missed: Vec<String>,
    hints: Vec<String>,
    n_estates: usize,
}

fn main() -> ExitCode {
    match score(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("score failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn score(arguments: &Arguments) -> anyhow::Result<bool> {
    let cases = match &arguments.worlds {
        Some(folder) => given(folder)?.into_iter().map(Case::Given).collect(),
        None => made(arguments)
            .into_iter()
            .map(Case::Made)
            .collect::<Vec<_>>(),
    };
    let n_cases = cases.len();
    let jobs = arguments
        .jobs
        .map_or_else(thread::available_parallelism, Ok)?;
    let folder = clean_folder(&cases)?;
    let waiting = Mutex::new(cases.into_iter());
    let score = Mutex::new(Score::default());
    let work = |job: usize| -> anyhow::Result<()> {
        loop {
            let Some(case) = locked(&waiting).next() else {
                return Ok(());
            };
            let title = case.title();
            let judged = judged(&case, &folder, job).with_context(|| title.clone());
            if judged.is_err() {
                // What the others still run counts for nothing.
                locked(&waiting).by_ref().for_each(drop);
            }
            let (verdict, wrong) = judged?;
            let n_judged = locked(&score).add(&title, &verdict);
            eprint!("{n_judged:>4}/{n_cases} {title}\n{wrong}");
        }
    };
    thread::scope(|scope| {
        let work = &work;
        let jobs: Vec<_> = (0..jobs.get())
            .map(|job| scope.spawn(move || work(job)))
            .collect();
        jobs.into_iter().try_for_each(|job| match job.join() {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let score = score.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(score.print(arguments.verbose))
}

/// Judges one estate in a folder of the job; one that is not perfect is kept under its title, so that it can be asked what
/// is wrong. That comes back in lines.
fn judged(case: &Case, folder: &Path, job: usize) -> anyhow::Result<(Verdict, String)> {
    let place = folder.join(format!(".job-{job}"));
    let outcome = case.judge(&place);
    if outcome.as_ref().is_ok_and(Verdict::is_perfect) {
        fs::remove_dir_all(&place)?;
        return Ok((outcome?, String::new()));
    }
    let kept = folder.join(case.title());
    if place.exists() {
        fs::rename(&place, &kept)?;
    }
    let kept = format!("kept in `{}`", kept.display());
    let verdict = outcome.with_context(|| kept.clone())?;
    let facts = verdict.facts.iter();
    let missed = facts.filter(|fact| fact.fate == Fate::Missed);
    let missed = missed.map(|fact| format!("missed {} {}", fact.mode, fact.line));
    let lines = missed.chain(verdict.unexpected().cloned());
    let lines = lines.chain([kept]).map(|line| format!("     {line}\n"));
    let lines = lines.collect();
    Ok((verdict, lines))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Estates of the modes alone, of two clusters, and of mixtures; those that are asked for.
fn made(arguments: &Arguments) -> Vec<Recipe> {
    let mut recipes = alone(arguments.seed);
    recipes.push(two_clusters(arguments.seed));
    recipes.extend((0..arguments.mixtures).map(|number| Recipe {
        title: format!("mixture {}", number + 1),
        ..mixture(arguments.seed + 1_000 + number)
    }));
    if !arguments.only.is_empty() {
        let is_wanted = |title: &str| arguments.only.iter().any(|only| title.starts_with(only));
        recipes.retain(|recipe| is_wanted(&recipe.title));
    }
    recipes
}

impl Case {
    fn title(&self) -> String {
        match self {
            Self::Made(recipe) => recipe.title.clone(),
            Self::Given(worlds) => {
                let name = worlds.file_name().unwrap_or_default();
                name.to_string_lossy().into_owned()
            }
        }
    }

    /// Collects the worlds in an empty folder, with one collector for each cluster, and compares what is found with their
    /// truth.
    fn judge(&self, folder: &Path) -> anyhow::Result<Verdict> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let worlds = match self {
            Self::Made(recipe) => recipe.write(folder)?,
            Self::Given(worlds) => worlds.clone(),
        };
        let first = World::folders(&worlds)?
            .into_iter()
            .next()
            .context("no world")?;
        let clusters = World::read(&first)?.clusters;
        let clusters: Vec<String> = clusters.into_iter().map(|cluster| cluster.name).collect();
        let site = Site::new(folder, SITE, &clusters)?;
        let simulation = Site::simulate(&worlds)?;
        site.collect(&simulation, &first, |_| {})?;
        Verdict::new(&site.ingest(true)?, SITE, &worlds, &site.redactor()?)
    }
}

impl Recipe {
    /// Writes the worlds of all days into a folder; returns where.
    fn write(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        let worlds = folder.join("worlds");
        estate(&self.options).write_series(&worlds)?;
        let without_room = plant(&worlds, &self.modes)?;
        // A mixture may need more volumes than are healthy and have no snapshot of the driver; alone each mode has room.
        ensure!(
            without_room.is_empty() || self.modes.len() > 1,
            "no healthy volume is left for {without_room:?}"
        );
        if self.is_split {
            split(&worlds, OTHER)?;
        }
        Ok(worlds)
    }
}

/// Worlds and series: the folder itself, or each folder in it that is one.
fn given(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if World::folders(folder).is_ok() {
        return Ok(vec![folder.canonicalize()?]);
    }
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let paths = entries.filter_map(|entry| entry.ok()?.path().canonicalize().ok());
    let mut cases: Vec<PathBuf> = paths.filter(|path| World::folders(path).is_ok()).collect();
    cases.sort();
    ensure!(
        !cases.is_empty(),
        "`{}` holds no world and no folder of worlds",
        folder.display()
    );
    Ok(cases)
}

/// The folder of the estates, without those of an earlier run.
fn clean_folder(cases: &[Case]) -> anyhow::Result<PathBuf> {
    let folder = Path::new("target/score");
    if folder.exists() {
        let old = folder.canonicalize()?;
        let is_in_it =
            |case: &Case| matches!(case, Case::Given(worlds) if worlds.starts_with(&old));
        ensure!(
            !cases.iter().any(is_in_it),
            "`{}` is emptied first, and the given worlds are in it; copy them elsewhere",
            folder.display()
        );
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.canonicalize()?)
}

/// Each fault and each mode in an estate of its own.
fn alone(seed: u64) -> Vec<Recipe> {
    let faults = Fault::ALL
        .into_iter()
        .map(|fault| (fault.id(), vec![fault], Vec::new()));
    let modes = MODES.iter().map(|mode| (mode.id, Vec::new(), vec![*mode]));
    faults
        .chain(modes)
        .zip(seed..)
        .map(|((id, faults, modes), seed)| Recipe {
            title: format!("{id} alone"),
            options: EstateOptions {
                volumes: VOLUMES_ALONE + VOLUMES_A_MODE * modes.len(),
                snapshots: 5 * (VOLUMES_ALONE + VOLUMES_A_MODE * modes.len()),
                ..small(seed, faults)
            },
            modes,
            is_split: false,
        })
        .collect()
}

fn small(seed: u64, faults: Vec<Fault>) -> EstateOptions {
    EstateOptions {
        seed,
        volumes: VOLUMES_ALONE,
        snapshots: 5 * VOLUMES_ALONE,
        days: DAYS,
        faults,
        ..EstateOptions::default()
    }
}

/// The faults of both sides in two clusters below the same parents: with both collected nothing is in doubt.
fn two_clusters(seed: u64) -> Recipe {
    let faults = Fault::ALL.into_iter().cycle().take(2 * Fault::ALL.len());
    Recipe {
        title: "two clusters".to_owned(),
        options: small(seed, faults.collect()),
        modes: Vec::new(),
        is_split: true,
    }
}

/// Some faults, some twice, and some modes, in an estate of any size up to a few hundred volumes.
fn mixture(seed: u64) -> Recipe {
    // A linear congruential generator is enough to spread choices; the estate has its own.
    let mut state = seed;
    let mut next = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut faults = Vec::new();
    for fault in Fault::ALL {
        for _ in 0..[0, 0, 1, 1, 2][next(5) as usize] {
            faults.push(fault);
        }
    }
    // Modes speak of one cluster; the planned lives are the same in two.
    let is_split = next(4) == 0;
    let mut modes: Vec<Mode> = MODES.iter().filter(|_| next(8) == 0).copied().collect();
    modes.retain(|_| !is_split);
    let volumes = [12, 20, 40, 80, 200][next(5) as usize] + VOLUMES_A_MODE * modes.len();
    let options = EstateOptions {
        volumes,
        // Fewer would leave a protocol without a periodic snapshot, and all of its claims rightly unprotected.
        snapshots: volumes * [5, 8, 10][next(3) as usize],
        // Without any the periodic task stands still, and every newest snapshot is rightly stale.
        churn: [0.02, 0.05, 0.1][next(3) as usize],
        ..small(seed, faults)
    };
    Recipe {
        title: String::new(),
        options,
        modes,
        is_split,
    }
}

impl Score {
    /// Counts one estate; returns how many there are by now.
    fn add(&mut self, title: &str, verdict: &Verdict) -> usize {
        for fact in &verdict.facts {
            let row = self.modes.entry(fact.mode.clone()).or_default();
            row.0 += 1;
            row.1 += usize::from(fact.fate == Fate::Found);
            if fact.fate == Fate::Missed {
                self.missed
                    .push(format!("{title}: {} {}", fact.mode, fact.line));
            }
        }
        let titled = |line: &String| format!("{title}: {line}");
        self.false_confirmed
            .extend(verdict.false_confirmed.iter().map(titled));
        self.false_high
            .extend(verdict.false_high.iter().map(titled));
        self.false_high
            .extend(verdict.not_evaluated.iter().map(titled));
        self.hints.extend(verdict.hints.iter().map(titled));
        self.n_estates += 1;
        self.n_estates
    }

    /// Prints the score; true when it is perfect.
    fn print(&self, is_verbose: bool) -> bool {
        println!("{:<10} {:>8} {:>8}", "mode", "planted", "found");
        for (name, (planted, found)) in &self.modes {
            println!("{name:<10} {planted:>8} {found:>8}");
        }
        println!();
        for (title, lines) in [
            ("missed", &self.missed),
            ("false confirmed", &self.false_confirmed),
            ("false high", &self.false_high),
        ] {
            // Estates end in any order.
            let mut lines: Vec<_> = lines.iter().collect();
            lines.sort();
            for line in lines.into_iter().take(40) {
                println!("{title}: {line}");
            }
        }
        let mut hints: Vec<_> = self.hints.iter().filter(|_| is_verbose).collect();
        hints.sort();
        for line in hints {
            println!("hint: {line}");
        }
        let (planted, found) = self
            .modes
            .values()
            .fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        println!(
            "recall {:.3} false-confirmed {} false-high {}",
            found as f64 / planted.max(1) as f64,
            self.false_confirmed.len(),
            self.false_high.len()
        );
        self.missed.is_empty() && self.false_confirmed.is_empty() && self.false_high.is_empty()
    }
}
