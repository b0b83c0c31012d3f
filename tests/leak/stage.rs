//! One site, its worlds, and everything that a run leaves behind.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use testkit::simulate::Simulation;
use testkit::site::{Site, serve};
use testkit::world::World;
use truenas_common::bundle::Identity;

use crate::canary;
use crate::rewrite::{Depth, Rewriter};
use crate::world;

/// What happens to names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Profile {
    Standard,
    Open,
}

/// One site with a plain world.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    site: Site,
}

/// What a run left.
pub(crate) struct Left {
    pub(crate) exit: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) bundle: Option<PathBuf>,
    stdout: String,
    n_rows: BTreeMap<String, usize>,
    plaintext: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
    token: String,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_truenas-collector"));
        let site = Site::new(program, folder.path());
        world::write_plain(&folder.path().join("plain"));
        Self { folder, site }
    }

    /// Collects the world as it is.
    pub(crate) fn plain(&self, version: &str) -> Left {
        let plain = self.folder.path().join("plain");
        // The same settings as the rewritten world has, but for the names of the datasets in the scope.
        let settings = world::settings(&plain, &mut Rewriter::new(Depth::Names), version);
        fs::write(plain.join("world.yaml"), settings).unwrap();
        self.collect(&plain, "out-plain", Profile::Standard)
    }

    /// Collects the world with canaries.
    pub(crate) fn rewritten(
        &self,
        depth: Depth,
        version: &str,
        profile: Profile,
        more: &str,
    ) -> Left {
        let (plain, folder) = (
            self.folder.path().join("plain"),
            self.folder.path().join("canaries"),
        );
        world::rewrite(&plain, &mut Rewriter::new(depth), version, more, &folder);
        self.collect(&folder, "out", profile)
    }

    fn collect(&self, folder: &Path, output: &str, profile: Profile) -> Left {
        let simulation = serve(folder);
        let mut config = self.site.config(&simulation, &World::read(folder).unwrap());
        if matches!(profile, Profile::Open) {
            config = config.replace("profile: standard", "profile: open");
        }
        let recovery = Identity::generate().recipient();
        config.push_str(&format!(
            "recovery_recipient: {}\ntimeouts: {{pause: 1ms}}\n",
            recovery.as_str()
        ));
        let run = self.site.collect(&config, output, &["--verbose"]);
        let bundle = self.site.bundles(output).pop();
        let opened = bundle
            .as_ref()
            .map(|bundle| self.site.open(bundle).unwrap());
        Left {
            exit: run.exit,
            stdout: run.stdout,
            stderr: run.stderr,
            n_rows: opened.map(|opened| opened.n_rows()).unwrap_or_default(),
            plaintext: bundle
                .as_ref()
                .map(|bundle| self.plaintext(bundle))
                .unwrap_or_default(),
            files: files(&self.site.path(output)),
            bundle,
            token: token(&simulation),
        }
    }

    /// The whole archive, headers included, opened with the formats' own crates instead of ours.
    fn plaintext(&self, bundle: &Path) -> Vec<u8> {
        let text = self.site.identity().to_text();
        let secret = text
            .lines()
            .find(|line| line.starts_with("AGE-SECRET-KEY-"));
        let identity: age::x25519::Identity = secret.unwrap().parse().unwrap();
        let sealed = fs::read(bundle).unwrap();
        let decryptor = age::Decryptor::new_buffered(&sealed[..]).unwrap();
        let identity: &dyn age::Identity = &identity;
        let plain = decryptor.decrypt(std::iter::once(identity)).unwrap();
        let mut archive = Vec::new();
        zstd::Decoder::new(plain)
            .unwrap()
            .read_to_end(&mut archive)
            .unwrap();
        archive
    }
}

impl Left {
    /// Rows by table, and every place where a canary or a secret stands.
    pub(crate) fn clean_counts(&self) -> (BTreeMap<String, usize>, Vec<String>) {
        let mut leaks = Vec::new();
        let mut look = |place: &str, bytes: &[u8], may_name_labels: bool| {
            leaks.extend(canary::found(bytes).map(|form| format!("{place}: {form}")));
            let label = canary::found_label(bytes).filter(|_| !may_name_labels);
            leaks.extend(label.map(|form| format!("{place}: {form}")));
            if bytes
                .windows(self.token.len())
                .any(|window| window == self.token.as_bytes())
            {
                leaks.push(format!("{place}: bearer token"));
            }
        };
        look("bundle", &self.plaintext, false);
        look("stdout", self.stdout.as_bytes(), false);
        // The operator reads here which of his servers failed, under the name that he gave it.
        look("stderr", self.stderr.as_bytes(), true);
        for (name, bytes) in &self.files {
            look("file name", name.as_bytes(), false);
            look(name, bytes, false);
        }
        (self.n_rows.clone(), leaks)
    }
}

/// Every file below the output folder: bundle, signature, maps, status, metrics, chain.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().display().to_string();
                    found.push((name, fs::read(&path).unwrap()));
                }
            }
        }
    }
    found
}

fn token(simulation: &Simulation) -> String {
    let text = fs::read_to_string(simulation.kubeconfig(None)).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("token: "));
    line.unwrap().to_owned()
}
