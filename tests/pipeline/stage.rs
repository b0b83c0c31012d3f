//! One site on the stage: a simulated estate, keys, and the two programs called in process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use testkit::configuration::{Site, configuration};
use testkit::estate::{EstateOptions, Fault, estate};
use testkit::simulate::{self, Simulation};
use testkit::world::World;
use truenas_analyzer::history::History;
use truenas_common::bundle::SitePublicKey;
use truenas_common::exit::Exit;

pub(crate) const SITE: &str = "test1";

pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub(crate) simulation: Simulation,
}

pub(crate) fn args(program: &str, args: &[&str]) -> Vec<OsString> {
    std::iter::once(program)
        .chain(args.iter().copied())
        .map(OsString::from)
        .collect()
}

pub(crate) fn collector(list: &[&str]) -> Exit {
    truenas_collector::cli::run(args("truenas-collector", list))
}

pub(crate) fn analyzer(list: &[&str]) -> Exit {
    truenas_analyzer::cli::run(args("truenas-analyzer", list))
}

pub(crate) fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().display().to_string()
}

impl Stage {
    pub(crate) fn new(days: usize) -> Self {
        Self::with_faults(days, Vec::new())
    }

    pub(crate) fn with_faults(days: usize, faults: Vec<Fault>) -> Self {
        Self::edited(days, faults, |_, _| {})
    }

    /// Worlds that a test changes before they are served: their folder, and the day from 0.
    pub(crate) fn edited(days: usize, faults: Vec<Fault>, edit: impl Fn(&Path, usize)) -> Self {
        let options = EstateOptions {
            seed: 7,
            volumes: 20,
            snapshots: 60,
            days,
            faults,
            ..EstateOptions::default()
        };
        Self::with_estate(&options, edit)
    }

    pub(crate) fn with_estate(options: &EstateOptions, edit: impl Fn(&Path, usize)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let worlds = folder.path().join("worlds");
        estate(options).write_series(&worlds).unwrap();
        for day in 0..options.days {
            edit(&worlds.join(format!("{day:03}")), day);
        }
        let options = simulate::Options::default();
        let simulation = simulate::start(&worlds, &options).unwrap();
        let stage = Self { folder, simulation };
        stage.make_keys();
        stage
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn make_keys(&self) {
        let analyst = text(self.path("analyst"));
        assert_eq!(
            analyzer(&["keygen", "analyst", "--unprotected-key", "--out", &analyst]),
            Exit::Ok
        );
        let recipient = fs::read_to_string(self.path("analyst/analyst.pub"))
            .unwrap()
            .trim()
            .to_owned();
        let site = text(self.path("site"));
        assert_eq!(
            collector(&[
                "keygen",
                "site",
                "--site",
                SITE,
                "--recipient",
                &recipient,
                "--out",
                &site
            ]),
            Exit::Ok
        );
        let key =
            SitePublicKey::parse(&fs::read_to_string(self.path("site/site.pub")).unwrap()).unwrap();
        let (fingerprint, public) = (
            key.fingerprint().to_string(),
            text(self.path("site/site.pub")),
        );
        let trust = text(self.path("trust"));
        let add = [
            "trust",
            "add",
            &public,
            "--site",
            SITE,
            "--fingerprint",
            &fingerprint,
            "--trust",
            &trust,
        ];
        assert_eq!(analyzer(&add), Exit::Ok);
        self.write_config("config.yaml", &recipient, "");
    }

    pub(crate) fn write_config(&self, name: &str, recipient: &str, more: &str) {
        let world = World::read(&self.path("worlds/000")).unwrap();
        let site = Site {
            name: SITE,
            recipient,
            keys: &self.path("site"),
            cluster: None,
        };
        let config = configuration(&self.simulation, &world, site);
        fs::write(self.path(name), config + more).unwrap();
    }

    pub(crate) fn collect(&self, output: &str, clock: &str) -> Exit {
        let output = self.path(output);
        fs::create_dir_all(&output).unwrap();
        let config = text(self.path("config.yaml"));
        collector(&[
            "collect",
            "--config",
            &config,
            "--output",
            &text(output),
            "--clock",
            clock,
        ])
    }

    /// Collects every day that is left, and ingests all bundles into one history.
    pub(crate) fn history(&self, days: usize) -> History {
        for _ in 0..days {
            let exit = self.collect("out", &self.simulation.now());
            assert!(matches!(exit, Exit::Ok | Exit::Incomplete), "{exit:?}");
            let _ = self.simulation.next();
        }
        assert_eq!(self.ingest(&self.bundles("out"), "history"), Exit::Ok);
        History::open(&self.path("history")).unwrap()
    }

    pub(crate) fn ingest(&self, bundles: &[PathBuf], history: &str) -> Exit {
        let (trust, identity) = (
            text(self.path("trust")),
            text(self.path("analyst/analyst.key")),
        );
        let history = text(self.path(history));
        let bundles: Vec<String> = bundles.iter().map(text).collect();
        let mut list = vec![
            "--quiet",
            "ingest",
            "--history",
            &history,
            "--trust",
            &trust,
            "--identity",
            &identity,
        ];
        list.extend(bundles.iter().map(String::as_str));
        analyzer(&list)
    }

    pub(crate) fn bundles(&self, output: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.path(output))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().ends_with(".tar.zst.age"))
            .collect();
        files.sort();
        files
    }
}

/// Content of every file below a folder, by relative path.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(
                    text(path.strip_prefix(folder).unwrap()),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    files
}
