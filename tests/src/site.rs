//! A site as its operator has it: keys, a configuration, the collector as a process; and the analyst who opens bundles.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use truenas_common::bundle::{
    Identity, Limits, OpenError, Opened, SealedBundle, SiteName, SitePublicKey, TrustedKey,
};

use crate::configuration::{self, configuration};
use crate::simulate::{self, Simulation};
use crate::world::World;

/// Alias of every site.
pub const NAME: &str = "test1";

/// Ending of a bundle.
const BUNDLE: &str = ".tar.zst.age";

/// Keys and folders of one site, below one folder.
#[derive(Debug)]
pub struct Site {
    program: PathBuf,
    folder: PathBuf,
    identity: Identity,
    trusted: TrustedKey,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    /// Exit code; nothing when a signal ended it.
    pub exit: Option<i32>,
    /// Results.
    pub stdout: String,
    /// Messages and logs.
    pub stderr: String,
}

/// A bundle that passed every check.
#[derive(Debug)]
pub struct Contents {
    /// What it says of itself.
    pub opened: Opened,
    /// Content of all parts of a table, by table.
    pub tables: BTreeMap<String, Vec<u8>>,
}

impl Site {
    /// Makes the keys with the collector itself.
    ///
    /// # Panics
    /// When the program does not make them.
    #[must_use]
    pub fn new(program: &Path, folder: &Path) -> Self {
        let identity = Identity::generate();
        let recipient = identity.recipient();
        let keys = folder.join("keys");
        let made = Command::new(program)
            .args(["keygen", "site", "--site", NAME, "--recipient"])
            .arg(recipient.as_str())
            .arg("--out")
            .arg(&keys)
            .output();
        assert!(made.is_ok_and(|made| made.status.success()), "no keys");
        let public = fs::read_to_string(keys.join("site.pub")).unwrap_or_default();
        let trusted = TrustedKey {
            site: SiteName::parse(NAME).expect("the alias is one"),
            key: SitePublicKey::parse(&public).expect("the program writes keys that it can read"),
            last_good_seq: None,
        };
        Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            identity,
            trusted,
        }
    }

    /// A path below the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The analyst's key.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The configuration for a simulated world, as [`configuration`] writes it.
    #[must_use]
    pub fn config(&self, simulation: &Simulation, world: &World) -> String {
        let recipient = self.identity.recipient();
        let site = configuration::Site {
            name: NAME,
            recipient: recipient.as_str(),
            keys: &self.path("keys"),
            cluster: None,
        };
        configuration(simulation, world, site)
    }

    /// Collects into the folder `output`, made when missing.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn collect(&self, config: &str, output: &str, more: &[&str]) -> Run {
        let ended = self.start(config, output, more).wait_with_output();
        let ended = ended.expect("the program was started");
        Run {
            exit: ended.status.code(),
            stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
        }
    }

    /// Begins to collect into the folder `output`, made when missing.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn start(&self, config: &str, output: &str, more: &[&str]) -> Child {
        let file = self.path(&format!("{output}.yaml"));
        let output = self.path(output);
        fs::create_dir_all(&output).expect("the folder can be made");
        fs::write(&file, config).expect("the folder can be written");
        let mut command = Command::new(&self.program);
        command.args(more).arg("collect").arg("--config").arg(file);
        command.arg("--output").arg(output);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program is built")
    }

    /// Bundles of the folder `output`, sorted.
    ///
    /// # Panics
    /// When there is no such folder.
    #[must_use]
    pub fn bundles(&self, output: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path(output)).expect("the folder is there");
        let mut found: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with(BUNDLE))
            .collect();
        found.sort();
        found
    }

    /// Opens a bundle as an analyst does: all checks.
    ///
    /// # Errors
    /// See [`OpenError`].
    ///
    /// # Panics
    /// When one of the two files cannot be read.
    pub fn open(&self, bundle: &Path) -> Result<Contents, OpenError> {
        let limits = Limits::default();
        let name = bundle.file_name().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(bundle).expect("the bundle can be read");
        let signature = fs::read(signature_of(bundle)).expect("the signature can be read");
        let sealed = SealedBundle::new(&name, bytes, &signature, &limits)?;
        let mut tables: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let (trusted, identities) = ([self.trusted.clone()], [self.identity.clone()]);
        let opened = sealed.open(&trusted, &identities, &limits, &mut |part| {
            let table = part.table.unwrap_or_default().to_owned();
            tables.entry(table).or_default().extend(part.bytes);
        })?;
        Ok(Contents { opened, tables })
    }
}

impl Contents {
    /// Rows of a table.
    ///
    /// # Panics
    /// When a line is no JSON.
    #[must_use]
    pub fn rows(&self, table: &str) -> Vec<serde_json::Value> {
        let bytes = self.tables.get(table).map_or(&[][..], Vec::as_slice);
        bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("a row is JSON"))
            .collect()
    }

    /// How many rows each table has.
    #[must_use]
    pub fn n_rows(&self) -> BTreeMap<String, usize> {
        let tables = self.tables.keys();
        tables
            .map(|table| (table.clone(), self.rows(table).len()))
            .collect()
    }
}

/// The signature beside a bundle.
#[must_use]
pub fn signature_of(bundle: &Path) -> PathBuf {
    let name = bundle.file_name().unwrap_or_default().to_string_lossy();
    bundle.with_file_name(format!("{name}.minisig"))
}

/// Serves a world on ports of the system's choice.
///
/// # Panics
/// When the world cannot be served.
#[must_use]
pub fn serve(world: &Path) -> Simulation {
    let served = simulate::start(world, &simulate::Options::default());
    served.expect("the world can be served")
}
