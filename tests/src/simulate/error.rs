//! Why a simulation did not start.

use std::io;
use std::path::PathBuf;

use crate::world::WorldError;

/// Why a simulation did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// The world folder is not valid.
    #[error("cannot use the world `{path}`")]
    World {
        /// The folder given.
        path: PathBuf,
        /// What is wrong with it.
        source: WorldError,
    },
    /// A file of answers could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of answers does not hold what its place promises.
    #[error("`{path}` is not JSON of the expected form")]
    Json {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A Kubernetes object without kind, version or name.
    #[error("`{path}` holds an object without `apiVersion`, `kind` or `metadata.name`")]
    NoObject {
        /// The file.
        path: PathBuf,
    },
    /// A file beside the world could not be written.
    #[error("cannot write `{path}`; the folder of the world must be writable")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A port could not be bound.
    #[error("cannot listen on 127.0.0.1:{port}; choose another port or 0")]
    Listen {
        /// The port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The certificates could not be made.
    #[error("cannot make certificates")]
    Certificate {
        /// What the certificate library said.
        source: rcgen::Error,
    },
    /// The TLS library refused the certificates.
    #[error("cannot set up TLS")]
    Tls {
        /// What the TLS library said.
        source: rustls::Error,
    },
    /// No random bytes, or no thread.
    #[error("the system gave no {what}")]
    System {
        /// What is missing.
        what: &'static str,
    },
}
