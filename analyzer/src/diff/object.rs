//! Objects that came, went, changed, were made anew under the same name, or got another name.

use std::collections::BTreeMap;

use truenas_common::schema::{Scope, Table};
use truenas_common::tables;

use crate::history::Estate;
use crate::query::Value;
use crate::query::value::rows;

/// Tables that are no objects: second reads, events, leases, which change every few seconds, and counters, which the
/// bridge of used space explains.
const NO_OBJECTS: &[&str] = &["k8s_again", "k8s_event", "k8s_lease", "zfs_dataset_space"];

/// One object that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectDiff {
    /// Table.
    pub table: &'static str,
    /// Columns of the key with their values, as they are now or were last.
    pub key: Vec<(&'static str, Value)>,
    /// What happened.
    pub change: ObjectChange,
}

/// What happened to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// The same object has other values: column, before, after.
    Changed(Vec<(&'static str, Value, Value)>),
    /// The key is the same and the object is another one.
    Recreated(Vec<(&'static str, Value, Value)>),
    /// The object is the same and the key is another one: the key before.
    Renamed(Vec<(&'static str, Value)>),
}

impl ObjectChange {
    /// The word that readers see.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed(_) => "changed",
            Self::Recreated(_) => "re-created",
            Self::Renamed(_) => "renamed",
        }
    }
}

impl ObjectDiff {
    /// The key as text, without the cluster or appliance.
    pub fn subject(&self) -> String {
        let own = self.key.iter().filter(|(column, _)| !is_scope(column));
        own.map(|(_, value)| value.to_string())
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Cluster or appliance.
    pub fn scope(&self) -> String {
        let scope = self.key.iter().find(|(column, _)| is_scope(column));
        scope
            .map(|(_, value)| value.to_string())
            .unwrap_or_default()
    }
}

fn is_scope(column: &str) -> bool {
    matches!(column, "cluster" | "appliance")
}

/// Differences between two estates, by table and key.
pub fn objects(before: &Estate, after: &Estate) -> Vec<ObjectDiff> {
    let tables = tables::ALL.iter().copied();
    let objects = tables.filter(|table| table.scope != Scope::Bundle);
    objects
        .filter(|table| !NO_OBJECTS.contains(&table.name))
        .flat_map(|table| {
            let columns = columns(table);
            let identity = identity(table);
            compare(
                table.name,
                &columns,
                identity,
                &read(before, table),
                &read(after, table),
            )
        })
        .collect()
}

/// Name and whether it is part of the key, in the order of a frame.
type Columns = Vec<(&'static str, bool)>;
type Row = Vec<Value>;

fn columns(table: &'static Table) -> Columns {
    let lead = (table.scope == Scope::Cluster).then_some(("cluster", true));
    let own = table.columns.iter().map(|column| (column.name, column.key));
    lead.into_iter().chain(own).collect()
}

/// The column that tells an object from another one with the same key, and stays when the key changes.
fn identity(table: &Table) -> Option<&'static str> {
    let mut columns = table.columns.iter().filter(|column| !column.key);
    columns
        .find(|column| matches!(column.name, "uid" | "guid"))
        .map(|column| column.name)
}

fn read(estate: &Estate, table: &Table) -> Vec<Row> {
    estate.frames.get(table.name).map(rows).unwrap_or_default()
}

fn compare(
    table: &'static str,
    columns: &[(&'static str, bool)],
    identity: Option<&str>,
    before: &[Row],
    after: &[Row],
) -> Vec<ObjectDiff> {
    let at = identity.and_then(|name| columns.iter().position(|(column, _)| *column == name));
    let id = |row: &Row| -> Option<String> {
        match row.get(at?) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    };
    let key = |row: &Row| -> Vec<(&'static str, Value)> {
        let cells = columns.iter().zip(row);
        cells
            .filter(|((_, is_key), _)| *is_key)
            .map(|((name, _), value)| (*name, value.clone()))
            .collect()
    };
    let index = |rows: &[Row]| -> BTreeMap<String, usize> {
        let keyed = rows.iter().enumerate();
        keyed.map(|(at, row)| (text(&key(row)), at)).collect()
    };
    let (old, new) = (index(before), index(after));
    // An object whose key went and whose identity came back under another key of the same scope has another name.
    let scope = |row: &Row| row.first().map(ToString::to_string).unwrap_or_default();
    let mut gone: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (_, at) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        if let Some(id) = id(&before[*at]) {
            gone.entry((scope(&before[*at]), id)).or_default().push(*at);
        }
    }
    let mut differences = Vec::new();
    let mut renamed: Vec<usize> = Vec::new();
    for (key_text, at) in &new {
        let row = &after[*at];
        let change = match old.get(key_text) {
            Some(before_at) => {
                let was = &before[*before_at];
                let cells = columns.iter().zip(was.iter().zip(row));
                let differing = cells.filter(|(_, (was, is))| was != is);
                let changed: Vec<_> = differing
                    .map(|((name, _), (was, is))| (*name, was.clone(), is.clone()))
                    .collect();
                if changed.is_empty() {
                    continue;
                }
                let is_other = matches!((id(was), id(row)), (Some(was), Some(is)) if was != is);
                if is_other {
                    ObjectChange::Recreated(changed)
                } else {
                    ObjectChange::Changed(changed)
                }
            }
            None => {
                let former = id(row).and_then(|id| gone.get(&(scope(row), id)));
                match former.map(Vec::as_slice) {
                    Some([only]) if !renamed.contains(only) => {
                        renamed.push(*only);
                        ObjectChange::Renamed(key(&before[*only]))
                    }
                    _ => ObjectChange::Added,
                }
            }
        };
        differences.push(ObjectDiff {
            table,
            key: key(row),
            change,
        });
    }
    for (_, at) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        if !renamed.contains(at) {
            differences.push(ObjectDiff {
                table,
                key: key(&before[*at]),
                change: ObjectChange::Removed,
            });
        }
    }
    differences
}

/// The key as one text; a character that no value holds keeps its parts apart.
fn text(key: &[(&'static str, Value)]) -> String {
    let parts: Vec<String> = key.iter().map(|(_, value)| value.to_string()).collect();
    parts.join("\u{0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [(&str, bool); 4] = [
        ("appliance", true),
        ("path", true),
        ("guid", false),
        ("sync", false),
    ];

    /// Rows as `path guid sync`.
    fn table(lines: &[&str]) -> Vec<Row> {
        let cell = |text: &str| match text {
            "-" => Value::Null,
            text => Value::Text(text.to_owned()),
        };
        let row = |line: &&str| {
            let own = line.split(' ').map(cell);
            std::iter::once(cell("nas")).chain(own).collect()
        };
        lines.iter().map(row).collect()
    }

    #[track_caller]
    fn check(before: &[&str], after: &[&str], expect: &[&str]) {
        let columns = COLUMNS.to_vec();
        let found = compare(
            "zfs_dataset",
            &columns,
            Some("guid"),
            &table(before),
            &table(after),
        );
        let lines = found.iter().map(|object| {
            let rest = match &object.change {
                ObjectChange::Renamed(key) => format!(" from {}", key[1].1),
                ObjectChange::Changed(cells) => {
                    format!(" {} {}>{}", cells[0].0, cells[0].1, cells[0].2)
                }
                _ => String::new(),
            };
            format!("{} {}{rest}", object.change.word(), object.subject())
        });
        assert_eq!(lines.collect::<Vec<_>>(), expect);
    }

    #[test]
    fn objects_come_go_and_change() {
        check(
            &["p/a 1 on", "p/b 2 on"],
            &["p/a 1 off", "p/c 3 on"],
            &["changed p/a sync on>off", "added p/c", "removed p/b"],
        );
        check(&["p/a 1 on"], &["p/a 1 on"], &[]);
    }

    #[test]
    fn the_same_key_with_another_guid_is_another_object() {
        check(&["p/a 1 on"], &["p/a 2 on"], &["re-created p/a"]);
        check(&["p/a 1 on"], &["p/a - on"], &["changed p/a guid 1>NULL"]);
    }

    #[test]
    fn the_same_guid_under_another_key_is_a_rename() {
        check(&["p/a 1 on"], &["p/b 1 on"], &["renamed p/b from p/a"]);
        check(
            &["p/a 1 on", "p/c 1 on"],
            &["p/b 1 on"],
            &["added p/b", "removed p/a", "removed p/c"],
        );
        check(
            &["p/a 1 on"],
            &["p/b 1 on", "p/c 1 on"],
            &["renamed p/b from p/a", "added p/c"],
        );
        check(&["p/a - on"], &["p/b - on"], &["added p/b", "removed p/a"]);
    }
}
