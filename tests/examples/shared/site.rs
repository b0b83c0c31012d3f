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
    /// Its pseudonymisation domain too.
    name: &'static str,
    recipient: String,
    writers: Vec<Writer>,
}

/// The collector of one cluster: a site key and a folder of bundles of its own. All of a site share the pseudonym key.
struct Writer {
    name: String,
    /// Absent for the first cluster of a world, whatever its name.
    cluster: Option<String>,
    keys: PathBuf,
    bundles: PathBuf,
}

impl Site {
    /// Makes the keys of the site and of its analyst, and trust between them. There is a collector for each of the
    /// clusters, and one for the first cluster when none is named.
    pub(crate) fn new(
        folder: &Path,
        name: &'static str,
        clusters: &[String],
    ) -> anyhow::Result<Self> {
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
        let mut site = Self {
            folder: folder.to_path_buf(),
            name,
            recipient,
            writers: Vec::new(),
        };
        site.add_writer(Writer {
            name: name.to_owned(),
            cluster: clusters.first().cloned(),
            keys: folder.join("site"),
            bundles: folder.join("bundles"),
        })?;
        for (number, cluster) in clusters.iter().enumerate().skip(1) {
            site.add_writer(Writer {
                name: format!("{name}{}", number + 1),
                cluster: Some(cluster.clone()),
                keys: folder.join(format!("site-{}", number + 1)),
                bundles: folder.join(format!("bundles-{}", number + 1)),
            })?;
        }
        Ok(site)
    }

    fn add_writer(&mut self, writer: Writer) -> anyhow::Result<()> {
        let Writer { name, keys, .. } = &writer;
        let exit = collector(&[
            "keygen",
            "site",
            "--site",
            name,
            "--recipient",
            &self.recipient,
            "--out",
            &path(keys),
        ]);
        ensure!(exit == Exit::Ok, "keygen site failed");
        if let Some(first) = self.writers.first() {
            let key = "pseudonym.key";
            fs::remove_file(keys.join(key))?;
            fs::copy(first.keys.join(key), keys.join(key))?;
        }
        let public = SitePublicKey::parse(&fs::read_to_string(keys.join("site.pub"))?)?;
        let exit = analyzer(&[
            "--quiet",
            "trust",
            "add",
            &path(&keys.join("site.pub")),
            "--site",
            name,
            "--domain",
            self.name,
            "--fingerprint",
            &public.fingerprint().to_string(),
            "--trust",
            &path(&self.folder.join("trust")),
        ]);
        ensure!(exit == Exit::Ok, "trust add failed");
        fs::create_dir_all(&writer.bundles)?;
        self.writers.push(writer);
        Ok(())
    }

    /// Serves the worlds of a folder.
    pub(crate) fn simulate(worlds: &Path) -> anyhow::Result<Simulation> {
        let options = simulate::Options::default();
        Ok(simulate::start(worlds, &options)?)
    }

    /// Writes the configuration of each collector for a simulation that serves the world `first` now; returns them with
    /// the folders of the bundles.
    pub(crate) fn configure(
        &self,
        simulation: &Simulation,
        first: &Path,
    ) -> anyhow::Result<Vec<(PathBuf, PathBuf)>> {
        let world = World::read(first)?;
        let configure = |writer: &Writer| {
            let names = Names {
                name: &writer.name,
                recipient: &self.recipient,
                keys: &writer.keys,
                cluster: writer.cluster.as_deref(),
            };
            let config = self.folder.join(format!("{}.yaml", writer.name));
            fs::write(&config, configuration(simulation, &world, names))?;
            Ok((config, writer.bundles.clone()))
        };
        self.writers.iter().map(configure).collect()
    }

    /// Runs the collectors on each day of a simulation that serves the world `first` now; returns the number of days.
    pub(crate) fn collect(
        &self,
        simulation: &Simulation,
        first: &Path,
        mut on_day: impl FnMut(usize),
    ) -> anyhow::Result<usize> {
        let collectors = self.configure(simulation, first)?;
        for day in 1.. {
            on_day(day);
            for (config, bundles) in &collectors {
                let exit = collector(&[
                    "collect",
                    "--config",
                    &path(config),
                    "--output",
                    &path(bundles),
                    "--clock",
                    &simulation.now(),
                ]);
                // A list may be denied on purpose; the bundle is written and says so.
                ensure!(
                    matches!(exit, Exit::Ok | Exit::Incomplete),
                    "collect ended with {exit:?} on day {day}"
                );
            }
            if !simulation.next() {
                return Ok(day);
            }
        }
        Ok(0)
    }

    /// Verifies all bundles and makes the history of them.
    pub(crate) fn ingest(&self, is_quiet: bool) -> anyhow::Result<History> {
        let history = self.history();
        let output = path(&history);
        let bundles: Vec<String> = self.bundles().iter().map(|folder| path(folder)).collect();
        let mut args = vec!["ingest", "--history", &output];
        args.extend(bundles.iter().map(String::as_str));
        if is_quiet {
            args.insert(0, "--quiet");
        }
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

    /// Folders of the bundles, one a collector.
    pub(crate) fn bundles(&self) -> Vec<PathBuf> {
        let folders = self.writers.iter();
        folders.map(|writer| writer.bundles.clone()).collect()
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
