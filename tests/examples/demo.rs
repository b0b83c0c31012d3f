//! The main job from end to end: a simulated estate, thirty days of the real collector, the real analyzer, one report.
//!
//! Compares what the checks found with what was planted, and fails on any difference.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use testkit::configuration::{Site, configuration};
use testkit::estate::{EstateOptions, Fault, Truth, estate};
use testkit::simulate::{self, Simulation};
use testkit::subject::pseudonym;
use testkit::world::World;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::{Finding, Grade, Overrides, Severity};
use truenas_analyzer::history::History;
use truenas_common::exit::Exit;
use truenas_common::redact::{Profile, PseudonymKey, Redactor};

/// Three quarters of the simulated appliance's work is making and dropping small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DAYS: usize = 30;
const VOLUMES: usize = 300;
const SNAPSHOTS: usize = 3000;
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
    let keys = make_keys(&folder)?;

    let options = simulate::Options {
        k8s_port: 0,
        truenas_port: 0,
        control_port: None,
        log: None,
    };
    let simulation = simulate::start(&worlds, &options)?;
    let config = write_config(&folder, &keys, &simulation)?;
    let bundles = folder.join("bundles");
    fs::create_dir_all(&bundles)?;
    for day in 1..=DAYS {
        eprint!("\r3/5  collecting day {day:2} of {DAYS}");
        let now = simulation.now();
        let exit = collector(&[
            "collect",
            "--config",
            &path(&config),
            "--output",
            &path(&bundles),
            "--clock",
            &now,
        ]);
        // One day has a planted denied list; its bundle is written and says so.
        ensure!(
            matches!(exit, Exit::Ok | Exit::Incomplete),
            "collect ended with {exit:?} on day {day}"
        );
        let is_last = !simulation.next();
        ensure!(
            is_last == (day == DAYS),
            "the series has another number of days"
        );
    }
    eprintln!();
    check_requests(&simulation)?;

    eprintln!("4/5  verifying and ingesting {DAYS} bundles");
    let history = folder.join("history");
    let access = [
        "--trust".to_owned(),
        path(&folder.join("trust")),
        "--identity".to_owned(),
        path(&folder.join("analyst/analyst.key")),
    ];
    let access: Vec<&str> = access.iter().map(String::as_str).collect();
    let run = |args: &[&str]| analyzer(&[args, &access[..]].concat());
    ensure!(
        run(&[
            "--quiet",
            "ingest",
            &path(&bundles),
            "--history",
            &path(&history)
        ]) == Exit::Ok,
        "ingest failed"
    );

    eprintln!("5/5  checks and report");
    let model = folder.join("report.json");
    let report = [
        "report",
        "--history",
        &path(&history),
        "--format",
        "json",
        "--output",
        &path(&model),
    ];
    ensure!(run(&report) == Exit::Ok, "report failed");
    for format in ["html", "pdf"] {
        let output = folder.join(format!("report.{format}"));
        let render = [
            "render",
            &path(&model),
            "--format",
            format,
            "--output",
            &path(&output),
        ];
        let exit = analyzer(&render);
        ensure!(
            exit == Exit::Ok,
            "render --format {format} ended with {exit:?}"
        );
    }
    let redactor = Redactor::new(
        &PseudonymKey::parse(&fs::read_to_string(folder.join("site/pseudonym.key"))?)?,
        Profile::Standard,
    );
    let outcome = compare(&History::open(&history)?, estate.truth(), &redactor)?;
    summary(relative, &outcome, started);
    ensure!(
        outcome.missed.is_empty() && outcome.unexpected.is_empty(),
        "findings differ from what was planted"
    );
    Ok(())
}

struct Keys {
    recipient: String,
}

fn make_keys(folder: &Path) -> anyhow::Result<Keys> {
    let analyst = folder.join("analyst");
    ensure!(
        analyzer(&[
            "keygen",
            "analyst",
            "--unprotected-key",
            "--out",
            &path(&analyst)
        ]) == Exit::Ok,
        "keygen analyst failed"
    );
    let recipient = fs::read_to_string(analyst.join("analyst.pub"))?
        .trim()
        .to_owned();
    let site = folder.join("site");
    let exit = collector(&[
        "keygen",
        "site",
        "--site",
        SITE,
        "--recipient",
        &recipient,
        "--out",
        &path(&site),
    ]);
    ensure!(exit == Exit::Ok, "keygen site failed");
    let public =
        truenas_common::bundle::SitePublicKey::parse(&fs::read_to_string(site.join("site.pub"))?)?;
    let exit = analyzer(&[
        "trust",
        "add",
        &path(&site.join("site.pub")),
        "--site",
        SITE,
        "--label",
        "Demo site",
        "--fingerprint",
        &public.fingerprint().to_string(),
        "--trust",
        &path(&folder.join("trust")),
    ]);
    ensure!(exit == Exit::Ok, "trust add failed");
    Ok(Keys { recipient })
}

fn write_config(folder: &Path, keys: &Keys, simulation: &Simulation) -> anyhow::Result<PathBuf> {
    let world = World::read(&folder.join("worlds/000"))?;
    let site = Site {
        name: SITE,
        recipient: &keys.recipient,
        keys: &folder.join("site"),
    };
    let config = folder.join("config.yaml");
    fs::write(&config, configuration(simulation, &world, site))?;
    Ok(config)
}

/// Every request of the whole run was a declared read.
fn check_requests(simulation: &Simulation) -> anyhow::Result<()> {
    let methods: BTreeSet<&str> = truenas_collector::source::truenas::Method::ALL
        .iter()
        .map(|method| method.name())
        .collect();
    let requests = simulation.requests();
    for request in &requests {
        let is_read = request.method == "GET"
            || methods.contains(request.method.as_str())
            || request.method == "auth.login_ex";
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

#[derive(Default)]
struct Outcome {
    found: Vec<String>,
    missed: Vec<String>,
    unexpected: Vec<String>,
    n_weak: usize,
}

fn check_of(mode: &str) -> &str {
    match mode {
        "F01" | "F03" => "ORP-010",
        "F02" | "F04" | "F05" => "ORP-001",
        "F09" => "ORP-003",
        "F21" => "ORP-002",
        "F22" | "F23" => "ORP-007",
        "F24" => "SNP-001",
        mode => mode,
    }
}

/// The pseudonym under which a planted subject must be found.
fn token(truth: &Truth, redactor: &Redactor) -> String {
    let subject = truth.subject.as_str();
    if truth.table == "collect_status" {
        return list_path(subject);
    }
    pseudonym(redactor, &truth.table, subject).unwrap_or_else(|| subject.to_owned())
}

/// `group/resource` as the path the collector reads.
fn list_path(list: &str) -> String {
    let (group, resource) = list.split_once('/').unwrap_or(("", list));
    let mut paths = truenas_collector::source::k8s::K8sList::ALL
        .iter()
        .map(|list| list.path());
    let is_it = |path: &&str| {
        path.ends_with(&format!("/{resource}")) && path.contains(&format!("/{group}/"))
    };
    paths.find(is_it).unwrap_or(list).to_owned()
}

fn compare(history: &History, truths: &[Truth], redactor: &Redactor) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let newest = Analysis::run(history, SITE, None, &Overrides::new())?;
    let mut expected = BTreeSet::new();
    let mut days: BTreeMap<usize, Analysis> = BTreeMap::new();
    for truth in truths {
        let (check, subject) = (check_of(&truth.mode), token(truth, redactor));
        let at_end = truth.holds_on(DAYS - 1);
        let found = if at_end {
            expected.insert((check.to_owned(), subject.clone()));
            find(&newest, check, &subject)
        } else {
            let day = match days.entry(truth.first_day) {
                Entry::Occupied(day) => day.into_mut(),
                Entry::Vacant(day) => day.insert(at_day(history, truth.first_day)?),
            };
            find(day, check, &subject)
        };
        let line = format!(
            "{:<8} {check:<8} {:<28} {}",
            truth.mode, truth.table, truth.subject
        );
        match found {
            Some(finding) if finding.grade.word() == truth.grade => outcome.found.push(line),
            Some(finding) => {
                let points = finding.points.clone().unwrap_or_default();
                outcome.missed.push(format!(
                    "{line}: graded {} instead of {} ({points})",
                    finding.grade.word(),
                    truth.grade
                ));
            }
            None => outcome.missed.push(format!("{line}: not found")),
        }
    }
    for finding in newest.findings() {
        if expected.contains(&(finding.check_id.clone(), finding.subject.clone())) {
            continue;
        }
        if finding.grade == Grade::Confirmed || finding.effective_severity <= Severity::High {
            let grade = finding.grade.word();
            outcome.unexpected.push(format!(
                "{} {grade} {} {:?}",
                finding.check_id, finding.subject, finding.evidence
            ));
        } else {
            outcome.n_weak += 1;
        }
    }
    for result in &newest.results {
        if let truenas_analyzer::checks::State::NotEvaluated(reason) = &result.state {
            outcome
                .unexpected
                .push(format!("{} was not evaluated: {reason}", result.check_id));
        }
    }
    Ok(outcome)
}

fn find(analysis: &Analysis, check: &str, subject: &str) -> Option<Finding> {
    analysis
        .findings()
        .find(|finding| finding.check_id == check && finding.subject == subject)
        .cloned()
}

fn at_day(history: &History, day: usize) -> anyhow::Result<Analysis> {
    let ends: Vec<i64> = history
        .streams()
        .flat_map(|(_, stream)| {
            stream
                .bundles()
                .map(|entry| entry.ended_at)
                .collect::<Vec<_>>()
        })
        .collect();
    let Some(end) = ends.get(day) else {
        bail!("no bundle of day {day}")
    };
    Ok(Analysis::run(history, SITE, Some(*end), &Overrides::new())?)
}

fn summary(folder: &Path, outcome: &Outcome, started: Instant) {
    let folder = folder.display();
    println!("\nPlanted and found ({}):", outcome.found.len());
    outcome.found.iter().for_each(|line| println!("  {line}"));
    for (title, lines) in [
        ("Missed", &outcome.missed),
        ("Found, but not planted", &outcome.unexpected),
    ] {
        if !lines.is_empty() {
            println!("\n{title} ({}):", lines.len());
            lines.iter().for_each(|line| println!("  {line}"));
        }
    }
    println!("\nWeaker hints (candidate, below high): {}", outcome.n_weak);
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
        "\nfound {} of {} planted, unexpected {}, in {:.1} s",
        outcome.found.len(),
        outcome.found.len() + outcome.missed.len(),
        outcome.unexpected.len(),
        started.elapsed().as_secs_f64()
    );
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

fn arguments(program: &str, args: &[&str]) -> Vec<OsString> {
    std::iter::once(program)
        .chain(args.iter().copied())
        .map(OsString::from)
        .collect()
}

fn collector(args: &[&str]) -> Exit {
    let args = arguments("truenas-collector", &[&["--quiet"], args].concat());
    truenas_collector::cli::run_to(args, &mut std::io::sink())
}

fn analyzer(args: &[&str]) -> Exit {
    truenas_analyzer::cli::run(arguments("truenas-analyzer", args))
}
