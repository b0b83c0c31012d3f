//! The two programs at the size of real estates: memory, time and bytes against the numbers that they are to meet.
//!
//! A figure is printed, never asserted: a busy machine would decide. `--judge` is for who measures on a quiet one.

#[path = "scale/bundle.rs"]
mod bundle;
#[path = "scale/checks.rs"]
mod checks;
#[path = "scale/collector.rs"]
mod collector;
#[path = "scale/estate.rs"]
mod estate;
#[path = "scale/figure.rs"]
mod figure;
#[path = "scale/process.rs"]
mod process;
#[path = "scale/raw.rs"]
mod raw;
#[path = "scale/raw_cluster.rs"]
mod raw_cluster;
#[path = "scale/scan.rs"]
mod scan;
#[path = "shared/site.rs"]
mod site;
#[path = "scale/verify.rs"]
mod verify;
#[path = "scale/year.rs"]
mod year;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use estate::{Collected, Size};
use figure::Figure;
use process::Programs;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The query engine reads its number of threads once, when a process begins.
const THREADS: (&str, &str) = ("POLARS_MAX_THREADS", "2");

/// Measures the two programs at the size of real estates
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything when nothing is named
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Write the figures to this file
    #[arg(long)]
    json: Option<PathBuf>,
    /// End with 1 when a figure misses its target
    #[arg(long)]
    judge: bool,
    /// Folder of the two programs, in place of the one this example was built into
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Volumes of the estate that the collector is measured with
    #[arg(long, default_value_t = 50_000)]
    volumes: usize,
    /// ZFS snapshots of that estate
    #[arg(long, default_value_t = 500_000)]
    snapshots: usize,
    /// Volumes of the estate of the other parts
    #[arg(long, default_value_t = 5_000)]
    bundle_volumes: usize,
    /// ZFS snapshots of that estate
    #[arg(long, default_value_t = 60_000)]
    bundle_snapshots: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Memory and time of one collection, against raw reads of the same requests
    Collector,
    /// Size of a sealed bundle
    Bundle,
    /// Processor time of `verify`, against the stock tools
    Verify,
    /// Speed of the exit scan
    Scan,
    /// Time of all checks, of the estate they run on, and of taking in the next bundle
    Checks,
    /// Time of `capacity`, `cost`, `analyze`, `check` and `report` over a year of daily bundles; makes them first, for
    /// minutes
    Year,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if std::env::var_os(THREADS.0).is_none() {
        return again_with_threads();
    }
    match measure(&arguments) {
        Ok(figures) => {
            let is_missed = figures.iter().any(|figure| figure.is_met() == Some(false));
            ExitCode::from(u8::from(arguments.judge && is_missed))
        }
        Err(error) => {
            eprintln!("scale failed: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs this program once more, with the number of threads in its environment.
fn again_with_threads() -> ExitCode {
    let status = std::env::current_exe().and_then(|program| {
        Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(THREADS.0, THREADS.1)
            .status()
    });
    let code = status.ok().and_then(|status| status.code());
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(2))
}

fn measure(arguments: &Arguments) -> anyhow::Result<Vec<Figure>> {
    let folder = clean_folder(Path::new("target/scale"))?;
    let programs = Programs::new(arguments.programs.clone())?;
    let wants = |part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    let mut figures = Vec::new();
    let mut show = |measured: Vec<Figure>| {
        measured.iter().for_each(Figure::print);
        figures.extend(measured);
    };
    if wants(Part::Collector) {
        let size = Size::new(arguments.volumes, arguments.snapshots);
        show(collector::measure(&folder.join("large"), size, &programs)?);
    }
    if [
        Part::Bundle,
        Part::Verify,
        Part::Scan,
        Part::Checks,
        Part::Year,
    ]
    .into_iter()
    .any(wants)
    {
        let size = Size::new(arguments.bundle_volumes, arguments.bundle_snapshots);
        let collected = Collected::new(&folder.join("middle"), size)?;
        if wants(Part::Bundle) {
            show(bundle::measure(&collected)?);
        }
        if wants(Part::Verify) {
            show(verify::measure(&collected, &programs)?);
        }
        if wants(Part::Scan) {
            show(scan::measure(&collected)?);
        }
        if wants(Part::Checks) {
            show(checks::measure(&collected)?);
        }
        if wants(Part::Year) {
            show(year::measure(&collected, &programs)?);
        }
    }
    if let Some(path) = &arguments.json {
        let rows: Vec<_> = figures.iter().map(Figure::to_json).collect();
        fs::write(path, format!("{:#}\n", serde_json::Value::Array(rows)))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(figures)
}

fn clean_folder(path: &Path) -> anyhow::Result<PathBuf> {
    if path.exists() {
        fs::remove_dir_all(path).context("cannot clear the folder of the last run")?;
    }
    fs::create_dir_all(path)?;
    Ok(path.canonicalize()?)
}
