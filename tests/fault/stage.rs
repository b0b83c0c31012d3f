//! One site, one plain world, and runs of the collector over it with a fault.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use testkit::site::{Site, serve};
use testkit::world::{Side, World};

use crate::case::Sources;
use crate::world;

/// A run that takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// One site with a plain world.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    site: Site,
    release: &'static str,
    auth: Auth,
    n_runs: AtomicUsize,
    /// The run without a fault.
    pub(crate) whole: Ended,
}

/// How a run ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// Exit code; nothing when it hung and was killed.
    pub(crate) exit: Option<i32>,
    pub(crate) stderr: String,
    /// Outcomes by source, list, table and pass; nothing when there is no bundle.
    pub(crate) lists: Option<BTreeMap<Key, Vec<Row>>>,
    /// Files of the output folder that are neither a whole bundle nor state.
    pub(crate) leftovers: Vec<String>,
}

/// Which list, table and pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) side: Side,
    pub(crate) list: String,
    table: String,
    pass: i64,
}

/// How one list ended for one table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    n_items: i64,
    n_rows: i64,
    is_consistent: bool,
}

/// How the collector logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    /// With the key, as every release takes it: the proof of SCRAM takes half a second in every run.
    Key,
    /// By SCRAM.
    Scram,
}

/// How long the collector waits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// Long enough for a busy machine.
    Long,
    /// As short as a healthy answer allows.
    Short,
}

impl Stage {
    /// Makes the site and collects once without a fault.
    pub(crate) fn new(release: &'static str) -> Self {
        Self::with(release, Auth::Key)
    }

    /// The same with another login.
    pub(crate) fn with(release: &'static str, auth: Auth) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_truenas-collector"));
        let site = Site::new(program, folder.path());
        world::write(&folder.path().join("plain"), release);
        let mut stage = Self {
            folder,
            site,
            release,
            auth,
            n_runs: AtomicUsize::new(0),
            whole: Ended::default(),
        };
        stage.whole = stage.run(None, Sources::All, Patience::Long);
        assert_eq!(stage.whole.exit, Some(0), "{}", stage.whole.stderr);
        stage
    }

    /// Collects once into a folder of its own.
    pub(crate) fn run(&self, fault: Option<&str>, sources: Sources, patience: Patience) -> Ended {
        let number = self.n_runs.fetch_add(1, Ordering::Relaxed);
        let served = self.folder.path().join(format!("world-{number}"));
        world::with_fault(&self.folder.path().join("plain"), fault, &served);
        let simulation = serve(&served);
        let config = self
            .site
            .config(&simulation, &World::read(&served).unwrap());
        let config = self.fitted(&config, sources, patience);
        let output = format!("out-{number}");
        let child = self.site.start(&config, &output, &["--quiet"]);
        let (exit, stderr) = ended(child);
        let found = self.found(&output);
        fs::remove_dir_all(self.site.path(&output)).unwrap();
        Ended {
            exit,
            stderr,
            ..found
        }
    }

    fn fitted(&self, config: &str, sources: Sources, patience: Patience) -> String {
        let wait = match patience {
            Patience::Long => "20s",
            Patience::Short => "1s",
        };
        let mut is_kept = true;
        let mut text = String::new();
        for line in config.lines() {
            if !line.starts_with([' ', '-']) {
                let of = [
                    ("kubernetes:", Side::Kubernetes),
                    ("thanos:", Side::Thanos),
                    ("truenas:", Side::Truenas),
                ];
                let of = of.into_iter().find(|(key, _)| line.starts_with(key));
                is_kept = match (sources, of) {
                    (Sources::All, _) | (_, None) => true,
                    (Sources::Only(side), Some((_, of))) => side == of,
                };
            }
            if !is_kept {
                continue;
            }
            text.push_str(line);
            text.push('\n');
            if self.release == "26" && line.trim_start().starts_with("user:") {
                text.push_str(match self.auth {
                    Auth::Key => "  auth: api-key\n",
                    Auth::Scram => "  auth: scram\n",
                });
            }
        }
        let login = match (self.auth, patience) {
            (Auth::Scram, Patience::Short) => "5s",
            _ => wait,
        };
        text + &format!(
            "timeouts: {{connect: 20s, idle: {wait}, request: {wait}, login: {login}, call: {wait}, pause: 1ms}}\n"
        )
    }

    /// What a run left in its folder.
    fn found(&self, output: &str) -> Ended {
        let bundles = self.site.bundles(output);
        let mut leftovers = Vec::new();
        for entry in fs::read_dir(self.site.path(output)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let is_half = name.ends_with(".partial");
            let is_lone = bundles.is_empty() && name.ends_with(".minisig");
            if is_half || is_lone {
                leftovers.push(name);
            }
        }
        let mut lists = None;
        match bundles.as_slice() {
            [] => {}
            [bundle] => match self.site.open(bundle) {
                Ok(contents) => lists = Some(outcomes(&contents.rows("collect_status"))),
                Err(error) => leftovers.push(format!("{bundle:?}: {error}")),
            },
            several => leftovers.push(format!("{several:?}")),
        }
        Ended {
            lists,
            leftovers,
            ..Ended::default()
        }
    }
}

impl Ended {
    /// Rows of one list, all tables and passes.
    pub(crate) fn rows_of(&self, list: &str) -> Vec<&Row> {
        let lists = self.lists.iter().flatten();
        lists
            .filter(|(key, _)| key.list == list)
            .flat_map(|(_, rows)| rows)
            .collect()
    }
}

impl Row {
    /// True when nothing is missing.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.outcome.as_str(), "ok" | "empty")
    }

    /// True for a gap that makes the run incomplete.
    pub(crate) fn is_gap(&self) -> bool {
        !self.is_complete() && self.outcome != "unsupported"
    }

    /// The same row, but for the note that a list which describes it is missing.
    pub(crate) fn without_prelude(&self) -> Self {
        Self {
            reason: self.reason.clone().filter(|reason| reason != "prelude"),
            ..self.clone()
        }
    }

    /// The same row, but for its number of rows: those of several queries are made and counted together.
    pub(crate) fn without_count(&self) -> Self {
        Self {
            n_rows: 0,
            ..self.clone()
        }
    }
}

fn side(source: &str) -> Side {
    match source {
        "kubernetes" => Side::Kubernetes,
        "thanos" => Side::Thanos,
        "truenas" => Side::Truenas,
        other => panic!("{other}"),
    }
}

fn outcomes(rows: &[serde_json::Value]) -> BTreeMap<Key, Vec<Row>> {
    let mut lists: BTreeMap<Key, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let number = |name: &str| row[name].as_i64().unwrap();
        let key = Key {
            side: side(&text("source").unwrap()),
            list: text("list").unwrap(),
            table: text("table").unwrap(),
            pass: number("pass"),
        };
        lists.entry(key).or_default().push(Row {
            outcome: text("outcome").unwrap(),
            reason: text("reason"),
            n_items: number("n_items"),
            n_rows: number("n_rows"),
            is_consistent: row["is_consistent"].as_bool().unwrap(),
        });
    }
    lists.values_mut().for_each(|rows| rows.sort());
    lists
}

/// Waits for a run, but not for ever.
fn ended(mut child: Child) -> (Option<i32>, String) {
    let begun = Instant::now();
    let hung = loop {
        if child.try_wait().unwrap().is_some() {
            break false;
        }
        if begun.elapsed() > DEADLINE {
            child.kill().unwrap();
            break true;
        }
        std::thread::sleep(Duration::from_millis(4));
    };
    let output = child.wait_with_output().unwrap();
    let exit = output.status.code().filter(|_| !hung);
    (exit, String::from_utf8_lossy(&output.stderr).into_owned())
}
