//! Windows over readings with gaps, and over none.

use super::*;
use crate::history::Run;

const GIB: i64 = 1 << 30;

/// A pool that grows by its one volume, a GiB a day, and by nothing on days without a reading.
fn space(days: &[i64]) -> Space {
    let mut space = Space {
        times: days.iter().map(|day| day * DAY_SECS + 600).collect(),
        ..Space::default()
    };
    for path in ["tank", "tank/a"] {
        let run = |(reading, day): (usize, &i64)| {
            let data = (100 + day) * GIB + day % 3 * GIB / 8;
            let own = if path == "tank" { 0 } else { data };
            Run {
                from: reading,
                to: reading + 1,
                values: [Some(data), Some(own), Some(0), Some(0), Some(own)],
            }
        };
        let runs = days.iter().enumerate().map(run).collect();
        space.objects.insert(path.to_owned(), runs);
    }
    space
}

fn changed(days: &[i64], from_day: i64) -> Option<Change> {
    let now = days.last().unwrap() * DAY_SECS + 600;
    let space = space(days);
    Change::of(&space, "tank", from_day * DAY_SECS, (DAY_SECS, now))
}

#[test]
fn the_parts_of_a_window_are_the_change_of_the_pool() {
    let days: Vec<i64> = (0..60).collect();
    let change = changed(&days, 30).unwrap();
    assert_eq!(change.n_readings, 30);
    assert_eq!(change.growth.first.0, 30 * DAY_SECS + 600);
    let attribution = change.attribution.unwrap();
    assert_eq!(attribution.delta, change.growth.delta());
    assert_eq!((attribution.parts.len(), attribution.rest), (1, 0));
    let (slope, _) = change.growth.pace().unwrap();
    assert!((slope / GIB as f64 - 1.0).abs() < 0.02, "{slope}");
    assert_eq!(change.snapshot_bytes, Some((0, 0)));
    assert_eq!(change.holes, []);
}

#[test]
fn missing_readings_are_holes_and_not_changes() {
    let change = changed(&[30, 31, 32, 38, 39], 30).unwrap();
    let days: Vec<_> = change
        .holes
        .iter()
        .map(|(from, to)| (from / DAY_SECS, to / DAY_SECS))
        .collect();
    assert_eq!(days, [(32, 38)]);
    assert_eq!(change.growth.pace(), None, "five readings are too few");
    assert!(changed(&[1, 2, 3], 10).is_none());
}

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

#[test]
fn a_window_of_days_begins_with_a_day_and_one_of_hours_does_not() {
    assert_eq!(
        first_moment(40 * DAY_SECS + 5, 30 * DAY_SECS),
        10 * DAY_SECS
    );
    assert_eq!(
        first_moment(40 * DAY_SECS + 5, 36 * 3_600),
        38 * DAY_SECS + 43_205
    );
}
