//! Whole series: the same bytes, and the numbers that were asked for.

use super::*;

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().display().to_string();
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
    }
    found
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let series = |seed| {
        let folder = tempfile::tempdir().unwrap();
        estate(&options(seed)).write_series(folder.path()).unwrap();
        files(folder.path())
    };
    let first = series(11);
    assert_eq!(first.len(), DAYS * 52);
    assert!(first == series(11));
    assert!(first["000/truenas/pool.query.json"] != series(12)["000/truenas/pool.query.json"]);
}

#[test]
fn numbers_stay_near_what_was_asked_for_over_a_long_series() {
    let options = EstateOptions {
        volumes: 400,
        snapshots: 5_000,
        days: 90,
        churn: 0.02,
        ..options(10)
    };
    let estate = estate(&EstateOptions {
        faults: Vec::new(),
        ..options
    });
    for day in [0, 30, 89] {
        let world = World::of(&estate, day);
        let n_volumes = world.k8s("persistentvolumes").len();
        assert!(
            n_volumes.abs_diff(400) <= 8,
            "{n_volumes} volumes on day {day}"
        );
        let snapshots = world.nas("pool.snapshot", "id");
        assert!(
            snapshots.len().abs_diff(5_000) <= 400,
            "{} snapshots on day {day}",
            snapshots.len()
        );
        let n_periodic = snapshots.keys().filter(|id| id.contains("@auto-")).count();
        assert!((85..=95).contains(&(n_periodic * 100 / snapshots.len())));
    }
}

#[test]
fn without_churn_only_the_traps_move() {
    let estate = estate(&EstateOptions {
        churn: 0.0,
        faults: Vec::new(),
        ..options(13)
    });
    let ids = |day| -> BTreeSet<String> {
        World::of(&estate, day)
            .nas("pool.snapshot", "id")
            .into_keys()
            .collect()
    };
    let (before, after) = (ids(0), ids(4));
    let n_moved = before.symmetric_difference(&after).count();
    assert!(n_moved <= 6, "{n_moved} snapshots of {}", before.len());
    let rows = |day| World::of(&estate, day).datasets();
    let (first, last) = (rows(0), rows(4));
    let differs = |path: &String| {
        last.get(path)
            .is_some_and(|row| row["used"] != first[path]["used"])
    };
    let moved: Vec<&String> = first.keys().filter(|path| differs(path)).collect();
    assert!(moved.len() <= 8, "{moved:?}");
}
