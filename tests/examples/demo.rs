//! The main job from end to end: a simulated estate, thirty days of the real collector, the real analyzer, one report.
//!
//! Compares what the checks found with what was planted, and fails on any difference.

#[path = "shared/site.rs"]
mod site;
#[path = "shared/verdict.rs"]
mod verdict;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use site::{Site, analyzer, path};
use testkit::estate::{EstateOptions, Fault, estate};
use testkit::simulate::Simulation;
use testkit::world::Side;
use truenas_collector::source::{K8sList, K8sObject, Method};
use truenas_common::exit::Exit;
use verdict::{Fate, Verdict};

/// Three quarters of the simulated appliance's work is making and dropping small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DAYS: usize = 30;
const VOLUMES: usize = 300;
const SNAPSHOTS: usize = 1500;
const SITE: &str = "demo1";

fn main() -> ExitCode {
    match demo(Path::new("target/demo")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn demo(relative: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    if relative.exists() {
        fs::remove_dir_all(relative).context("cannot clear the demo folder")?;
    }
    fs::create_dir_all(relative)?;
    let folder = relative.canonicalize()?;
    let worlds = folder.join("worlds");
    eprintln!("1/5  an estate of {VOLUMES} volumes over {DAYS} days, with planted faults");
    let estate = estate(&EstateOptions {
        seed: 42,
        volumes: VOLUMES,
        snapshots: SNAPSHOTS,
        days: DAYS,
        faults: Fault::demo(),
        cluster: "demo".to_owned(),
        ..EstateOptions::default()
    });
    estate.write_series(&worlds)?;

    eprintln!("2/5  keys");
    let site = Site::new(&folder, SITE, &[])?;

    let simulation = Site::simulate(&worlds)?;
    let n_days = site.collect(&simulation, &worlds.join("000"), |day| {
        eprint!("\r3/5  collecting day {day:2} of {DAYS}");
    })?;
    eprintln!();
    ensure!(n_days == DAYS, "the series has another number of days");
    check_requests(&simulation)?;

    eprintln!("4/5  verifying and ingesting {DAYS} bundles");
    let history = site.ingest(true)?;

    eprintln!("5/5  checks and report");
    let model = path(&folder.join("report.json"));
    let from = path(&site.history());
    let report = [
        "report",
        "--history",
        &from,
        "--format",
        "json",
        "--output",
        &model,
    ];
    ensure!(site.analyze(&report) == Exit::Ok, "report failed");
    for format in ["html", "pdf"] {
        let output = path(&folder.join(format!("report.{format}")));
        let exit = analyzer(&["render", &model, "--format", format, "--output", &output]);
        ensure!(
            exit == Exit::Ok,
            "render --format {format} ended with {exit:?}"
        );
    }
    let verdict = Verdict::new(&history, SITE, &worlds, &site.redactor()?)?;
    let is_as_planted = summary(relative, &verdict, started);
    ensure!(is_as_planted, "findings differ from what was planted");
    Ok(())
}

/// Paths that a session with an appliance begins with.
const OFFERS: [&str; 2] = ["/api/versions", "/api/current"];

/// Every request of the whole run was a declared read.
fn check_requests(simulation: &Simulation) -> anyhow::Result<()> {
    let methods: BTreeSet<&str> = Method::ALL.iter().map(|method| method.name()).collect();
    let lists = K8sList::ALL.iter().map(|list| list.path());
    let objects = K8sObject::ALL.iter().map(|object| object.path());
    let paths: BTreeSet<&str> = lists.chain(objects).chain(OFFERS).collect();
    let requests = simulation.requests();
    for request in &requests {
        let path = request.detail.split('?').next().unwrap_or_default();
        let is_read = match request.method.as_str() {
            "GET" if request.source == Side::Thanos => path == "/api/v1/query",
            "GET" => paths.contains(path),
            method => methods.contains(method) || method == "auth.login_ex",
        };
        ensure!(
            is_read,
            "the collector sent {} {}",
            request.method,
            request.detail
        );
    }
    eprintln!(
        "     {} requests, all of them declared reads",
        requests.len()
    );
    Ok(())
}

/// Lines of the facts that came to one fate.
fn lines(verdict: &Verdict, fate: Fate) -> Vec<String> {
    let facts = verdict.facts.iter().filter(|fact| fact.fate == fate);
    facts
        .map(|fact| format!("{:<8} {}", fact.mode, fact.line))
        .collect()
}

/// Prints what was found; true when it is what was planted and nothing else.
fn summary(folder: &Path, verdict: &Verdict, started: Instant) -> bool {
    let folder = folder.display();
    let missed = lines(verdict, Fate::Missed);
    let found = lines(verdict, Fate::Found);
    let unexpected: Vec<String> = verdict.unexpected().cloned().collect();
    for (title, lines) in [
        ("In the truth file and found", &found),
        ("Missed", &missed),
        ("Found, but not in the truth file", &unexpected),
    ] {
        if !lines.is_empty() {
            println!("\n{title} ({}):", lines.len());
            lines.iter().for_each(|line| println!("  {line}"));
        }
    }
    println!(
        "\nWeaker hints (below confirmed, below high): {}",
        verdict.hints.len()
    );
    let newest = fs::read_dir(format!("{folder}/bundles"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".tar.zst.age"))
        .max()
        .unwrap_or_default();
    println!("\nReport     {folder}/report.html  {folder}/report.pdf");
    println!("Bundles    {folder}/bundles");
    println!("\nOpen one bundle with stock tools:");
    println!("  cd {folder}");
    println!("  minisign -VHm bundles/{newest} -p site/site.pub");
    println!("  age -d -i analyst/analyst.key bundles/{newest} | zstd -d --memory=16MB | tar -tv");
    println!(
        "\nfound {} of {} facts, unexpected {}, in {:.1} s",
        found.len(),
        verdict.facts.len(),
        unexpected.len(),
        started.elapsed().as_secs_f64()
    );
    verdict.is_perfect()
}
