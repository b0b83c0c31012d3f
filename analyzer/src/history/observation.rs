//! One bundle's rows, parsed and sorted by scope, before they enter the history.

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::bundle::{Link, Opened, Part};
use truenas_common::schema::{Cell, Scope, Table};
use truenas_common::tables;

use super::encode;
use super::ledger::LedgerEntry;

/// One table of one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedTable {
    /// Outcome word.
    pub outcome: String,
    pub(super) rows: BTreeSet<Box<[u8]>>,
    /// Whether two rows have one identity and different content.
    pub has_conflict: bool,
    /// Files that hold the table, with their digests, one a line as in a manifest.
    pub files: String,
}

impl ObservedTable {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }
}

/// A file that is in the bundle but not in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Entry.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Collects parts while a bundle is being opened.
#[derive(Debug, Default)]
pub struct Observation {
    tables: BTreeMap<&'static str, BTreeSet<Box<[u8]>>>,
    /// Files that are not tables of this version.
    pub rejected: Vec<Rejected>,
}

impl Observation {
    /// Takes one part; a table that does not fit its declaration is named, not ingested.
    pub fn take(&mut self, part: &Part<'_>) {
        let reject = |reason: String| Rejected {
            path: part.path.to_string(),
            reason,
        };
        let Some(table) = part.table.and_then(tables::table) else {
            self.rejected
                .push(reject("not a table of this version".to_owned()));
            return;
        };
        let mut rows = Vec::new();
        for (index, line) in part
            .bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .enumerate()
        {
            match tables::parse_line(table, line) {
                Ok(row) => rows.push(encode::encode(&row.cells)),
                Err(error) => {
                    self.rejected
                        .push(reject(format!("line {}: {}", index + 1, error.source)));
                    return;
                }
            }
        }
        self.tables.entry(table.name).or_default().extend(rows);
    }

    /// Names and row counts of the tables taken.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.tables.iter().map(|(name, rows)| (*name, rows.len()))
    }

    /// Rows by table and scope with the outcome that `collect_status` gives them, and the ledger entry.
    pub(super) fn sort(
        mut self,
        opened: &Opened,
    ) -> (LedgerEntry, BTreeMap<(String, String), ObservedTable>) {
        let cluster = self
            .first_text("k8s_cluster", "uid")
            .or_else(|| self.first_text("collect_status", "cluster"));
        let outcomes = self.outcomes();
        let rejected: BTreeSet<String> = self
            .rejected
            .iter()
            .filter_map(|file| file.path.split('/').nth(1).map(str::to_owned))
            .collect();
        let mut sorted: BTreeMap<(String, String), ObservedTable> = BTreeMap::new();
        for ((table, scope), outcome) in &outcomes {
            let observed = ObservedTable {
                outcome: outcome.clone(),
                ..ObservedTable::default()
            };
            sorted.insert((table.clone(), scope.clone()), observed);
        }
        for (name, rows) in std::mem::take(&mut self.tables) {
            let Some(table) = tables::table(name) else {
                continue;
            };
            for row in rows {
                let scope = match table.scope {
                    Scope::Appliance => first_text(table, &row).unwrap_or_default(),
                    Scope::Cluster => cluster.clone().unwrap_or_default(),
                    Scope::Bundle => String::new(),
                };
                let observed = sorted.entry((name.to_owned(), scope)).or_default();
                observed.rows.insert(row);
            }
        }
        for ((name, _), observed) in &mut sorted {
            let Some(table) = tables::table(name) else {
                continue;
            };
            if table.scope == Scope::Bundle && observed.outcome.is_empty() {
                "ok".clone_into(&mut observed.outcome);
            }
            observed.has_conflict = has_conflict(table, &observed.rows);
            observed.files = files(opened, name);
            if rejected.contains(name) || observed.has_conflict || observed.outcome.is_empty() {
                "failed".clone_into(&mut observed.outcome);
            }
        }
        (self.ledger(opened, cluster), sorted)
    }

    fn ledger(&self, opened: &Opened, cluster: Option<String>) -> LedgerEntry {
        let info = &opened.info;
        let ended_at = opened.ended_at.unix_secs();
        let start = info
            .captured
            .as_ref()
            .and_then(|captured| truenas_common::time::Time::parse(&captured.start));
        LedgerEntry {
            bundle: info.bundle.clone(),
            site: info.site.clone(),
            link: Link {
                stream: info.stream.clone(),
                seq: info.seq,
                prev: info.prev.clone(),
                sha256: opened.outer.comment.sha256.clone(),
            },
            prev_reason: info.prev_reason,
            cluster,
            started_at: start.map_or(ended_at, truenas_common::time::Time::unix_secs),
            ended_at,
            key_check: info
                .redaction
                .as_ref()
                .map(|redaction| redaction.key_check.clone())
                .unwrap_or_default(),
            profile: info
                .redaction
                .as_ref()
                .map(|redaction| redaction.profile.clone())
                .unwrap_or_default(),
            collector: info
                .collector
                .as_ref()
                .map(|collector| collector.version.clone())
                .unwrap_or_default(),
            site_key: opened.outer.key.fingerprint().to_string(),
            marks: info.marks.join(","),
        }
    }

    fn first_text(&self, table: &str, column: &str) -> Option<String> {
        let table = tables::table(table)?;
        let (index, _) = table.column(column)?;
        let rows = self.tables.get(table.name)?;
        rows.iter()
            .find_map(|row| match encode::cells(table, row).nth(index)? {
                Some(Cell::Text(text)) => Some(text.into_owned()),
                _ => None,
            })
    }

    /// Worst outcome by table and scope. The second read fills `k8s_again` and says nothing about the first.
    fn outcomes(&self) -> BTreeMap<(String, String), String> {
        let mut outcomes: BTreeMap<(String, String), String> = BTreeMap::new();
        let Some(table) = tables::table("collect_status") else {
            return outcomes;
        };
        let index = |name: &str| table.column(name).map_or(usize::MAX, |(index, _)| index);
        let [of_table, cluster, appliance, outcome] =
            ["table", "cluster", "appliance", "outcome"].map(index);
        for row in self.tables.get(table.name).into_iter().flatten() {
            let cells: Vec<_> = encode::cells(table, row).collect();
            let text = |index: usize| match cells.get(index) {
                Some(Some(Cell::Text(text))) => text.to_string(),
                _ => String::new(),
            };
            let scope = if text(appliance).is_empty() {
                text(cluster)
            } else {
                text(appliance)
            };
            let entry = outcomes.entry((text(of_table), scope)).or_default();
            if rank(&text(outcome)) >= rank(entry) {
                *entry = text(outcome);
            }
        }
        outcomes
    }
}

/// The lines of the bag's manifest for one table.
fn files(opened: &Opened, table: &str) -> String {
    let folder = format!("data/{table}/");
    let ours = opened
        .files
        .iter()
        .map(|(path, sha256)| (path.to_string(), sha256));
    ours.filter(|(path, _)| path.starts_with(&folder))
        .map(|(path, sha256)| format!("{sha256}  {path}\n"))
        .collect()
}

fn rank(outcome: &str) -> u8 {
    match outcome {
        "" => 0,
        // A table with two lists is complete when the served one is: the other kind does not exist.
        "unsupported" => 1,
        "empty" => 2,
        "ok" => 3,
        _ => 4,
    }
}

fn first_text(table: &'static Table, row: &[u8]) -> Option<String> {
    match encode::cells(table, row).next()? {
        Some(Cell::Text(text)) => Some(text.into_owned()),
        _ => None,
    }
}

fn has_conflict(table: &'static Table, rows: &BTreeSet<Box<[u8]>>) -> bool {
    let keys = rows
        .iter()
        .map(|row| &row[..encode::key_length(table, row)]);
    let mut keys = keys.peekable();
    while let Some(key) = keys.next() {
        if keys.peek() == Some(&key) {
            return true;
        }
    }
    false
}
