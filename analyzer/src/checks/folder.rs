//! Checks and views in a folder: those of a site, or those that are being written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::checks::{Check, PageError, View};

/// A folder of checks or views cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// A file or folder cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A page is not as it must be.
    #[error("check `{path}` cannot be used")]
    Page {
        /// Directory of the check.
        path: PathBuf,
        /// Why.
        source: PageError,
    },
    /// There is nothing in it.
    #[error(
        "no directory with `check.md` and `check.sql` is below `{path}`; give a folder of checks, or one check"
    )]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// Every check below a folder, or the one that the folder is, with its directory; sorted.
///
/// # Errors
/// See [`FolderError`].
pub fn read_checks(folder: &Path) -> Result<Vec<(Check, PathBuf)>, FolderError> {
    let mut checks = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(directory) = folders.pop() {
        if directory.join("check.md").is_file() {
            checks.push((read_check(&directory)?, directory));
            continue;
        }
        let entries = fs::read_dir(&directory).map_err(|source| read_error(&directory, source))?;
        for entry in entries {
            let path = entry
                .map_err(|source| read_error(&directory, source))?
                .path();
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    if checks.is_empty() {
        return Err(FolderError::Empty {
            path: folder.to_owned(),
        });
    }
    checks.sort_by(|left, right| left.1.cmp(&right.1));
    Ok(checks)
}

/// Every view of a folder, by the names of its `.sql` files.
///
/// # Errors
/// A file that cannot be read.
pub fn read_views(folder: &Path) -> Result<Vec<View>, FolderError> {
    let entries = fs::read_dir(folder).map_err(|source| read_error(folder, source))?;
    let mut views = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| read_error(folder, source))?.path();
        let is_sql = path.extension().is_some_and(|extension| extension == "sql");
        let Some(name) = path.file_stem().filter(|_| is_sql) else {
            continue;
        };
        views.push(View {
            name: name.to_string_lossy().into_owned().into(),
            sql: read(&path)?.into(),
        });
    }
    views.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(views)
}

fn read_check(directory: &Path) -> Result<Check, FolderError> {
    let name = directory.file_name().unwrap_or_default();
    let (page, sql) = (
        read(&directory.join("check.md"))?,
        read(&directory.join("check.sql"))?,
    );
    Check::parse(&name.to_string_lossy(), &page, &sql).map_err(|source| FolderError::Page {
        path: directory.to_owned(),
        source,
    })
}

fn read(path: &Path) -> Result<String, FolderError> {
    fs::read_to_string(path).map_err(|source| read_error(path, source))
}

fn read_error(path: &Path, source: io::Error) -> FolderError {
    FolderError::Read {
        path: path.to_owned(),
        source,
    }
}
