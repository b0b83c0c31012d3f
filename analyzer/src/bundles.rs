//! Bundle files: finds pairs on disk, opens them, and brings their rows into a history.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use truenas_common::bundle::{Identity, Limits, OpenError, Opened, SealedBundle};

use crate::history::{History, HistoryError, Ingested, Inspection, Observation, Rejected};
use crate::trust::Site;

const SUFFIX: &str = ".tar.zst.age";

/// A bundle file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The path does not exist or cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// File or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The signature file is missing.
    #[error("`{path}` has no .minisig beside it; copy both files of the bundle")]
    NoSignature {
        /// Encrypted file.
        path: PathBuf,
    },
    /// Nothing to read.
    #[error("no bundle (*.tar.zst.age) in {paths}")]
    None {
        /// What was given.
        paths: String,
    },
    /// Verification refuses the bundle.
    #[error(transparent)]
    Refused(OpenError),
}

/// Encrypted files below the given files and folders, sorted by name.
///
/// # Errors
/// A path that does not exist, or no bundle at all.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, BundleError> {
    let mut files = Vec::new();
    for path in paths {
        let read = |source| BundleError::Read {
            path: path.clone(),
            source,
        };
        if fs::metadata(path).map_err(read)?.is_dir() {
            for entry in fs::read_dir(path).map_err(read)? {
                let file = entry.map_err(read)?.path();
                if file
                    .file_name()
                    .is_some_and(|name| name.to_string_lossy().ends_with(SUFFIX))
                {
                    files.push(file);
                }
            }
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        let paths = paths
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect::<Vec<_>>()
            .join(", ");
        return Err(BundleError::None { paths });
    }
    files.sort_by(|a, b| a.file_name().cmp(&b.file_name()).then_with(|| a.cmp(b)));
    files.dedup();
    Ok(files)
}

/// Reads both files of a bundle into memory: a private copy that nobody can swap.
///
/// # Errors
/// Unreadable files, or a name, size or signature form that is not allowed.
pub fn load(path: &Path, limits: &Limits) -> Result<SealedBundle, BundleError> {
    let bytes = read_limited(path, limits.sealed_bytes)?;
    let mut signature_path = path.as_os_str().to_owned();
    signature_path.push(".minisig");
    let signature =
        read_limited(Path::new(&signature_path), limits.signature_bytes).map_err(|error| {
            match error {
                BundleError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                    BundleError::NoSignature {
                        path: path.to_owned(),
                    }
                }
                error => error,
            }
        })?;
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    SealedBundle::new(&name, bytes, &signature, limits).map_err(BundleError::Refused)
}

/// Reads one byte more than allowed at most, so that the size check can tell.
fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, BundleError> {
    let read = |source| BundleError::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    fs::File::open(path)
        .map_err(read)?
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(read)?;
    Ok(bytes)
}

/// A bundle that passed every check, with its rows.
#[derive(Debug)]
pub struct Read {
    /// What it says about itself.
    pub opened: Opened,
    /// Its rows.
    pub observation: Observation,
}

impl Read {
    /// Files that are in the bundle but not tables of this version.
    pub fn rejected(&self) -> &[Rejected] {
        &self.observation.rejected
    }

    /// Rows taken.
    pub fn n_rows(&self) -> usize {
        self.observation.counts().map(|(_, rows)| rows).sum()
    }
}

/// Opens a bundle with the keys of the trust store.
///
/// # Errors
/// [`BundleError::Refused`].
pub fn open(
    sealed: &SealedBundle,
    sites: &[Site],
    identities: &[Identity],
    limits: &Limits,
) -> Result<Read, BundleError> {
    let trusted: Vec<_> = sites.iter().flat_map(|site| site.keys.clone()).collect();
    let mut observation = Observation::default();
    let opened = sealed
        .open(&trusted, identities, limits, &mut |part| {
            observation.take(&part)
        })
        .map_err(BundleError::Refused)?;
    Ok(Read {
        opened,
        observation,
    })
}

/// As [`open`], for who wants to know whether every row is one and nothing more.
///
/// # Errors
/// [`BundleError::Refused`].
pub fn inspect(
    sealed: &SealedBundle,
    sites: &[Site],
    identities: &[Identity],
    limits: &Limits,
) -> Result<(Opened, Inspection), BundleError> {
    let trusted: Vec<_> = sites.iter().flat_map(|site| site.keys.clone()).collect();
    let mut inspection = Inspection::default();
    let opened = sealed
        .open(&trusted, identities, limits, &mut |part| {
            inspection.take(&part)
        })
        .map_err(BundleError::Refused)?;
    Ok((opened, inspection))
}

/// What became of each bundle of a run.
#[derive(Debug, Default)]
pub struct Ingest {
    /// Placed, duplicate, or out of place.
    pub done: Vec<(String, Ingested)>,
    /// Refused, with the reason.
    pub refused: Vec<(PathBuf, BundleError)>,
    /// Files that are not tables of this version, by bundle.
    pub rejected: BTreeMap<String, Vec<Rejected>>,
}

impl Ingest {
    /// Whether a chain is broken or forked.
    pub fn is_broken(&self) -> bool {
        self.done
            .iter()
            .any(|(_, ingested)| ingested.is_out_of_chain())
    }
}

/// Opens every file and places what is verified; the history is not written yet.
///
/// # Errors
/// The history cannot be read. A bundle that is refused is part of the result.
pub fn ingest(
    history: &mut History,
    files: &[PathBuf],
    sites: &[Site],
    identities: &[Identity],
    limits: &Limits,
    mut progress: impl FnMut(&Path),
) -> Result<Ingest, HistoryError> {
    let mut ingest = Ingest::default();
    for path in files {
        progress(path);
        let read = load(path, limits).and_then(|sealed| open(&sealed, sites, identities, limits));
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                ingest.refused.push((path.clone(), error));
                continue;
            }
        };
        let name = read.opened.info.bundle.clone();
        let site = sites
            .iter()
            .find(|site| site.name.as_str() == read.opened.info.site);
        let domain = site
            .map_or(read.opened.info.site.as_str(), |site| site.domain.as_str())
            .to_owned();
        if !read.rejected().is_empty() {
            ingest
                .rejected
                .insert(name.clone(), read.rejected().to_vec());
        }
        let ingested = history.ingest(&domain, &read.opened, read.observation)?;
        ingest.done.push((name, ingested));
    }
    Ok(ingest)
}
