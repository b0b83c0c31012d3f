//! One simulated site: its keys, its configuration, the bundles of its days, and the history they become.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use testkit::configuration::{Site as Names, configuration};
use testkit::simulate::{self, Simulation};
use testkit::world::World;
use truenas_analyzer::history::History;
use truenas_common::bundle::SitePublicKey;
use truenas_common::exit::Exit;
use truenas_common::redact::{Profile, PseudonymKey, Redactor};

/// A site in a folder: `analyst/`, `site/`, `trust/`, `bundles/`, `history/`.
pub(crate) struct Site {
    folder: PathBuf,
    name: &'static str,
    recipient: String,
}

impl Site {
    /// Makes the keys of the site and of its analyst, and trust between them.
    pub(crate) fn new(folder: &Path, name: &'static str) -> anyhow::Result<Self> {
        let analyst = folder.join("analyst");
        let exit = analyzer(&[
            "--quiet",
            "keygen",
            "analyst",
            "--unprotected-key",
            "--out",
            &path(&analyst),
        ]);
        ensure!(exit == Exit::Ok, "keygen analyst failed");
        let recipient = fs::read_to_string(analyst.join("analyst.pub"))?
            .trim()
            .to_owned();
        let site = folder.join("site");
        let exit = collector(&[
            "keygen",
            "site",
            "--site",
            name,
            "--recipient",
            &recipient,
            "--out",
            &path(&site),
        ]);
        ensure!(exit == Exit::Ok, "keygen site failed");
        let public = SitePublicKey::parse(&fs::read_to_string(site.join("site.pub"))?)?;
        let exit = analyzer(&[
            "--quiet",
            "trust",
            "add",
            &path(&site.join("site.pub")),
            "--site",
            name,
            "--fingerprint",
            &public.fingerprint().to_string(),
            "--trust",
            &path(&folder.join("trust")),
        ]);
        ensure!(exit == Exit::Ok, "trust add failed");
        fs::create_dir_all(folder.join("bundles"))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            name,
            recipient,
        })
    }

    /// Serves the worlds of a folder.
    pub(crate) fn simulate(worlds: &Path) -> anyhow::Result<Simulation> {
        let options = simulate::Options::default();
        Ok(simulate::start(worlds, &options)?)
    }

    /// Writes the configuration of the collector for a simulation that serves the world `first` now.
    pub(crate) fn configure(
        &self,
        simulation: &Simulation,
        first: &Path,
    ) -> anyhow::Result<PathBuf> {
        let names = Names {
            name: self.name,
            recipient: &self.recipient,
            keys: &self.folder.join("site"),
        };
        let config = self.folder.join("config.yaml");
        fs::write(
            &config,
            configuration(simulation, &World::read(first)?, names),
        )?;
        Ok(config)
    }

    /// Runs the collector on each day of a simulation that serves the world `first` now; returns the number of days.
    pub(crate) fn collect(
        &self,
        simulation: &Simulation,
        first: &Path,
        mut on_day: impl FnMut(usize),
    ) -> anyhow::Result<usize> {
        let config = self.configure(simulation, first)?;
        for day in 1.. {
            on_day(day);
            let exit = collector(&[
                "collect",
                "--config",
                &path(&config),
                "--output",
                &path(&self.bundles()),
                "--clock",
                &simulation.now(),
            ]);
            // A list may be denied on purpose; the bundle is written and says so.
            ensure!(
                matches!(exit, Exit::Ok | Exit::Incomplete),
                "collect ended with {exit:?} on day {day}"
            );
            if !simulation.next() {
                return Ok(day);
            }
        }
        Ok(0)
    }

    /// Verifies all bundles and makes the history of them.
    pub(crate) fn ingest(&self, is_quiet: bool) -> anyhow::Result<History> {
        let history = self.history();
        let (bundles, output) = (path(&self.bundles()), path(&history));
        let ingest = ["--quiet", "ingest", &bundles, "--history", &output];
        let args: Vec<&str> = ingest.into_iter().skip(usize::from(!is_quiet)).collect();
        ensure!(self.analyze(&args) == Exit::Ok, "ingest failed");
        History::open(&history).context("cannot open the history")
    }

    /// Runs the analyzer with the keys of this site's analyst.
    pub(crate) fn analyze(&self, args: &[&str]) -> Exit {
        let (trust, identity) = (
            path(&self.folder.join("trust")),
            path(&self.folder.join("analyst/analyst.key")),
        );
        analyzer(&[args, &["--trust", &trust, "--identity", &identity]].concat())
    }

    /// Folder of the bundles.
    pub(crate) fn bundles(&self) -> PathBuf {
        self.folder.join("bundles")
    }

    /// Folder of the history.
    pub(crate) fn history(&self) -> PathBuf {
        self.folder.join("history")
    }

    /// Gives the pseudonyms that this site gives.
    pub(crate) fn redactor(&self) -> anyhow::Result<Redactor> {
        let key = fs::read_to_string(self.folder.join("site/pseudonym.key"))?;
        Ok(Redactor::new(
            &PseudonymKey::parse(&key)?,
            Profile::Standard,
        ))
    }
}

/// A path as an argument.
pub(crate) fn path(path: &Path) -> String {
    path.display().to_string()
}

/// Runs the analyzer.
pub(crate) fn analyzer(args: &[&str]) -> Exit {
    truenas_analyzer::cli::run(arguments("truenas-analyzer", args))
}

fn collector(args: &[&str]) -> Exit {
    let args = arguments("truenas-collector", &[&["--quiet"], args].concat());
    truenas_collector::cli::run_to(args, &mut std::io::sink())
}

fn arguments(program: &str, args: &[&str]) -> Vec<OsString> {
    std::iter::once(program)
        .chain(args.iter().copied())
        .map(OsString::from)
        .collect()
}
