//! Snapshots over a window.

use super::*;
use crate::history::History;

#[test]
fn snapshots_that_were_not_read_are_a_gap_and_no_number() {
    let history = History::in_memory();
    let mut estate = Estate::at(&history, "d", None).unwrap();
    estate.appliances = vec!["nas".to_owned()];
    let pool = ("nas".to_owned(), "tank".to_owned());
    let none = BTreeMap::new();
    assert_eq!(n_snapshots(&estate, &none, &pool, 0), None);
    assert_eq!(
        snapshot_gaps(&estate),
        ["zfs_snapshot of nas: not collected"]
    );
    let key = ("zfs_snapshot".to_owned(), "nas".to_owned());
    estate.outcomes.insert(key, "empty".to_owned());
    assert_eq!(n_snapshots(&estate, &none, &pool, 0), Some((0, 0)));
    assert_eq!(snapshot_gaps(&estate), [""; 0]);
    let counts = BTreeMap::from([(pool.clone(), vec![(1, 5), (2, 7), (3, 6)])]);
    assert_eq!(n_snapshots(&estate, &counts, &pool, 2), Some((7, 6)));
    assert_eq!(n_snapshots(&estate, &counts, &pool, 9), None);
}
