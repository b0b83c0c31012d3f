//! The files that a simulation writes beside its world: kubeconfig, CA and API key.
//!
//! For a world (or series) folder `W` they are, in the folder that holds `W`: `W.ca.pem`; `W.kubeconfig` and `W.api-key`
//! of the first cluster and appliance; and, where there are several, `W.NAME.kubeconfig` and `W.NAME.api-key` of each. Where
//! a cluster has metrics, `W.thanos-token` is the token for them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;

use super::SimulateError;

/// Where the files of one world go.
pub(super) struct Beside {
    folder: PathBuf,
    stem: String,
}

impl Beside {
    /// Finds the folder that holds the world.
    pub(super) fn new(world: &Path) -> Result<Self, SimulateError> {
        let read_error = |source| SimulateError::Read {
            path: world.to_path_buf(),
            source,
        };
        let world = fs::canonicalize(world).map_err(read_error)?;
        let folder = world.parent().unwrap_or(&world).to_path_buf();
        let stem = world.file_name().map_or_else(
            || "world".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        Ok(Self { folder, stem })
    }

    /// Path of one file; `name` is left out of the file name of an only or first place.
    pub(super) fn path(&self, name: Option<&str>, ending: &str) -> PathBuf {
        let stem = &self.stem;
        let file_name = name.map_or_else(
            || format!("{stem}.{ending}"),
            |name| format!("{stem}.{name}.{ending}"),
        );
        self.folder.join(file_name)
    }
}

/// Writes a file that only its owner may read.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<(), SimulateError> {
    write_mode(path, text, 0o600)
}

/// Writes a file that anybody may read.
pub(super) fn write_public(path: &Path, text: &str) -> Result<(), SimulateError> {
    write_mode(path, text, 0o644)
}

fn write_mode(path: &Path, text: &str, mode: u32) -> Result<(), SimulateError> {
    let write_error = |source| SimulateError::Write {
        path: path.to_path_buf(),
        source,
    };
    if path.exists() {
        fs::remove_file(path).map_err(write_error)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(write_error)?;
    file.write_all(text.as_bytes()).map_err(write_error)
}

/// The text of a kubeconfig with one cluster, one user and one context.
pub(super) fn kubeconfig(name: &str, port: u16, ca_pem: &str, token: &str) -> String {
    let ca = BASE64.encode(ca_pem.as_bytes());
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {name}\nclusters:\n- name: {name}\n  cluster:\n    \
         server: https://127.0.0.1:{port}\n    certificate-authority-data: {ca}\nusers:\n- name: collector\n  user:\n    \
         token: {token}\ncontexts:\n- name: {name}\n  context:\n    cluster: {name}\n    user: collector\n"
    )
}
