//! Streams of bundles on disk. The only file that decides what is written where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use truenas_common::bundle::{Link, LinkVerdict, Opened, judge};
use truenas_common::schema::{Kind, Table};
use truenas_common::tables;

use super::encode;
use super::files::{self, OPEN};
use super::frame::{Builder, Reader};
use super::ledger::{LedgerEntry, ObservedEntry, frames};
use super::observation::{Observation, ObservedTable};
use super::residual;
use super::unit::{Interval, Unit};

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

/// What became of one bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// Place in the chain.
    pub verdict: LinkVerdict,
    /// Rows placed.
    pub n_rows: usize,
    /// Lists that were not complete, as `table: outcome`.
    pub incomplete: Vec<String>,
}

impl Ingested {
    /// Whether the bundle contradicts another one of its chain.
    pub fn is_out_of_chain(&self) -> bool {
        matches!(
            self.verdict,
            LinkVerdict::Fork { .. } | LinkVerdict::Broken { .. }
        )
    }
}

/// One chain of bundles.
#[derive(Debug, Default)]
pub struct Stream {
    pub(super) ledger: BTreeMap<i64, LedgerEntry>,
    pub(super) observed: BTreeMap<(i64, String, String), ObservedEntry>,
    pub(super) units: BTreeMap<(String, String), Unit>,
    /// Bundles that share a number: stored by name, never used.
    pub(super) forks: Vec<LedgerEntry>,
    /// Closed versions that are still on disk only, by table and stem: name and digest of the file.
    kept: BTreeMap<(String, String), (String, String)>,
    /// Rows of lists that were not complete, by number of the bundle and table: kept, never part of an estate.
    partial: BTreeMap<(i64, &'static str), Partial>,
    folder: PathBuf,
    is_changed: bool,
}

/// Rows of one table of one bundle whose list was not complete.
#[derive(Debug)]
enum Partial {
    /// Scope and row, as they came.
    Rows(Vec<(String, Box<[u8]>)>),
    /// Name and digest of the file that holds them.
    File(String, String),
}

/// How much of a history is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Every version.
    Whole,
    /// What the next bundle can change; the rest is read when it is needed.
    Tail,
}

impl Stream {
    /// Bundles, oldest first.
    pub fn bundles(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.ledger.values()
    }

    /// Bundles that share a number with another one: known by name, never used.
    pub fn forks(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.forks.iter()
    }

    fn place(
        &mut self,
        entry: LedgerEntry,
        observed: BTreeMap<(String, String), ObservedTable>,
    ) -> io::Result<Ingested> {
        let unused = |verdict| Ingested {
            verdict,
            n_rows: 0,
            incomplete: Vec::new(),
        };
        let verdict = self.judge(&entry.link);
        match verdict {
            LinkVerdict::Duplicate => return Ok(unused(verdict)),
            LinkVerdict::Fork { .. } => {
                self.fork(entry)?;
                return Ok(unused(verdict));
            }
            _ => {}
        }
        if self
            .ledger
            .last_key_value()
            .is_some_and(|(newest, _)| *newest > frames::seq(&entry.link))
        {
            self.read_kept(|_| true)?;
        }
        self.is_changed = true;
        let seq = frames::seq(&entry.link);
        self.ledger.insert(seq, entry);
        let (mut n_rows, mut incomplete) = (0, Vec::new());
        for ((table, scope), observed) in observed {
            let entry = ObservedEntry {
                seq,
                table: table.clone(),
                scope: scope.clone(),
                outcome: observed.outcome.clone(),
                n_rows: i64::try_from(observed.rows.len()).unwrap_or(i64::MAX),
                files: observed.files,
            };
            if entry.is_complete() {
                n_rows += observed.rows.len();
                self.units
                    .entry((table.clone(), scope.clone()))
                    .or_default()
                    .place(seq, &observed.rows);
            } else if entry.outcome != "unsupported" {
                incomplete.push(format!("{table}: {}", entry.outcome));
                self.keep_partial(seq, &table, &scope, observed.rows);
            }
            self.observed.insert((seq, table, scope), entry);
        }
        Ok(Ingested {
            verdict,
            n_rows,
            incomplete,
        })
    }

    fn keep_partial(&mut self, seq: i64, table: &str, scope: &str, rows: BTreeSet<Box<[u8]>>) {
        let Some(table) = tables::table(table).filter(|_| !rows.is_empty()) else {
            return;
        };
        let rows = rows.into_iter().map(|row| (scope.to_owned(), row));
        let held = self.partial.entry((seq, table.name));
        let held = held.or_insert_with(|| Partial::Rows(Vec::new()));
        // A bundle is placed once, so its file cannot be there before it.
        if let Partial::Rows(held) = held {
            held.extend(rows);
        }
    }

    fn judge(&self, link: &Link) -> LinkVerdict {
        if self
            .forks
            .iter()
            .any(|fork| fork.link.sha256 == link.sha256)
        {
            return LinkVerdict::Duplicate;
        }
        if let Some(fork) = self.forks.iter().find(|fork| fork.link.seq == link.seq) {
            let other = fork.link.sha256.clone();
            return LinkVerdict::Fork { other };
        }
        let held: Vec<_> = self
            .ledger
            .values()
            .map(|entry| entry.link.clone())
            .collect();
        match judge(&held, link) {
            // Numbers that a fork took out are not missing.
            LinkVerdict::Gap { from, to } if (from..=to).all(|seq| self.is_forked(seq)) => {
                LinkVerdict::Linked
            }
            verdict => verdict,
        }
    }

    fn is_forked(&self, seq: u64) -> bool {
        self.forks.iter().any(|fork| fork.link.seq == seq)
    }

    /// Keeps both bundles of one number by name and uses neither: which of them came first must not decide.
    fn fork(&mut self, entry: LedgerEntry) -> io::Result<()> {
        self.read_kept(|_| true)?;
        self.is_changed = true;
        let seq = frames::seq(&entry.link);
        self.forks.push(entry);
        let Some(held) = self.ledger.remove(&seq) else {
            return Ok(());
        };
        self.forks.push(held);
        self.observed.retain(|(of, _, _), _| *of != seq);
        self.partial.retain(|(of, _), _| *of != seq);
        for unit in self.units.values_mut() {
            unit.remove(seq);
        }
        self.units.retain(|_, unit| !unit.observed.is_empty());
        Ok(())
    }

    /// Reads the closed files that the caller wants into memory.
    fn read_kept(&mut self, wanted: impl Fn(&(String, String)) -> bool) -> io::Result<()> {
        let keys: Vec<_> = self
            .kept
            .keys()
            .filter(|key| wanted(key))
            .cloned()
            .collect();
        for key in keys {
            let Some((name, digest)) = self.kept.remove(&key) else {
                continue;
            };
            let frame = files::read(&self.folder, &name, &digest)?;
            if let Some(table) = tables::table(&key.0) {
                self.read_versions(table, frame)?;
            }
        }
        Ok(())
    }

    /// Reads the closed files that the next write changes: those that get versions, and those that are merged.
    fn settle(&mut self, head: i64) -> io::Result<()> {
        let stems: BTreeSet<String> = files::ranges(head).into_iter().map(closed_stem).collect();
        self.read_kept(|(_, stem)| !stems.contains(stem))?;
        let touched: BTreeSet<(String, String)> = self
            .units
            .iter()
            .flat_map(|((table, _), unit)| {
                let closed = unit
                    .rows
                    .values()
                    .flatten()
                    .filter_map(|run| stem(unit, *run, head));
                closed.map(|stem| (table.clone(), stem))
            })
            .collect();
        self.read_kept(|key| touched.contains(key))
    }

    fn read(folder: &Path, depth: Depth) -> io::Result<Self> {
        let current = files::read_current(folder)?;
        let mut stream = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        for (name, digest) in &current {
            let frame = files::read(folder, name, digest)?;
            let polars = |error| io::Error::other(format!("{name}: {error}"));
            if name.starts_with("ledger-") {
                let entries = frames::read_ledger(&frame).map_err(polars)?;
                stream.ledger.extend(
                    entries
                        .into_iter()
                        .map(|entry| (frames::seq(&entry.link), entry)),
                );
            } else if name.starts_with("forks-") {
                stream.forks = frames::read_ledger(&frame).map_err(polars)?;
            } else if name.starts_with("observed-") {
                for entry in frames::read_observed(&frame).map_err(polars)? {
                    stream
                        .observed
                        .insert((entry.seq, entry.table.clone(), entry.scope.clone()), entry);
                }
            }
        }
        for entry in stream.observed.values().filter(|entry| entry.is_complete()) {
            let unit = stream
                .units
                .entry((entry.table.clone(), entry.scope.clone()))
                .or_default();
            unit.observed.insert(entry.seq);
        }
        for (name, digest) in &current {
            let Some((table, file)) = name.split_once('/') else {
                continue;
            };
            let Some(table) = tables::table(table) else {
                continue;
            };
            let stem = file.rsplit_once('-').map_or(file, |(stem, _)| stem);
            if let Some(seq) = stem.strip_prefix("partial-") {
                let seq = seq.parse().map_err(io::Error::other)?;
                let file = Partial::File(name.clone(), digest.clone());
                stream.partial.insert((seq, table.name), file);
                continue;
            }
            if depth == Depth::Tail && stem.starts_with("closed-") {
                let key = (table.name.to_owned(), stem.to_owned());
                stream.kept.insert(key, (name.clone(), digest.clone()));
                continue;
            }
            let frame = files::read(folder, name, digest)?;
            stream.read_versions(table, frame)?;
        }
        Ok(stream)
    }

    fn read_versions(
        &mut self,
        table: &'static Table,
        frame: polars::prelude::DataFrame,
    ) -> io::Result<()> {
        let frame = residual::load(table, frame).map_err(io::Error::other)?;
        let readers: Vec<Option<Reader<'_>>> = table
            .columns
            .iter()
            .map(|column| Reader::new(&frame, column))
            .collect();
        let number = |name: &str, row: usize| frame.column(name).ok()?.i64().ok()?.get(row);
        let scopes = frame.column("scope").ok();
        for index in 0..frame.height() {
            let cells: Vec<_> = readers
                .iter()
                .map(|reader| reader.as_ref().and_then(|reader| reader.cell(index)))
                .collect();
            let scope = scopes
                .and_then(|column| column.str().ok()?.get(index))
                .unwrap_or_default();
            let (Some(first), Some(last)) = (number("first_seq", index), number("last_seq", index))
            else {
                continue;
            };
            let Some(unit) = self
                .units
                .get_mut(&(table.name.to_owned(), scope.to_owned()))
            else {
                continue;
            };
            let last = if last == OPEN {
                unit.head().unwrap_or(first)
            } else {
                last
            };
            let intervals = unit.rows.entry(encode::encode(&cells)).or_default();
            let place = intervals.partition_point(|run| run.first < first);
            intervals.insert(place, Interval { first, last });
        }
        Ok(())
    }

    fn write(&mut self, folder: &Path) -> io::Result<()> {
        let head = self.ledger.keys().next_back().copied().unwrap_or(0);
        self.settle(head)?;
        let mut current: BTreeMap<String, String> = self.kept.values().cloned().collect();
        let polars = |error| io::Error::other(format!("{error}"));
        let ledger: Vec<LedgerEntry> = self.ledger.values().cloned().collect();
        let observed: Vec<ObservedEntry> = self.observed.values().cloned().collect();
        let mut add = |file: (String, String)| current.insert(file.0, file.1);
        add(files::write(
            folder,
            "ledger",
            "",
            &mut frames::ledger(&ledger).map_err(polars)?,
        )?);
        add(files::write(
            folder,
            "observed",
            "",
            &mut frames::observed(&observed).map_err(polars)?,
        )?);
        if !self.forks.is_empty() {
            self.forks.sort_by(|a, b| a.link.sha256.cmp(&b.link.sha256));
            add(files::write(
                folder,
                "forks",
                "",
                &mut frames::ledger(&self.forks).map_err(polars)?,
            )?);
        }
        for table in tables::ALL {
            for (stem, mut frame) in self.table_frames(table, head).map_err(polars)? {
                add(files::write(
                    folder,
                    &format!("{}/{stem}", table.name),
                    table.name,
                    &mut frame,
                )?);
            }
        }
        for ((seq, table), partial) in &self.partial {
            match partial {
                Partial::File(name, digest) => add((name.clone(), digest.clone())),
                Partial::Rows(rows) => {
                    let mut frame = partial_frame(*seq, table, rows).map_err(polars)?;
                    let stem = format!("{table}/partial-{seq}");
                    add(files::write(folder, &stem, table, &mut frame)?)
                }
            };
        }
        files::write_current(folder, &current)
    }

    /// Open versions, then closed ones by the range their last bundle lies in; empty files are not written.
    fn table_frames(
        &self,
        table: &'static Table,
        head: i64,
    ) -> polars::prelude::PolarsResult<Vec<(String, polars::prelude::DataFrame)>> {
        let mut groups: BTreeMap<String, Vec<VersionRow<'_>>> = BTreeMap::new();
        let units = self
            .units
            .iter()
            .filter(|((name, _), _)| name == table.name);
        for ((_, scope), unit) in units {
            for (row, intervals) in &unit.rows {
                let key = encode::key_length(table, row);
                for run in intervals {
                    let (stem, last) = match stem(unit, *run, head) {
                        Some(stem) => (stem, run.last),
                        None => ("open".to_owned(), OPEN),
                    };
                    let group = groups.entry(stem).or_default();
                    group.push((
                        scope,
                        row,
                        key,
                        Interval {
                            first: run.first,
                            last,
                        },
                    ));
                }
            }
        }
        groups
            .into_iter()
            .map(|(stem, mut rows)| {
                rows.sort_by(|a, b| {
                    let identity = |row: &VersionRow<'_>| (row.1[..row.2].to_vec(), row.3.first);
                    identity(a).cmp(&identity(b)).then_with(|| a.1.cmp(b.1))
                });
                Ok((stem, versions_frame(table, &rows)?))
            })
            .collect()
    }
}

/// Stem of the closed file that holds a run; nothing while the run is open.
fn stem(unit: &Unit, run: Interval, head: i64) -> Option<String> {
    if Some(run.last) == unit.head() {
        return None;
    }
    let range = files::ranges(head)
        .into_iter()
        .find(|(from, to)| *from <= run.last && run.last <= *to);
    Some(closed_stem(range.unwrap_or_default()))
}

fn closed_stem((from, to): (i64, i64)) -> String {
    format!("closed-{from}-{to}")
}

/// Scope, encoded row, length of its identity, interval.
type VersionRow<'r> = (&'r str, &'r [u8], usize, Interval);

fn versions_frame(
    table: &'static Table,
    rows: &[VersionRow<'_>],
) -> polars::prelude::PolarsResult<polars::prelude::DataFrame> {
    use polars::prelude::{Column, DataFrame};
    let mut builders: Vec<Builder> = table
        .columns
        .iter()
        .map(|column| Builder::new(column.kind))
        .collect();
    let (mut first, mut last) = (Builder::new(Kind::Integer), Builder::new(Kind::Integer));
    let mut scopes = Vec::with_capacity(rows.len());
    for (scope, row, _, run) in rows {
        for (builder, cell) in builders.iter_mut().zip(encode::cells(table, row)) {
            builder.push(cell);
        }
        first.push(Some(truenas_common::schema::Cell::Integer(run.first)));
        last.push(Some(truenas_common::schema::Cell::Integer(run.last)));
        scopes.push((*scope).to_owned());
    }
    let mut columns: Vec<Column> = table
        .columns
        .iter()
        .zip(builders)
        .map(|(column, builder)| builder.finish(column.name))
        .collect();
    columns.push(Column::new("scope".into(), scopes));
    columns.push(first.finish("first_seq"));
    columns.push(last.finish("last_seq"));
    residual::store(table, DataFrame::new(rows.len(), columns)?)
}

/// Rows of a list that was not complete, true in one bundle as far as anybody knows.
fn partial_frame(
    seq: i64,
    table: &str,
    rows: &[(String, Box<[u8]>)],
) -> polars::prelude::PolarsResult<polars::prelude::DataFrame> {
    let Some(table) = tables::table(table) else {
        return Ok(polars::prelude::DataFrame::empty());
    };
    let run = Interval {
        first: seq,
        last: seq,
    };
    let rows: Vec<VersionRow<'_>> = rows
        .iter()
        .map(|(scope, row)| (scope.as_str(), row.as_ref(), 0, run))
        .collect();
    versions_frame(table, &rows)
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

    /// Opens a folder to add bundles: versions that newer bundles cannot change stay on disk, so the cost of the next
    /// bundle does not grow with the history. Nothing but [`History::ingest`] and [`History::commit`] may be asked of it.
    ///
    /// # Errors
    /// As for [`History::open`].
    pub fn open_tail(folder: &Path) -> Result<Self, HistoryError> {
        Self::read(folder, Depth::Tail)
    }

    fn read(folder: &Path, depth: Depth) -> Result<Self, HistoryError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| HistoryError { path, source }
        };
        let mut streams = BTreeMap::new();
        for domain in sub_folders(folder).map_err(at(folder))? {
            for stream in sub_folders(&domain).map_err(at(&domain))? {
                let key = (file_name(&domain), file_name(&stream));
                streams.insert(key, Stream::read(&stream, depth).map_err(at(&stream))?);
            }
        }
        Ok(Self {
            folder: Some(folder.to_owned()),
            streams,
        })
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
        let key = (domain.to_owned(), entry.link.stream.clone());
        let stream = self.streams.entry(key).or_default();
        stream.place(entry, BTreeMap::new()).expect("in memory");
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
    use truenas_common::bundle::PrevReason;
    use truenas_common::schema::Cell;

    const TABLE: &str = "collect_scope";

    fn entry(seq: i64) -> LedgerEntry {
        LedgerEntry {
            bundle: format!("b{seq}"),
            site: "s".to_owned(),
            link: Link {
                stream: "1".to_owned(),
                seq: seq.cast_unsigned(),
                prev: format!("{}", seq - 1),
                sha256: format!("{seq}"),
            },
            prev_reason: PrevReason::First,
            cluster: None,
            started_at: seq,
            ended_at: seq,
            expected_every_secs: None,
            key_check: String::new(),
            epoch: 1,
            profile: String::new(),
            collector: String::new(),
            site_key: String::new(),
            marks: String::new(),
        }
    }

    /// Rows that come, go and come back; one scope is away for a long time.
    fn observed(seq: i64) -> BTreeMap<(String, String), ObservedTable> {
        let table = tables::table(TABLE).expect("a table of the bundle");
        let row = |number: i64| -> Box<[u8]> {
            let cells = table.columns.iter().map(|column| match column.kind {
                Kind::Integer => Some(Cell::Integer(number)),
                Kind::Bool => Some(Cell::Bool(true)),
                _ => Some(Cell::Text(format!("{number:04}").into())),
            });
            encode::encode(&cells.collect::<Vec<_>>())
        };
        let mut tables = BTreeMap::new();
        for (scope, outcome) in [
            ("near", "ok"),
            (
                "far",
                if (20..90).contains(&seq) {
                    "failed"
                } else {
                    "ok"
                },
            ),
        ] {
            let rows = (0..60)
                .filter(|number| (seq / (1 + number % 7) + number) % 3 != 0)
                .map(row)
                .collect();
            let observed = ObservedTable {
                outcome: outcome.to_owned(),
                rows,
                has_conflict: false,
                files: String::new(),
            };
            tables.insert((TABLE.to_owned(), scope.to_owned()), observed);
        }
        tables
    }

    fn bytes(folder: &Path) -> BTreeMap<String, String> {
        files::read_current(folder).expect("a written stream")
    }

    #[test]
    fn a_stream_that_is_read_by_its_tail_becomes_what_it_would_have_become_at_once() {
        let (one, many) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut whole = Stream::default();
        for seq in 1..=130 {
            whole.place(entry(seq), observed(seq)).unwrap();
            let mut tail = Stream::read(many.path(), Depth::Tail).unwrap();
            tail.place(entry(seq), observed(seq)).unwrap();
            tail.write(many.path()).unwrap();
        }
        whole.write(one.path()).unwrap();
        assert_eq!(bytes(one.path()), bytes(many.path()));

        let tail = Stream::read(many.path(), Depth::Tail).unwrap();
        assert!(!tail.kept.is_empty(), "nothing stayed on disk");
        let held: usize = tail.units.values().map(|unit| unit.rows.len()).sum();
        let all = Stream::read(many.path(), Depth::Whole).unwrap();
        let runs: usize = all
            .units
            .values()
            .flat_map(|unit| unit.rows.values())
            .map(Vec::len)
            .sum();
        assert!(held * 10 < runs, "{held} versions of {runs} were read");
    }

    #[test]
    fn rows_of_a_list_that_was_cut_are_kept_apart_and_are_no_observation() {
        let (folder, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let seqs = [19, 20, 21, 90];
        let mut stream = Stream::default();
        for seq in seqs {
            stream.place(entry(seq), observed(seq)).unwrap();
        }
        stream.write(folder.path()).unwrap();
        let current = bytes(folder.path());
        let partial: Vec<_> = current
            .iter()
            .filter(|(name, _)| name.contains("partial"))
            .collect();
        assert_eq!(partial.len(), 2, "{current:?}");
        for ((name, digest), seq) in partial.into_iter().zip([20, 21]) {
            assert!(name.starts_with(&format!("{TABLE}/partial-{seq}-")));
            let frame = files::read(folder.path(), name, digest).unwrap();
            let far = &observed(seq)[&(TABLE.to_owned(), "far".to_owned())];
            assert_eq!(frame.height(), far.n_rows());
        }
        let far = &stream.units[&(TABLE.to_owned(), "far".to_owned())];
        assert_eq!(Vec::from_iter(far.observed.iter().copied()), [19, 90]);

        // In any order, and with the folder read in between.
        for seq in [21, 90, 20, 19] {
            let mut tail = Stream::read(again.path(), Depth::Tail).unwrap();
            tail.place(entry(seq), observed(seq)).unwrap();
            tail.write(again.path()).unwrap();
        }
        assert_eq!(bytes(again.path()), current);

        // A fork takes the rows of its number with it.
        let mut fork = entry(20);
        fork.link.sha256 = "other".to_owned();
        stream.place(fork, observed(20)).unwrap();
        stream.write(folder.path()).unwrap();
        let left = bytes(folder.path());
        let n_partial = left.keys().filter(|name| name.contains("partial")).count();
        assert_eq!(n_partial, 1);
    }

    #[test]
    fn a_late_bundle_and_a_fork_read_what_stayed_on_disk() {
        let (late, direct) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut first = Stream::default();
        for seq in (1..=100).filter(|seq| *seq != 40) {
            first.place(entry(seq), observed(seq)).unwrap();
        }
        first.write(late.path()).unwrap();
        let mut tail = Stream::read(late.path(), Depth::Tail).unwrap();
        tail.place(entry(40), observed(40)).unwrap();
        let mut fork = entry(50);
        fork.link.sha256 = "other".to_owned();
        let placed = tail.place(fork.clone(), observed(51)).unwrap();
        assert!(matches!(placed.verdict, LinkVerdict::Fork { .. }));
        tail.write(late.path()).unwrap();

        let mut stream = Stream::default();
        stream.place(fork, observed(51)).unwrap();
        for seq in (1..=100).rev() {
            stream.place(entry(seq), observed(seq)).unwrap();
        }
        stream.write(direct.path()).unwrap();
        assert_eq!(bytes(late.path()), bytes(direct.path()));
    }
}
