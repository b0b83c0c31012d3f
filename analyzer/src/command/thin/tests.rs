use serde_json::{Value as Json, json};

use super::read::NEEDED;
use super::*;
use crate::tables::written::frame;

mod agreement;

const GIB: i64 = 1 << 30;
const NAS: &str = "nas-a";

/// An estate of one appliance whose lists are complete.
fn estate(tables: &[(&str, Vec<Json>)]) -> Estate {
    let frames = tables.iter().map(|(table, rows)| {
        let rows: Vec<Json> = rows
            .iter()
            .map(|row| {
                let mut row = row.clone();
                row["appliance"] = NAS.into();
                row
            })
            .collect();
        ((*table).to_owned(), frame(table, &rows))
    });
    let outcome = |table: &str| ((table.to_owned(), NAS.to_owned()), "ok".to_owned());
    Estate {
        domain: "d".to_owned(),
        now: 1_700_000_000,
        clusters: Vec::new(),
        appliances: vec![NAS.to_owned()],
        frames: frames.collect(),
        outcomes: NEEDED.map(outcome).into_iter().collect(),
        bundles: Vec::new(),
        pool_readings: Vec::new(),
    }
}

fn answer(estate: Estate) -> Answer {
    super::answer(estate, &Settings::default()).expect("views that can be made")
}

fn zvol(path: &str, volsize: i64, reservation: Option<i64>) -> Json {
    json!({
        "path": path, "parent": "tank", "pool": "tank", "kind": "VOLUME",
        "volsize_bytes": volsize * GIB, "volblocksize_bytes": 16_384,
        "refreservation_bytes": reservation.map(|gib| gib * GIB),
    })
}

fn file_system(path: &str, refquota: i64) -> Json {
    json!({
        "path": path, "parent": "tank", "pool": "tank", "kind": "FILESYSTEM",
        "refquota_bytes": refquota * GIB,
    })
}

fn space(path: &str, [live, snapshots, reserved]: [i64; 3]) -> Json {
    json!({
        "path": path,
        "used_bytes": (live + snapshots + reserved) * GIB,
        "used_by_dataset_bytes": live * GIB,
        "used_by_snapshots_bytes": snapshots * GIB,
        "used_by_refreservation_bytes": reserved * GIB,
        "used_by_children_bytes": 0,
        "referenced_bytes": live * GIB,
    })
}

/// The worked example: five volumes on mirrors.
fn worked() -> Vec<(&'static str, Vec<Json>)> {
    let root = json!({"path": "tank", "pool": "tank", "kind": "FILESYSTEM"});
    let root_space = json!({
        "path": "tank", "used_bytes": 13_030 * GIB, "available_bytes": 7_450 * GIB,
    });
    let vdev = json!({
        "pool": "tank", "role": "data", "guid": "1", "kind": "MIRROR", "n_children": 2,
        "sector_bytes": 4_096,
    });
    vec![
        (
            "nas_pool",
            vec![json!({"name": "tank", "status": "ONLINE"})],
        ),
        ("nas_vdev", vec![vdev]),
        (
            "zfs_dataset",
            vec![
                root,
                zvol("tank/a", 4_096, None),
                zvol("tank/b", 8_192, None),
                zvol("tank/c", 2_048, Some(2_080)),
                file_system("tank/d", 6_144),
                file_system("tank/e", 10_240),
            ],
        ),
        (
            "zfs_dataset_space",
            vec![
                root_space,
                space("tank/a", [2_600, 400, 0]),
                space("tank/b", [3_100, 900, 0]),
                space("tank/c", [1_500, 0, 580]),
                space("tank/d", [2_900, 300, 0]),
                space("tank/e", [700, 50, 0]),
            ],
        ),
    ]
}

fn edited(table: &str, edit: impl FnOnce(&mut Vec<Json>)) -> Estate {
    let mut tables = worked();
    let rows = tables.iter_mut().find(|(name, _)| *name == table);
    edit(&mut rows.expect("a table of the example").1);
    estate(&tables)
}

#[test]
fn the_worked_example_is_told_with_its_figures() {
    let answer = answer(estate(&worked()));
    assert!(answer.is_whole());
    let text = print::text(&answer, 2);
    for expect in [
        "30.0 TiB     35.2 %   not told    19.2 TiB     2.63:1    11.9 TiB",
        "size 20.0 TiB, used 12.8 TiB (63.7 %), free 7.27 TiB",
        "layout: MIRROR of 2, sectors of 4096 B",
        "overcommit 1.50:1; worst case 1.52:1, with snapshots 1.60:1, thin 1.56:1",
        "total 2.84:1; saved 18.9 TiB\n",
        "Volumes by unbacked promise, 2 of 5",
    ] {
        assert!(text.contains(expect), "{expect} in\n{text}");
    }
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let paths = answer.volumes.iter().map(|volume| volume.path.as_str());
    let paths: Vec<&str> = paths.collect();
    assert_eq!(paths, ["tank/e", "tank/b", "tank/d", "tank/a", "tank/c"]);
}

#[test]
fn what_a_version_tells_of_reduction_is_one_column_more() {
    let estate = edited("zfs_dataset_space", |rows| {
        rows[1]["logical_used_bytes"] = (2 * 3_000 * GIB).into();
    });
    let answer = answer(estate);
    let volume = answer.volumes.iter().find(|volume| volume.path == "tank/a");
    let figures = volume.unwrap().figures;
    // Head and snapshots are taken to compress alike.
    assert_eq!(figures.logical_bytes, Some(2 * 2_600 * GIB));
    let saved = figures.saved().unwrap();
    assert_eq!(
        (saved.reduced_bytes, saved.unwritten_bytes),
        (1_496 * GIB, 0)
    );
    let text = print::text(&answer, 5);
    for expect in [
        "2.00:1",
        "of that 1.46 TiB reduced, 17.4 TiB not told apart",
    ] {
        assert!(text.contains(expect), "{expect} in\n{text}");
    }
    let json = table::json(&answer, 5);
    assert_eq!(json["pools"][0]["n_reduction_told"], 1);
    let csv = table::csv(&answer, 1);
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let n_cells: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(n_cells, [24, 24, 24]);
}

#[test]
fn a_list_that_is_not_complete_gives_no_number() {
    for table in NEEDED {
        for outcome in [Some("truncated"), Some("failed"), None] {
            let mut estate = estate(&worked());
            let key = (table.to_owned(), NAS.to_owned());
            estate.outcomes.remove(&key);
            let outcomes = outcome.map(|word| (key, word.to_owned()));
            estate.outcomes.extend(outcomes);
            let answer = answer(estate);
            assert!(answer.pools.is_empty() && answer.volumes.is_empty());
            assert!(!answer.is_whole());
            let expect = (table, outcome.unwrap_or("not collected"));
            let found = answer
                .holes
                .iter()
                .map(|hole| (hole.table, hole.outcome.as_str()));
            assert_eq!(found.collect::<Vec<_>>(), [expect]);
        }
    }
}

#[test]
fn a_pool_that_is_away_has_no_number_and_says_why() {
    let offline = edited("nas_pool", |rows| rows[0]["status"] = "OFFLINE".into());
    let unread = edited("zfs_dataset_space", |rows| {
        rows[0]["available_bytes"] = Json::Null;
    });
    for (estate, expect) in [(offline, "the pool is OFFLINE"), (unread, "was not read")] {
        let answer = answer(estate);
        assert!(!answer.is_whole() && answer.volumes.is_empty());
        let text = print::text(&answer, 5);
        assert!(text.contains(expect), "{text}");
        assert_eq!(
            table::json(&answer, 5)["pools"][0]["state"],
            "not-evaluated"
        );
        assert!(table::csv(&answer, 5).contains(expect));
    }
}

#[test]
fn counters_that_were_not_read_or_do_not_add_up_are_marked() {
    let estate = edited("zfs_dataset_space", |rows| {
        rows[1]["used_by_dataset_bytes"] = Json::Null;
        rows[2]["used_bytes"] = (4_000 * GIB + (1 << 20) + 1).into();
        rows[4]["used_bytes"] = (3_200 * GIB + (1 << 20)).into();
    });
    let answer = answer(estate);
    let torn = answer.volumes.iter().filter(|volume| volume.is_torn);
    let torn: Vec<&str> = torn.map(|volume| volume.path.as_str()).collect();
    assert_eq!(torn, ["tank/b"]);
    let text = print::text(&answer, 5);
    for expect in [
        ">=17.6 TiB",
        "counters of 1 volume were not read",
        "1 volume was read while changing",
        "parts of `used` are not its sum",
    ] {
        assert!(text.contains(expect), "{expect} in\n{text}");
    }
    assert_eq!(answer.volumes.last().unwrap().path, "tank/a");
}

#[test]
fn a_layout_that_is_not_told_counts_blocks_as_their_size() {
    let estate = edited("nas_vdev", |rows| rows[0]["kind"] = "DRAID2".into());
    let answer = answer(estate);
    let volume = answer.volumes.iter().find(|volume| volume.path == "tank/a");
    let figures = volume.unwrap().figures;
    assert!(!figures.is_layout_known);
    assert_eq!(figures.worst_bytes, 4_096 * GIB + 262_408 * 262_144);
    let text = print::text(&answer, 5);
    assert!(
        text.contains("3 zvols on a layout of unknown overhead"),
        "{text}"
    );
}

#[test]
fn reservations_beside_snapshots_and_small_blocks_have_their_lists() {
    let mut tables = worked();
    for (table, rows) in &mut tables {
        match *table {
            "nas_vdev" => {
                rows[0]["kind"] = "RAIDZ2".into();
                rows[0]["n_children"] = 8.into();
            }
            "zfs_dataset" => rows[1]["volblocksize_bytes"] = 4_096.into(),
            "zfs_dataset_space" => rows[3] = space("tank/c", [1_500, 1_500, 2_080]),
            _ => {}
        }
    }
    let answer = answer(estate(&tables));
    let [reserved] = answer.reserved.as_slice() else {
        panic!("one reservation counts twice");
    };
    assert_eq!(reserved.held_twice_bytes, 1_500 * GIB);
    assert_eq!(reserved.next_snapshot_bytes, Some(0));
    assert_eq!(answer.pools[0].held_twice_bytes, 1_500 * GIB);
    // 17 of 32 charged parts are overhead.
    let dearest = &answer.blocks[0];
    assert_eq!((dearest.block_bytes, dearest.n_zvols), (4_096, 1));
    assert_eq!(dearest.overhead_bytes(), 2_600 * GIB / 32 * 17);
    let text = print::text(&answer, 5);
    for expect in ["held twice", "2.14:1", "Small blocks on parity, 2"] {
        assert!(text.contains(expect), "{expect} in\n{text}");
    }
    let json = table::json(&answer, 5);
    assert_eq!(json["blocks"][0]["charged_per_mille"], 2_134);
    assert_eq!(json["reserved"][0]["held_twice_bytes"], 1_500 * GIB);
}

#[test]
fn volumes_without_a_limit_stand_apart() {
    let estate = edited("zfs_dataset", |rows| {
        let row = &mut rows[5];
        row["refquota_bytes"] = Json::Null;
        row["is_managed"] = true.into();
        row["managed_source"] = "local".into();
        row["csi_volume_name"] = "pvc-e".into();
        row["csi_volume_name_source"] = "local".into();
    });
    let answer = answer(estate);
    assert_eq!((answer.volumes.len(), answer.unlimited.len()), (4, 1));
    assert_eq!(answer.pools[0].n_unlimited, 1);
    let text = print::text(&answer, 5);
    assert!(text.contains("1 volume has no limit"), "{text}");
    assert!(
        text.contains("Volumes without a limit, 1\ntank/e\n"),
        "{text}"
    );
}

#[test]
fn one_pool_can_be_asked_for_by_its_name() {
    let two = || {
        let mut tables = worked();
        for (table, rows) in &mut tables {
            match *table {
                "nas_pool" => rows.push(json!({"name": "cold", "status": "ONLINE"})),
                "zfs_dataset_space" => rows.push(json!({
                    "path": "cold", "used_bytes": 900 * GIB, "available_bytes": 124 * GIB,
                })),
                _ => {}
            }
        }
        answer(estate(&tables))
    };
    let mut answer = two();
    let text = print::text(&answer, 5);
    for expect in [
        "Of 2 pools, short of space: 1.",
        "Most unbacked: tank, 2.63:1 of what is free",
        "Fullest: cold, 87.9 %; all of them together 64.8 %",
    ] {
        assert!(text.contains(expect), "{expect} in\n{text}");
    }
    answer.keep_pool("tank").unwrap();
    assert_eq!((answer.pools.len(), answer.volumes.len()), (1, 5));
    let mut answer = two();
    answer.keep_pool("cold").unwrap();
    assert_eq!((answer.pools.len(), answer.volumes.len()), (1, 0));
    let error = two().keep_pool("gold").unwrap_err().to_string();
    assert!(error.contains("the pools are: cold, tank"), "{error}");
}
