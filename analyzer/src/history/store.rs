//! All streams of bundles on disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use truenas_common::bundle::Opened;

#[cfg(test)]
use super::ledger::LedgerEntry;
use super::observation::Observation;
#[cfg(test)]
use super::observation::ObservedTable;
use super::stream::{Depth, Ingested, Stream};

/// The history cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot use the history in `{path}`; restore it, or ingest the bundles into an empty folder"
)]
pub struct HistoryError {
    /// Folder or file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// All streams of one folder, by domain and stream.
#[derive(Debug)]
pub struct History {
    folder: Option<PathBuf>,
    pub(super) streams: BTreeMap<(String, String), Stream>,
}

impl History {
    /// A history that lives in memory only: for a report over given files.
    pub fn in_memory() -> Self {
        Self {
            folder: None,
            streams: BTreeMap::new(),
        }
    }

    /// Opens a folder; an empty or missing one is an empty history.
    ///
    /// # Errors
    /// A file that is missing or does not have the digest that `CURRENT` names.
    pub fn open(folder: &Path) -> Result<Self, HistoryError> {
        Self::read(folder, Depth::Whole)
    }

    /// Opens a folder to look at its newest moment and at the past of some tables. The past of the others stays on disk:
    /// nothing may be asked of them but what the newest bundles show.
    ///
    /// # Errors
    /// As for [`History::open`].
    pub fn open_with_now_of(
        folder: &Path,
        tables: &'static [&'static str],
    ) -> Result<Self, HistoryError> {
        Self::read(folder, Depth::NowOf(tables))
    }

    /// Opens a folder to look at its newest moments, so many of them, and at what was before as far as it has a trace: of
    /// what is very many, [`BRIEF`](super::stream) names it, older versions are their identity and when it was there.
    /// Nothing may be added to it.
    ///
    /// # Errors
    /// As for [`History::open`].
    pub fn open_moments(folder: &Path, n_moments: usize) -> Result<Self, HistoryError> {
        Self::read(folder, Depth::Moments(n_moments))
    }

    /// Opens a folder to add bundles: versions that newer bundles cannot change stay on disk, so the cost of the next
    /// bundle does not grow with the history. Nothing but [`History::ingest`] and [`History::commit`] may be asked of it.
    ///
    /// # Errors
    /// As for [`History::open`].
    pub fn open_tail(folder: &Path) -> Result<Self, HistoryError> {
        Self::read(folder, Depth::Tail)
    }

    /// Opens one domain of a folder and leaves the others on disk.
    ///
    /// # Errors
    /// As for [`History::open`].
    pub fn open_domain(folder: &Path, domain: &str) -> Result<Self, HistoryError> {
        Self::read_one(folder, domain, Depth::Whole)
    }

    /// As [`History::open_domain`], to look at its newest moment.
    ///
    /// # Errors
    /// As for [`History::open`].
    pub fn open_domain_now(folder: &Path, domain: &str) -> Result<Self, HistoryError> {
        Self::read_one(folder, domain, Depth::Moments(1))
    }

    /// Domains of a folder by name, none of them opened.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn domains(folder: &Path) -> Result<Vec<String>, HistoryError> {
        let domains = sub_folders(folder).map_err(failed(folder))?;
        Ok(domains.iter().map(|domain| file_name(domain)).collect())
    }

    fn read_one(folder: &Path, domain: &str, depth: Depth) -> Result<Self, HistoryError> {
        let mut history = Self::in_memory();
        history.folder = Some(folder.to_owned());
        history.read_domain(&folder.join(domain), depth)?;
        Ok(history)
    }

    fn read(folder: &Path, depth: Depth) -> Result<Self, HistoryError> {
        let mut history = Self::in_memory();
        history.folder = Some(folder.to_owned());
        for domain in sub_folders(folder).map_err(failed(folder))? {
            history.read_domain(&domain, depth)?;
        }
        Ok(history)
    }

    fn read_domain(&mut self, domain: &Path, depth: Depth) -> Result<(), HistoryError> {
        for stream in sub_folders(domain).map_err(failed(domain))? {
            let key = (file_name(domain), file_name(&stream));
            let read = Stream::read(&stream, depth).map_err(failed(&stream))?;
            self.streams.insert(key, read);
        }
        Ok(())
    }

    /// Where it is kept; nothing for a history in memory.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Streams by domain and stream id.
    pub fn streams(&self) -> impl Iterator<Item = (&(String, String), &Stream)> {
        self.streams.iter()
    }

    /// Places one verified bundle.
    ///
    /// # Errors
    /// A closed file that is needed cannot be read.
    pub fn ingest(
        &mut self,
        domain: &str,
        opened: &Opened,
        observation: Observation,
    ) -> Result<Ingested, HistoryError> {
        let key = (domain.to_owned(), opened.info.stream.clone());
        let (entry, observed) = observation.sort(opened);
        let stream = self.streams.entry(key).or_default();
        stream
            .place(entry, observed)
            .map_err(|source| HistoryError {
                path: stream.folder.clone(),
                source,
            })
    }

    #[cfg(test)]
    pub(super) fn place_entry(&mut self, domain: &str, entry: LedgerEntry) {
        self.place_bundle(domain, entry, BTreeMap::new());
    }

    #[cfg(test)]
    pub(super) fn place_bundle(
        &mut self,
        domain: &str,
        entry: LedgerEntry,
        observed: BTreeMap<(String, String), ObservedTable>,
    ) {
        let key = (domain.to_owned(), entry.link.stream.clone());
        let stream = self.streams.entry(key).or_default();
        stream.place(entry, observed).expect("in memory");
    }

    /// Writes the streams that changed.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn commit(&mut self) -> Result<(), HistoryError> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        for ((domain, id), stream) in &mut self.streams {
            let path = folder.join(domain).join(id);
            if !stream.is_changed {
                continue;
            }
            let write = fs::create_dir_all(&path).and_then(|()| stream.write(&path));
            write.map_err(|source| HistoryError { path, source })?;
            stream.is_changed = false;
        }
        Ok(())
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError { path, source }
}

fn sub_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of one bundle that came out so.
    fn listed(scope: &str, outcome: &str) -> ((String, String), ObservedTable) {
        let observed = ObservedTable {
            outcome: outcome.to_owned(),
            ..ObservedTable::default()
        };
        (("k8s_pv".to_owned(), scope.to_owned()), observed)
    }

    #[test]
    fn one_domain_is_opened_without_its_neighbours() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = History::open(folder.path()).expect("an empty history");
        history.place_bundle(
            "a",
            LedgerEntry::sample("1", 1),
            [listed("c", "ok"), listed("d", "ok")].into(),
        );
        history.place_bundle(
            "a",
            LedgerEntry::sample("1", 2),
            [listed("c", "denied")].into(),
        );
        history.place_entry("b", LedgerEntry::sample("1", 1));
        history.commit().expect("a folder that can be written");
        let domains = History::domains(folder.path()).expect("two folders");
        assert_eq!(domains, ["a", "b"]);
        // A damaged neighbour is not even read.
        fs::write(folder.path().join("b/1/CURRENT"), "damaged").expect("a file");
        assert!(History::open(folder.path()).is_err());
        assert!(History::open_domain(folder.path(), "b").is_err());
        let opened = History::open_domain(folder.path(), "a").expect("it is whole");
        let whole = opened.streams().collect::<Vec<_>>();
        assert_eq!(whole.len(), 1);
        let (_, stream) = whole[0];
        let lists = |bundle: LedgerEntry| {
            let lists = stream.lists(&bundle);
            lists
                .map(|list| (list.scope.clone(), list.outcome.clone()))
                .collect::<Vec<_>>()
        };
        let owned = |scope: &str, outcome: &str| (scope.to_owned(), outcome.to_owned());
        assert_eq!(
            lists(LedgerEntry::sample("1", 1)),
            [owned("c", "ok"), owned("d", "ok")]
        );
        assert_eq!(lists(LedgerEntry::sample("1", 2)), [owned("c", "denied")]);
        assert_eq!(lists(LedgerEntry::sample("1", 3)), []);
    }
}
