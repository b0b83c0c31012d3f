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

fn attributed(most: usize) -> String {
    let days: Vec<i64> = (0..2).collect();
    let mut space = space(&days);
    // Beside the volume: a dataset that goes, and blocks that no dataset has.
    let gone = Run {
        from: 0,
        to: 1,
        values: [Some(GIB), Some(GIB), Some(0), Some(0), Some(GIB)],
    };
    space.objects.insert("tank/old".to_owned(), vec![gone]);
    let root = space.objects.get_mut("tank").unwrap();
    root[1].values[0] = root[1].values[0].map(|bytes| bytes + GIB);
    let change = Change::of(&space, "tank", 0, (DAY_SECS, DAY_SECS)).unwrap();
    let object = |name: &str, claim: Option<&str>, path: &str| Object {
        cluster: "c".to_owned(),
        name: name.to_owned(),
        namespace: claim.map(|_| "shop".to_owned()),
        claim: claim.map(str::to_owned),
        dataset: Some(("nas".to_owned(), path.to_owned())),
        ..Object::default()
    };
    let objects = [
        object("pv-1", Some("data"), "tank/a"),
        object("pv-2", None, "tank/old"),
    ];
    let owners = Owners::of(&objects, &["c".to_owned()]);
    let json = change.attribution_json("nas", most, &owners);
    let parts = json["datasets"].as_array().unwrap().iter();
    let shown: i64 = parts
        .map(|part| part["change_bytes"].as_i64().unwrap())
        .sum();
    let others = json["other_datasets_bytes"].as_i64().unwrap();
    let rest = json["rest_bytes"].as_i64().unwrap();
    assert_eq!(shown + others + rest, change.growth.delta());
    if most > 0 {
        assert_eq!(json["datasets"][0]["claims"][0]["claim"], "data");
    }
    change.attribution_text("nas", most, &owners)
}

#[test]
fn each_part_of_a_change_has_its_claim_its_bytes_and_its_share_and_the_rest_is_printed() {
    // A GiB and an eighth by the volume, one by nobody, and one less by what went: of 2 1/8 GiB.
    assert_eq!(
        attributed(9),
        "          change         data    snapshots  reservation    share\n  \
         tank/a\n    claim shop/data\n       \
         +1.13 GiB    +1.13 GiB          0 B          0 B   53.0 %\n  \
         tank/old (gone)\n    volume pv-2 without a claim\n       \
         -1.00 GiB    -1.00 GiB          0 B          0 B\n  \
         rest\n       \
         +2.00 GiB                                          94.2 %\n  \
         gone      1 dataset, -1.00 GiB\n"
    );
    let short = attributed(0);
    assert!(
        short.contains("  2 more datasets\n        +128 MiB"),
        "{short}"
    );
}

#[test]
fn a_claim_is_told_with_its_cluster_where_there_are_several() {
    let object = Object {
        cluster: "c".to_owned(),
        namespace: Some("shop".to_owned()),
        claim: Some("data".to_owned()),
        dataset: Some(("nas".to_owned(), "tank/a".to_owned())),
        ..Object::default()
    };
    let owners = Owners::of([&object], &["c".to_owned(), "d".to_owned()]);
    assert_eq!(owners.text("nas", "tank/a"), "    claim shop/data of c\n");
    assert_eq!(owners.text("other", "tank/a"), "");
}
