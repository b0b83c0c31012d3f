//! One site and one small world, of which each test changes what the servers grant.

use std::fs;
use std::path::Path;
use std::process::Command;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::Simulation;
use testkit::site::{Run, Site, serve};
use testkit::world::World;

/// Releases of the appliance, as the simulator knows them.
pub(crate) const VERSIONS: [&str; 5] = ["24.04", "24.10", "25.04", "25.10", "26"];

/// Releases whose API keys list methods instead of having a user with roles.
pub(crate) const LISTING: [&str; 2] = ["24.04", "24.10"];

/// A site with a world.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    site: Site,
}

/// A world that is served, and the configuration for it.
pub(crate) struct Served {
    pub(crate) simulation: Simulation,
    pub(crate) config: String,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_truenas-collector"));
        let site = Site::new(program, folder.path());
        let options = EstateOptions {
            volumes: 6,
            snapshots: 10,
            days: 1,
            ..EstateOptions::default()
        };
        let world = folder.path().join("world");
        estate(&options).write_day(0, &world).unwrap();
        let settings = fs::read_to_string(world.join("world.yaml")).unwrap();
        // The clock of the servers is the clock of this machine, so that only the tests of clocks differ from it.
        let now = jiff::Timestamp::now().to_string();
        let settings = settings
            .lines()
            .map(|line| match line.strip_prefix("now: ") {
                Some(_) => format!("now: {now}\n"),
                None => format!("{line}\n"),
            });
        fs::write(world.join("world.yaml"), settings.collect::<String>()).unwrap();
        Self { folder, site }
    }

    /// Serves the world with other settings: a release, what replaces the list of roles, and further replacements.
    pub(crate) fn serve(&self, version: &str, grant: &str, replace: &[(&str, &str)]) -> Served {
        let world = self.folder.path().join("world");
        let path = world.join("world.yaml");
        let plain = fs::read_to_string(&path).unwrap();
        let mut settings = plain.replace("version: \"25.10\"", &format!("version: \"{version}\""));
        if !grant.is_empty() {
            settings = with_grant(&settings, grant);
        }
        for (from, to) in replace {
            assert!(settings.contains(from), "{from} is not in {settings}");
            settings = settings.replace(from, to);
        }
        fs::write(&path, settings).unwrap();
        let simulation = serve(&world);
        let config = self.site.config(&simulation, &World::read(&world).unwrap());
        fs::write(&path, plain).unwrap();
        Served { simulation, config }
    }

    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    pub(crate) fn collect(&self, served: &Served, output: &str, more: &[&str]) -> Run {
        let folder = self.site.path(output);
        fs::create_dir_all(&folder).unwrap();
        self.run("collect", &served.config, &folder, more)
    }

    /// Runs `preflight` over a folder that is made when missing.
    pub(crate) fn preflight(&self, config: &str, output: &str, more: &[&str]) -> Run {
        let folder = self.site.path(output);
        fs::create_dir_all(&folder).unwrap();
        self.preflight_in(config, &folder, more)
    }

    /// Runs `preflight` over a folder as it is.
    pub(crate) fn preflight_in(&self, config: &str, folder: &Path, more: &[&str]) -> Run {
        self.run("preflight", config, folder, more)
    }

    fn run(&self, verb: &str, config: &str, folder: &Path, more: &[&str]) -> Run {
        let file = self.site.path("config.yaml");
        fs::write(&file, config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_truenas-collector"));
        command.args([verb, "--config"]).arg(file);
        command.arg("--output").arg(folder).args(more);
        let ended = command.output().unwrap();
        Run {
            exit: ended.status.code(),
            stdout: String::from_utf8(ended.stdout).unwrap(),
            stderr: String::from_utf8(ended.stderr).unwrap(),
        }
    }
}

/// The settings with other rights of the key.
fn with_grant(settings: &str, grant: &str) -> String {
    let mut lines = Vec::new();
    let mut is_in_roles = false;
    for line in settings.lines() {
        if line == "    roles:" {
            is_in_roles = true;
            lines.push(format!("    {grant}"));
            continue;
        }
        is_in_roles &= line.starts_with("      - ");
        if !is_in_roles {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n") + "\n"
}
