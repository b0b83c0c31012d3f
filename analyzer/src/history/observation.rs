//! One bundle's rows, parsed and sorted by scope, before they enter the history.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use truenas_common::bundle::{Link, Opened, Part, PlannedList};
use truenas_common::schema::{Cell, Scope, Table};
use truenas_common::tables::{self, ParsedRow};

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

/// What a look at every row of a bundle says, when the rows themselves are not wanted.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Rows of tables that are more than the story of one run.
    pub n_rows: usize,
    /// Files that are not tables of this version.
    pub rejected: Vec<Rejected>,
}

impl Inspection {
    /// Looks at one part, as [`Observation::take`] does.
    pub fn take(&mut self, part: &Part<'_>) {
        let mut n_rows = 0;
        match read_rows(part, |_| n_rows += 1) {
            Ok(table) if table.scope != Scope::Run => self.n_rows += n_rows,
            Ok(_) => {}
            Err(rejected) => self.rejected.push(rejected),
        }
    }
}

/// Reads the lines of a part against the declaration of its table.
fn read_rows(
    part: &Part<'_>,
    mut take: impl FnMut(ParsedRow<'_>),
) -> Result<&'static Table, Rejected> {
    let reject = |reason: String| Rejected {
        path: part.path.to_string(),
        reason,
    };
    let table = part.table.and_then(tables::table);
    let table = table.ok_or_else(|| reject("not a table of this version".to_owned()))?;
    let text = std::str::from_utf8(part.bytes).map_err(|_| reject("not UTF-8 text".to_owned()))?;
    let lines = text.split('\n').filter(|line| !line.is_empty());
    for (index, line) in lines.enumerate() {
        let row = tables::parse_line(table, line);
        take(row.map_err(|error| reject(format!("line {}: {}", index + 1, error.source)))?);
    }
    Ok(table)
}

/// Table and scope: a cluster, an appliance, or empty.
type Key = (String, String);

/// What the bundle says of one table of one scope.
#[derive(Debug, Default)]
struct Told {
    /// Outcome of the worst list.
    outcome: String,
    /// Rows written by all lists.
    n_rows: i64,
}

/// Collects parts while a bundle is being opened.
#[derive(Debug, Default)]
pub struct Observation {
    /// Lines of each table as they came, equal ones each.
    tables: BTreeMap<&'static str, Vec<Box<[u8]>>>,
    /// Files that are not tables of this version.
    pub rejected: Vec<Rejected>,
}

impl Observation {
    /// Takes one part, and keeps what is more than the story of one run; a table that does not fit its declaration is named, not ingested.
    pub fn take(&mut self, part: &Part<'_>) {
        let mut rows = Vec::new();
        let table = match read_rows(part, |row| rows.push(encode::encode(&row.cells))) {
            Ok(table) => table,
            Err(rejected) => {
                self.rejected.push(rejected);
                return;
            }
        };
        if table.scope == Scope::Run {
            return;
        }
        self.tables.entry(table.name).or_default().extend(rows);
    }

    /// Names and row counts of the tables taken.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.tables.iter().map(|(name, rows)| (*name, rows.len()))
    }

    /// Rows by table and scope with the outcome that `collect_status` gives them, and the ledger entry. What the bundle
    /// holds must be what it says it holds: a planned list of which nothing is told, and a list with fewer rows than were
    /// written, have failed.
    pub(super) fn sort(mut self, opened: &Opened) -> (LedgerEntry, BTreeMap<Key, ObservedTable>) {
        let cluster = self
            .first_text("k8s_cluster", "uid")
            .or_else(|| self.first_text("collect_status", "cluster"));
        let mut sorted = self.sort_tables(&opened.info.plan, cluster.as_deref());
        for ((table, _), observed) in &mut sorted {
            observed.files = files(opened, table);
        }
        (self.ledger(opened, cluster), sorted)
    }

    fn sort_tables(
        &mut self,
        plan: &[PlannedList],
        cluster: Option<&str>,
    ) -> BTreeMap<Key, ObservedTable> {
        let told = self.told(plan, cluster);
        let rejected: BTreeSet<String> = self
            .rejected
            .iter()
            .filter_map(|file| file.path.split('/').nth(1).map(str::to_owned))
            .collect();
        let mut sorted: BTreeMap<Key, ObservedTable> = BTreeMap::new();
        for (key, told) in &told {
            let observed = ObservedTable {
                outcome: told.outcome.clone(),
                ..ObservedTable::default()
            };
            sorted.insert(key.clone(), observed);
        }
        let mut n_lines = BTreeMap::new();
        for (name, lines) in std::mem::take(&mut self.tables) {
            let Some(table) = tables::table(name) else {
                continue;
            };
            for (scope, lines) in by_scope(table, cluster, lines) {
                let key = (name.to_owned(), scope);
                let counted = (name, lines_of(table, &key.1));
                n_lines.insert(counted, i64::try_from(lines.len()).unwrap_or(i64::MAX));
                sorted.entry(key).or_default().rows = lines.into_iter().collect();
            }
        }
        for (key, observed) in &mut sorted {
            let Some(table) = tables::table(&key.0) else {
                continue;
            };
            if table.scope == Scope::Bundle && observed.outcome.is_empty() {
                "ok".clone_into(&mut observed.outcome);
            }
            observed.has_conflict = has_conflict(table, &observed.rows);
            let n_told = told.get(key).map_or(0, |told| told.n_rows);
            let counted = (table.name, lines_of(table, &key.1));
            if rejected.contains(&key.0)
                || observed.has_conflict
                || observed.outcome.is_empty()
                || n_told > n_lines.get(&counted).copied().unwrap_or_default()
            {
                "failed".clone_into(&mut observed.outcome);
            }
        }
        sorted
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
            expected_every_secs: info
                .expected_every_secs
                .and_then(|secs| i64::try_from(secs).ok()),
            epoch: info.redaction.as_ref().map_or(0, |redaction| {
                i64::try_from(redaction.epoch).unwrap_or(i64::MAX)
            }),
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

    /// Lines of a table, sorted and each once.
    fn set(&self, table: &Table) -> BTreeSet<&[u8]> {
        let lines = self.tables.get(table.name).into_iter().flatten();
        lines.map(AsRef::as_ref).collect()
    }

    fn first_text(&self, table: &str, column: &str) -> Option<String> {
        let table = tables::table(table)?;
        let (index, _) = table.column(column)?;
        let rows = self.set(table);
        rows.into_iter()
            .find_map(|row| match encode::cells(table, row).nth(index)? {
                Some(Cell::Text(text)) => Some(text.into_owned()),
                _ => None,
            })
    }

    /// What `collect_status` says by table and scope, and every planned table of which it says nothing as failed.
    fn told(&self, plan: &[PlannedList], cluster: Option<&str>) -> BTreeMap<Key, Told> {
        let mut told = self.status();
        let appliances: BTreeSet<String> = told
            .keys()
            .filter(|(table, _)| scope_of(table) == Some(Scope::Appliance))
            .map(|(_, scope)| scope.clone())
            .collect();
        for table in plan.iter().flat_map(|list| &list.tables) {
            let scopes = match scope_of(table) {
                Some(Scope::Appliance) => appliances.iter().cloned().collect(),
                Some(Scope::Cluster) => cluster.map(str::to_owned).into_iter().collect(),
                Some(Scope::Bundle | Scope::Run) | None => Vec::new(),
            };
            for scope in scopes {
                told.entry((table.clone(), scope)).or_insert_with(|| Told {
                    outcome: "failed".to_owned(),
                    n_rows: 0,
                });
            }
        }
        told
    }

    fn status(&self) -> BTreeMap<Key, Told> {
        let mut told: BTreeMap<Key, Told> = BTreeMap::new();
        let Some(table) = tables::table("collect_status") else {
            return told;
        };
        let index = |name: &str| table.column(name).map_or(usize::MAX, |(index, _)| index);
        let [of_table, cluster, appliance, outcome, n_rows] =
            ["table", "cluster", "appliance", "outcome", "n_rows"].map(index);
        for row in self.set(table) {
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
            let entry = told.entry((text(of_table), scope)).or_default();
            if rank(&text(outcome)) >= rank(&entry.outcome) {
                entry.outcome = text(outcome);
            }
            if let Some(Some(Cell::Integer(n_rows))) = cells.get(n_rows) {
                entry.n_rows = entry.n_rows.saturating_add(*n_rows);
            }
        }
        told
    }
}

fn scope_of(table: &str) -> Option<Scope> {
    tables::table(table).map(|table| table.scope)
}

/// Under which scope the lines of a table are counted: a bundle is of one cluster, whatever its status calls it.
fn lines_of(table: &'static Table, scope: &str) -> String {
    match table.scope {
        Scope::Appliance => scope.to_owned(),
        Scope::Cluster | Scope::Bundle | Scope::Run => String::new(),
    }
}

/// Sorted lines of a table for each cluster or appliance; the scope of tables of the bundle is empty.
fn by_scope(
    table: &'static Table,
    cluster: Option<&str>,
    mut lines: Vec<Box<[u8]>>,
) -> Vec<(String, Vec<Box<[u8]>>)> {
    // A collector writes each part sorted, so that a stable sort has little to do.
    lines.sort();
    match table.scope {
        // A file without a line says nothing.
        _ if lines.is_empty() => Vec::new(),
        Scope::Cluster => vec![(cluster.unwrap_or_default().to_owned(), lines)],
        Scope::Bundle | Scope::Run => vec![(String::new(), lines)],
        Scope::Appliance => {
            let mut scopes: Vec<(String, Vec<Box<[u8]>>)> = Vec::new();
            for line in lines {
                let appliance = first_text(table, &line).unwrap_or_default();
                // The appliance leads a line, so those of one follow each other.
                match scopes.last_mut() {
                    Some((held, lines)) if held.as_str() == appliance => lines.push(line),
                    _ => scopes.push((appliance.to_owned(), vec![line])),
                }
            }
            scopes
        }
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

fn first_text<'r>(table: &'static Table, row: &'r [u8]) -> Option<&'r str> {
    match encode::cells(table, row).next()? {
        Some(Cell::Text(Cow::Borrowed(text))) => Some(text),
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

#[cfg(test)]
mod tests;
