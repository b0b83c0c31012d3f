//! One run at a time per output folder: the chain of bundles has one writer.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

const NAME: &str = ".lock";

/// The folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another run has it.
    #[error("another run (process {pid}) is writing to `{folder}`; wait for it to end")]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// Process id as that run wrote it, or `unknown`.
        pid: String,
    },
    /// The folder cannot be written.
    #[error(
        "cannot write to the output folder `{folder}`; check that it exists, its owner and its mode"
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Holds the folder until dropped; the kernel lets go when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the folder, or says who has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Folder {
            folder: folder.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o640);
        let mut file = options.open(folder.join(NAME)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Busy {
                    folder: folder.to_owned(),
                    pid: pid_in(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn pid_in(file: &mut File) -> String {
    let mut text = String::new();
    // Only for the message: without it the lock is as busy.
    let _ = file.take(16).read_to_string(&mut text);
    let pid = text.trim();
    if !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()) {
        pid.to_owned()
    } else {
        "unknown".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_run_is_told_who_has_the_folder_and_gets_it_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        match Lock::take(folder.path()) {
            Err(LockError::Busy { pid, .. }) => {
                assert_eq!(pid, std::process::id().to_string());
            }
            other => panic!("{other:?}"),
        }
        drop(lock);
        assert!(Lock::take(folder.path()).is_ok());
    }

    #[test]
    fn folder_that_is_missing_is_not_made() {
        assert!(matches!(
            Lock::take(Path::new("/nonexistent/out")),
            Err(LockError::Folder { .. })
        ));
    }
}
