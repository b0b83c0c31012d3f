//! Why a run gives up, and with which exit code.

use std::io;
use std::path::PathBuf;

use truenas_common::bundle::{SealError, WriteError};
use truenas_common::exit::Exit;
use truenas_common::redact::Collision;

use crate::gather::SinkError;
use crate::guard::{self, ExportedName};
use crate::keys::KeysError;
use crate::lock::LockError;
use crate::output::{OutputError, is_no_space};
use crate::run::credential::Excess;
use crate::run::parts::PartError;
use crate::source::{AccessError, SourceError};
use crate::state::StateError;

/// A run that leaves no bundle, or a bundle without its state.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// A key.
    #[error("no bundle was made")]
    Keys(#[source] KeysError),
    /// The folder is taken.
    #[error("no bundle was made")]
    Lock(#[source] LockError),
    /// The chain.
    #[error("the chain of bundles cannot be continued")]
    State(#[source] StateError),
    /// A server is not described as it must be.
    #[error("{what} cannot be read as configured")]
    Access {
        /// Which server.
        what: String,
        /// Why.
        source: AccessError,
    },
    /// Outside a cluster.
    #[error(
        "`in_cluster: true`, but this is no pod: KUBERNETES_SERVICE_HOST is not set; give `kubeconfig` instead"
    )]
    NotInCluster,
    /// There is no recovery recipient.
    #[error(
        "--also-to recovery needs `recovery_recipient` in the configuration; `truenas-collector keygen recovery` makes one"
    )]
    NoRecovery,
    /// Nothing can be read.
    #[error(
        "nothing can be read, and no bundle was made; of {n_failed} servers that failed, {what} decides"
    )]
    Nothing {
        /// Servers.
        n_failed: usize,
        /// The one that decides.
        what: String,
        /// Why.
        source: SourceError,
    },
    /// The credential can write.
    #[error(
        "TrueNAS key of {user} on appliance `{appliance}` {excess}; the collector only needs to read and refuses; {remedy}"
    )]
    CanWrite {
        /// Owner of the key.
        user: String,
        /// Label.
        appliance: String,
        /// What it may do beyond reading.
        excess: Excess,
        /// How to get another one.
        remedy: String,
    },
    /// The bundle.
    #[error("no bundle was made")]
    Write {
        /// Why.
        source: WriteError,
    },
    /// A part.
    #[error("no bundle was made")]
    Part(#[source] PartError),
    /// A row.
    #[error("no bundle was made")]
    Sink(#[source] SinkError),
    /// A name that is replaced elsewhere.
    #[error("no bundle was made")]
    Name(#[source] ExportedName),
    /// Too little room.
    #[error(
        "no bundle was made: the output folder `{folder}` has less room than a bundle may need; nothing was deleted to \
         make room"
    )]
    Room {
        /// The folder.
        folder: PathBuf,
        /// A full volume.
        source: io::Error,
    },
    /// The map of names.
    #[error(
        "the map of names cannot be written to `{folder}`; the next run writes its pairs again"
    )]
    Map {
        /// The folder or file.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The map of names cannot be encrypted.
    #[error("the map of names cannot be sealed")]
    MapSeal(#[source] SealError),
    /// Two names with one pseudonym.
    #[error("no bundle was made")]
    Collision(#[source] Collision),
    /// The folder.
    #[error("no bundle was made")]
    Output(#[source] OutputError),
}

impl RunError {
    /// Nothing was reached: the failure of the lowest exit code decides.
    pub(super) fn nothing_read(failures: Vec<(String, SourceError)>) -> Self {
        let n_failed = failures.len();
        let first = failures
            .into_iter()
            .min_by_key(|(_, error)| error.exit_code_hint());
        let (what, source) = first.unwrap_or(("no server".to_owned(), SourceError::NotServed));
        Self::Nothing {
            n_failed,
            what,
            source,
        }
    }

    /// The code of the table.
    pub(crate) fn exit(&self) -> Exit {
        if is_no_space(self) {
            return Exit::NoSpace;
        }
        match self {
            Self::Keys(KeysError::NoRandom) => Exit::Internal,
            Self::Keys(_) | Self::Access { .. } | Self::NotInCluster | Self::NoRecovery => {
                Exit::Usage
            }
            Self::Lock(LockError::Busy { .. }) => Exit::Busy,
            Self::Lock(LockError::Folder { .. })
            | Self::State(_)
            | Self::Output(_)
            | Self::Map { .. }
            | Self::MapSeal(_)
            | Self::Room { .. } => Exit::Usage,
            Self::Nothing { source, .. } => source.exit_code_hint(),
            Self::CanWrite { .. } => Exit::CanWrite,
            Self::Name(_) => Exit::Residual,
            Self::Write { .. } | Self::Part(_) | Self::Sink(_) if is_refused(self) => {
                Exit::Residual
            }
            Self::Write { .. } | Self::Part(_) | Self::Sink(_) | Self::Collision(_) => {
                Exit::Internal
            }
        }
    }
}

/// Whether the exit scan is at the end of the causes.
fn is_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<guard::Refused>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{NetworkKind, TlsKind};

    #[test]
    fn credential_outranks_certificate_and_certificate_outranks_network() {
        let network = || ("a".to_owned(), NetworkKind::Refused.into());
        let tls = || ("b".to_owned(), TlsKind::PinMismatch.into());
        let login = || ("c".to_owned(), SourceError::Unauthorized);
        let exit = |failures| RunError::nothing_read(failures).exit();
        assert_eq!(exit(vec![network()]), Exit::Network);
        assert_eq!(exit(vec![network(), tls()]), Exit::Tls);
        assert_eq!(exit(vec![network(), tls(), login()]), Exit::Authentication);
    }

    #[test]
    fn full_volume_has_its_own_code_wherever_it_shows() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let source = WriteError::Io(full);
        assert_eq!(RunError::Write { source }.exit(), Exit::NoSpace);
        let source = WriteError::Io(io::ErrorKind::StorageFull.into());
        let source = Box::new(source);
        let table = "k8s_pv";
        assert_eq!(
            RunError::Sink(SinkError { table, source }).exit(),
            Exit::NoSpace
        );
    }

    #[test]
    fn refusal_of_the_exit_scan_is_20_however_deep_it_stands() {
        let refused = || WriteError::Refused {
            path: "data/k8s_pv/000000.jsonl".to_owned(),
            source: Box::new(guard::Refused::default()),
        };
        let source = refused();
        assert_eq!(RunError::Write { source }.exit(), Exit::Residual);
        let part = || PartError::Write {
            table: "k8s_pv",
            source: refused(),
        };
        assert_eq!(RunError::Part(part()).exit(), Exit::Residual);
        let source = Box::new(part());
        let table = "k8s_pv";
        let sink = RunError::Sink(SinkError { table, source });
        assert_eq!(sink.exit(), Exit::Residual);
        let source = WriteError::Io(io::ErrorKind::Other.into());
        assert_eq!(RunError::Write { source }.exit(), Exit::Internal);
    }
}
