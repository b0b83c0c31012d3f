//! One chain of bundles on disk. The only file that decides what is written where.

mod depth;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;
use truenas_common::bundle::{Link, LinkVerdict, judge};
use truenas_common::schema::Table;
use truenas_common::tables;

use super::encode;
use super::files::{self, OPEN};
use super::ledger::{LedgerEntry, ObservedEntry, frames};
use super::load::{self, VersionFile};
use super::observation::ObservedTable;
use super::unit::{Interval, Unit};
use super::versions::{VersionRow, partial_frame, versions_frame};
pub(super) use depth::Depth;

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
    pub(super) folder: PathBuf,
    pub(super) is_changed: bool,
    /// Whether old versions are there without all of their columns.
    is_brief: bool,
}

/// Rows of one table of one bundle whose list was not complete.
#[derive(Debug)]
enum Partial {
    /// Scope and row, as they came.
    Rows(Vec<(String, Box<[u8]>)>),
    /// Name and digest of the file that holds them.
    File(String, String),
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

    /// What became of each list of one of its bundles.
    pub fn lists(&self, bundle: &LedgerEntry) -> impl Iterator<Item = &ObservedEntry> {
        let seq = frames::seq(&bundle.link);
        let lists = self.observed.range((seq, String::new(), String::new())..);
        let lists = lists.take_while(move |((of, _, _), _)| *of == seq);
        lists.map(|(_, entry)| entry)
    }

    pub(super) fn place(
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
        let files: Vec<(&'static Table, String, String)> = keys
            .into_iter()
            .filter_map(|key| {
                let (name, digest) = self.kept.remove(&key)?;
                Some((tables::table(&key.0)?, name, digest))
            })
            .collect();
        let wanted: Vec<VersionFile<'_>> = files
            .iter()
            .map(|(table, name, digest)| VersionFile {
                table,
                name,
                digest,
                is_brief: false,
            })
            .collect();
        load::fill(&mut self.units, load::read(&self.folder, &wanted)?);
        Ok(())
    }

    /// Reads the closed files that the next write changes: those that get versions, and those that are merged.
    fn settle(&mut self, head: i64) -> io::Result<()> {
        let ranges = files::ranges(head);
        let stems: BTreeSet<String> = ranges.iter().copied().map(closed_stem).collect();
        self.read_kept(|(_, stem)| !stems.contains(stem))?;
        let mut touched: BTreeSet<(String, String)> = BTreeSet::new();
        for ((table, _), unit) in &self.units {
            let runs = unit.rows.values().flatten();
            let closed: BTreeSet<_> = runs.filter_map(|run| range(unit, *run, &ranges)).collect();
            let stems = closed.into_iter().map(closed_stem);
            touched.extend(stems.map(|stem| (table.clone(), stem)));
        }
        self.read_kept(|key| touched.contains(key))
    }

    /// Reads a folder. Beside a writer, files of the set in force go when the next set is: then that one is read.
    pub(super) fn read(folder: &Path, depth: Depth) -> io::Result<Self> {
        let mut current = files::read_current(folder)?;
        loop {
            let read = Self::read_files(folder, &current, depth);
            let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
            if !read.as_ref().is_err_and(is_gone) {
                return read;
            }
            let next = files::read_current(folder)?;
            if next == current {
                return read;
            }
            current = next;
        }
    }

    fn read_files(
        folder: &Path,
        current: &BTreeMap<String, String>,
        depth: Depth,
    ) -> io::Result<Self> {
        let mut stream = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        for (name, digest) in current {
            let frame = || files::read(folder, name, digest);
            let polars = |error| io::Error::other(format!("{name}: {error}"));
            if name.starts_with("ledger-") {
                let entries = frames::read_ledger(&frame()?).map_err(polars)?;
                let entries = entries.into_iter();
                stream
                    .ledger
                    .extend(entries.map(|entry| (frames::seq(&entry.link), entry)));
            } else if name.starts_with("forks-") {
                stream.forks = frames::read_ledger(&frame()?).map_err(polars)?;
            } else if name.starts_with("observed-") {
                for entry in frames::read_observed(&frame()?).map_err(polars)? {
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
        let mut wanted = Vec::new();
        let mut has_brief = false;
        for (name, digest) in current {
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
            let stays = match depth {
                Depth::Whole | Depth::Moments(_) => false,
                Depth::NowOf(tables) => tables.contains(&table.name),
                Depth::Tail => true,
            };
            if stays && stem.starts_with("closed-") {
                let key = (table.name.to_owned(), stem.to_owned());
                stream.kept.insert(key, (name.clone(), digest.clone()));
                continue;
            }
            let is_brief = match depth {
                Depth::Moments(n) => stream.is_before(table, stem, n),
                _ => false,
            };
            has_brief |= is_brief;
            wanted.push(VersionFile {
                table,
                name,
                digest,
                is_brief,
            });
        }
        load::fill(&mut stream.units, load::read(folder, &wanted)?);
        stream.is_brief = has_brief;
        Ok(stream)
    }

    pub(super) fn write(&mut self, folder: &Path) -> io::Result<()> {
        if self.is_brief {
            let reason = "it was opened to be looked at: versions of its past are not whole";
            return Err(io::Error::other(reason));
        }
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
        // The largest tables are the last by name, and begin first.
        let written = tables::ALL.par_iter().rev().with_max_len(1).map(|table| {
            let frames = self
                .table_frames(table, head)
                .map_err(polars)?
                .into_par_iter();
            let write = |(stem, mut frame): (String, DataFrame)| {
                let stem = format!("{}/{stem}", table.name);
                files::write(folder, &stem, table.name, &mut frame)
            };
            frames.map(write).collect()
        });
        let written: io::Result<Vec<Vec<(String, String)>>> = written.collect();
        written?.into_iter().flatten().for_each(|file| {
            add(file);
        });
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
    ) -> PolarsResult<Vec<(String, DataFrame)>> {
        let ranges = files::ranges(head);
        let mut groups: BTreeMap<Option<(i64, i64)>, Vec<VersionRow<'_>>> = BTreeMap::new();
        let units = self
            .units
            .iter()
            .filter(|((name, _), _)| name == table.name);
        for ((_, scope), unit) in units {
            for (row, intervals) in &unit.rows {
                let key = encode::key_length(table, row);
                for run in intervals {
                    let range = range(unit, *run, &ranges);
                    let last = range.map_or(OPEN, |_| run.last);
                    let group = groups.entry(range).or_default();
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
            .map(|(range, mut rows)| {
                rows.sort_by(|(_, a, a_key, a_run), (_, b, b_key, b_run)| {
                    let identities = a[..*a_key].cmp(&b[..*b_key]);
                    identities.then_with(|| (a_run.first, a).cmp(&(b_run.first, b)))
                });
                let stem = range.map_or_else(|| "open".to_owned(), closed_stem);
                Ok((stem, versions_frame(table, &rows)?))
            })
            .collect()
    }
}

/// Bundles of the closed file that holds a run; nothing while the run is open.
fn range(unit: &Unit, run: Interval, ranges: &[(i64, i64)]) -> Option<(i64, i64)> {
    if Some(run.last) == unit.head() {
        return None;
    }
    let holds = |(from, to): &&(i64, i64)| *from <= run.last && run.last <= *to;
    Some(ranges.iter().find(holds).copied().unwrap_or_default())
}

fn closed_stem((from, to): (i64, i64)) -> String {
    format!("closed-{from}-{to}")
}

#[cfg(test)]
mod tests;
