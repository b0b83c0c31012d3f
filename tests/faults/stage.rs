//! One site and one small estate; each fault gets a world of its own that shares the estate's files.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testkit::estate::{EstateOptions, estate};
use testkit::site::{Contents, Run, Site, serve, signature_of};
use testkit::world::World;

use crate::matrix::{Cell, ENDPOINTS, KINDS};

/// Short enough for a suite, long enough for a busy machine.
const TIMEOUTS: &str =
    "timeouts: {connect: 2s, idle: 2s, request: 2s, login: 2s, call: 2s, pause: 10ms}\n";

/// More than all waits of one run together.
const LONGEST: Duration = Duration::from_secs(120);

pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub(crate) site: Site,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::new(
            Path::new(env!("CARGO_BIN_EXE_truenas-collector")),
            folder.path(),
        );
        let options = EstateOptions {
            volumes: 8,
            snapshots: 12,
            days: 1,
            ..EstateOptions::default()
        };
        estate(&options)
            .write_day(0, &folder.path().join("estate"))
            .unwrap();
        Self { folder, site }
    }

    /// A world over the estate's files; `faults` is added to its settings.
    pub(crate) fn world(&self, name: &str, faults: &str) -> PathBuf {
        let (estate, world) = (
            self.folder.path().join("estate"),
            self.folder.path().join(name),
        );
        fs::create_dir_all(&world).unwrap();
        for side in ["kubernetes", "truenas"] {
            symlink(estate.join(side), world.join(side)).unwrap();
        }
        let settings = fs::read_to_string(estate.join("world.yaml")).unwrap();
        fs::write(world.join("world.yaml"), settings + faults).unwrap();
        world
    }

    /// Collects under one fault and says in a word what became of it.
    pub(crate) fn outcome(&self, cell: &Cell) -> String {
        let (endpoint, kind) = (&ENDPOINTS[cell.row], KINDS[cell.column]);
        let mut faults = "faults:\n".to_owned();
        for at in endpoint.at {
            let _ = writeln!(
                faults,
                "- {{at: '{at}', kind: {kind}, nth: {}, times: 1000000}}",
                endpoint.nth
            );
        }
        let name = format!("{}-{}", cell.row, cell.column);
        let world = self.world(&name, &faults);
        let simulation = serve(&world);
        let config = self.site.config(&simulation, &World::read(&world).unwrap()) + TIMEOUTS;
        let output = format!("out-{name}");
        let begun = Instant::now();
        let run = self.site.collect(&config, &output, &["--quiet"]);
        assert!(
            begun.elapsed() < LONGEST,
            "{} {kind}: {:?}",
            endpoint.class,
            begun.elapsed()
        );
        let what = format!("{} {kind}: {}", endpoint.class, run.stderr);
        match self.site.bundles(&output).pop() {
            None => refusal(&run, &what),
            Some(bundle) => {
                let contents = self
                    .site
                    .open(&bundle)
                    .unwrap_or_else(|error| panic!("{what} {error}"));
                assert!(signature_of(&bundle).exists());
                said(&run, &contents, endpoint.list, endpoint.nth, &what)
            }
        }
    }
}

/// Whether settings with these faults can be read; if not, why.
pub(crate) fn world_of(faults: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("now: 2026-03-02T03:00:00Z\n{faults}");
    fs::write(folder.path().join("world.yaml"), settings).unwrap();
    World::read(folder.path())
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Without a bundle: one line, and an exit code that is no defect.
fn refusal(run: &Run, what: &str) -> String {
    let exit = run
        .exit
        .unwrap_or_else(|| panic!("ended by a signal: {what}"));
    assert!(matches!(exit, 10..=12), "exit {exit}: {what}");
    assert_eq!(run.stderr.trim_end().lines().count(), 1, "{what}");
    format!("exit-{exit}")
}

/// With a bundle: exit code and `collect_status` agree, and the list that was hit says what happened to it.
fn said(run: &Run, contents: &Contents, list: &str, pass: u32, what: &str) -> String {
    let statuses = contents.rows("collect_status");
    let word = |row: &serde_json::Value| row["outcome"].as_str().unwrap_or_default().to_owned();
    let is_incomplete = statuses
        .iter()
        .any(|row| !matches!(word(row).as_str(), "ok" | "empty" | "unsupported"));
    assert_eq!(run.exit, Some(if is_incomplete { 3 } else { 0 }), "{what}");
    let of_list = |row: &&serde_json::Value| row["list"] == list && row["pass"] == pass;
    let mut words: Vec<String> = statuses.iter().filter(of_list).map(word).collect();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), 1, "{words:?} of {list}: {what}");
    match words.remove(0) {
        word if word == "ok" && is_incomplete => "ok, others no".to_owned(),
        word => word,
    }
}
