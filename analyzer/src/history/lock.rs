//! One writer a history: two that read, add and write at once would lose each other's bundles.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The history cannot be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody else adds bundles.
    #[error("history `{path}` is in use by another run; wait until it has ended, then run again")]
    Busy {
        /// Folder.
        path: PathBuf,
    },
    /// The folder cannot be made or opened.
    #[error("cannot use the history in `{path}`")]
    Io {
        /// Folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The right to write; it ends when this is dropped, and with the process.
#[derive(Debug)]
pub struct HistoryLock {
    folder: PathBuf,
    _file: File,
}

impl HistoryLock {
    /// Takes the right to write to a folder, which is made when missing.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let at = |source| LockError::Io {
            path: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(at)?;
        // The lock is on the folder itself, so that nothing but the history lies in it.
        let file = File::open(folder).map_err(at)?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                folder: folder.to_owned(),
                _file: file,
            }),
            Err(TryLockError::WouldBlock) => Err(LockError::Busy {
                path: folder.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(at(source)),
        }
    }
}

impl Drop for HistoryLock {
    fn drop(&mut self) {
        // Only an empty folder goes: a run that took nothing leaves nothing.
        let _ = fs::remove_dir(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_and_an_empty_folder_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let lock = HistoryLock::take(&path).unwrap();
        assert!(matches!(
            HistoryLock::take(&path),
            Err(LockError::Busy { .. })
        ));
        drop(lock);
        assert!(!path.exists());
        let lock = HistoryLock::take(&path).unwrap();
        fs::write(path.join("CURRENT"), "").unwrap();
        drop(lock);
        assert!(path.exists());
    }
}
