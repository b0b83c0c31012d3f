//! Four days, of which one has failed lists.

use std::collections::BTreeSet;

use super::*;
use crate::history::{LedgerEntry, ObservedTable};
use truenas_common::schema::Kind;

const DAY: i64 = 86_400;

fn entry(seq: i64) -> LedgerEntry {
    LedgerEntry {
        cluster: Some("c".to_owned()),
        started_at: seq * DAY,
        ended_at: seq * DAY,
        ..LedgerEntry::sample("1", seq)
    }
}

/// A row with these values, and something in every other column that may not be empty.
fn row(table: &'static Table, values: &[(&str, Cell<'static>)]) -> Box<[u8]> {
    let cell = |column: &truenas_common::schema::Column| {
        let given = values.iter().find(|(name, _)| *name == column.name);
        match given {
            Some((_, cell)) => Some(cell.clone()),
            None if column.nullable => None,
            None => Some(match column.kind {
                Kind::Text => Cell::Text("x".into()),
                Kind::Integer | Kind::Time => Cell::Integer(1),
                Kind::Bool => Cell::Bool(false),
            }),
        }
    };
    let cells: Vec<_> = table.columns.iter().map(cell).collect();
    encode::encode(&cells)
}

fn text(value: &str) -> Cell<'static> {
    Cell::Text(value.to_owned().into())
}

/// A day with a volume and its dataset of each name, a snapshot of each, and the used bytes of the datasets. An empty
/// outcome is that of a complete list.
fn place(history: &mut History, seq: i64, names: &[&str], used: i64, outcome: &str) {
    let outcome = if outcome.is_empty() { "ok" } else { outcome };
    let mut observed = BTreeMap::new();
    let mut list = |name: &str, scope: &str, row_of: &dyn Fn(&'static Table, &str) -> Box<[u8]>| {
        let table = tables::table(name).unwrap();
        let rows: BTreeSet<_> = names.iter().map(|name| row_of(table, name)).collect();
        let list = ObservedTable {
            outcome: outcome.to_owned(),
            rows,
            has_conflict: false,
            files: String::new(),
        };
        observed.insert((name.to_owned(), scope.to_owned()), list);
    };
    list("k8s_pv", "c", &|table, name| {
        row(table, &[("name", text(name))])
    });
    let path = |name: &str| text(&format!("tank/{name}"));
    list("zfs_dataset", "nas", &|table, name| {
        row(table, &[("appliance", text("nas")), ("path", path(name))])
    });
    list("zfs_dataset_space", "nas", &|table, name| {
        let values = [
            ("appliance", text("nas")),
            ("path", path(name)),
            ("used_bytes", Cell::Integer(used)),
        ];
        row(table, &values)
    });
    list("zfs_snapshot", "nas", &|table, name| {
        let values = [
            ("appliance", text("nas")),
            ("dataset", path(name)),
            ("name", text("s")),
        ];
        row(table, &values)
    });
    history.place_bundle("d", entry(seq), observed);
}

fn history() -> History {
    let mut history = History::in_memory();
    place(&mut history, 1, &["gone", "old"], 10, "");
    place(&mut history, 2, &["old"], 10, "");
    place(&mut history, 3, &["new"], 99, "failed");
    place(&mut history, 4, &["new", "old"], 20, "");
    history
}

fn names(estate: &Estate, table: &str, column: &str) -> Vec<String> {
    let frame = &estate.frames[table];
    let column = frame.column(column).unwrap().str().unwrap();
    column.iter().map(|name| name.unwrap().to_owned()).collect()
}

#[test]
fn what_a_failed_list_shows_is_no_reading_and_the_future_is_not_seen() {
    let history = history();
    let read = |until: i64| history.readings("d", "zfs_dataset_space", ["used_bytes"], until);
    let all = read(i64::MAX);
    assert_eq!(all["nas"].times, [DAY, 2 * DAY, 4 * DAY]);
    let used = |path: &str| all["nas"].points(path, |[used]| *used);
    assert_eq!(used("tank/old"), [(DAY, 10), (2 * DAY, 10), (4 * DAY, 20)]);
    assert_eq!(used("tank/new"), [(4 * DAY, 20)]);
    let before = read(3 * DAY);
    assert_eq!(before["nas"].times, [DAY, 2 * DAY]);
    assert!(!before["nas"].objects.contains_key("tank/new"));
    assert!(
        history
            .readings("other", "zfs_dataset_space", ["used_bytes"], i64::MAX)
            .is_empty()
    );
}

#[test]
fn the_one_pass_agrees_with_the_look_at_one_dataset() {
    let history = history();
    let all = history.readings("d", "zfs_dataset_space", ["used_bytes"], i64::MAX);
    for path in all["nas"].objects.keys() {
        assert_eq!(
            all["nas"].points(path, |[used]| *used),
            history.used_over_time("d", "nas", path, i64::MAX)
        );
    }
}

#[test]
fn snapshots_are_counted_at_each_reading() {
    let counts = history().counts_by_pool("d", "zfs_snapshot", "dataset", i64::MAX);
    let key = ("nas".to_owned(), "tank".to_owned());
    assert_eq!(counts[&key], [(DAY, 2), (2 * DAY, 1), (4 * DAY, 2)]);
    assert_eq!(counts.len(), 1);
}

#[test]
fn what_went_since_a_time_is_back_and_what_went_before_is_not() {
    let history = history();
    let now = Estate::at(&history, "d", None).unwrap();
    assert_eq!(names(&now, "k8s_pv", "name"), ["new", "old"]);
    let past = now.with_past(&history, DAY).unwrap();
    assert_eq!(names(&past, "k8s_pv", "name"), ["gone", "new", "old"]);
    assert_eq!(names(&past, "k8s_pv", "cluster"), ["c", "c", "c"]);
    assert_eq!(
        names(&past, "zfs_dataset", "path"),
        ["tank/gone", "tank/new", "tank/old"]
    );
    let later = now.with_past(&history, 2 * DAY).unwrap();
    assert_eq!(names(&later, "k8s_pv", "name"), ["new", "old"]);
    // At an earlier time nobody knows what comes.
    let then = Estate::at(&history, "d", Some(2 * DAY)).unwrap();
    let past = then.with_past(&history, DAY).unwrap();
    assert_eq!(names(&past, "k8s_pv", "name"), ["gone", "old"]);
}
