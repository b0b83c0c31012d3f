//! Scores the checks: each fault alone and random mixtures, through the real collector and the real bundles.
//!
//! Every estate holds the traps of every fault. A fault counts as found at the grade that the declared scope and the
//! bundles allow, and under its pseudonym.

#[path = "shared/site.rs"]
mod site;
#[path = "shared/verdict.rs"]
mod verdict;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use site::Site;
use testkit::estate::{EstateOptions, Fault, estate};
use verdict::{Fate, Verdict};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SITE: &str = "score1";

/// Days of each estate: a leftover is confirmed by its third bundle.
const DAYS: usize = 4;

/// Scores the checks over generated estates
#[derive(Parser)]
struct Arguments {
    /// Random mixtures of faults
    #[arg(long, default_value_t = 20)]
    mixtures: u64,
    /// First seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Planted and found, by mode or check.
type Rows = BTreeMap<String, (usize, usize)>;

#[derive(Default)]
struct Score {
    modes: Rows,
    false_confirmed: Vec<String>,
    false_high: Vec<String>,
    missed: Vec<String>,
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
    let mut score = Score::default();
    let alone = Fault::ALL.map(|fault| vec![fault]);
    for (number, faults) in alone.into_iter().enumerate() {
        let options = small(arguments.seed + number as u64, faults);
        score.add(&options, &format!("{} alone", options.faults[0]))?;
    }
    for number in 0..arguments.mixtures {
        let options = mixture(arguments.seed + 1_000 + number);
        score.add(&options, &format!("mixture {}", number + 1))?;
    }
    Ok(score.print())
}

fn small(seed: u64, faults: Vec<Fault>) -> EstateOptions {
    EstateOptions {
        seed,
        volumes: 20,
        snapshots: 60,
        days: DAYS,
        faults,
        ..EstateOptions::default()
    }
}

/// Some faults, some twice, in an estate of any size up to a few hundred volumes.
fn mixture(seed: u64) -> EstateOptions {
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
    let volumes = [12, 20, 40, 80, 200][next(5) as usize];
    EstateOptions {
        volumes,
        snapshots: volumes * [0, 2, 10][next(3) as usize],
        churn: [0.0, 0.02, 0.1][next(3) as usize],
        ..small(seed, faults)
    }
}

impl Score {
    fn add(&mut self, options: &EstateOptions, title: &str) -> anyhow::Result<()> {
        eprint!("\r{title:<40}");
        let folder = Path::new("target/score");
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let worlds = folder.join("worlds");
        let estate = estate(options);
        estate.write_series(&worlds)?;
        let site = Site::new(&folder, SITE)?;
        let simulation = Site::simulate(&worlds)?;
        site.collect(&simulation, &worlds.join("000"), |_| {})?;
        let verdict = Verdict::new(&site.ingest(true)?, SITE, &worlds, &site.redactor()?)
            .with_context(|| title.to_owned())?;
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
        Ok(())
    }

    /// Prints the score; true when it is perfect.
    fn print(&self) -> bool {
        eprintln!();
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
            lines
                .iter()
                .take(40)
                .for_each(|line| println!("{title}: {line}"));
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
