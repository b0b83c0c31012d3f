use serde_json::json;

use super::*;
use crate::query::Value;

#[test]
fn every_maker_has_its_snapshots_and_what_only_they_hold() {
    let section = section(&world(), Show::Creators);
    let found = cells(
        &section,
        ["appliance", "maker", "n_snapshots", "n_kept", "held_bytes"],
    );
    let expect = [
        ("nas-a", "democratic-csi", 1, 0, 1),
        ("nas-a", "manual-or-foreign", 1, 0, 4),
        // Two that are no neighbours: two runs, as in the worked example.
        ("nas-a", "periodic-task", 2, 0, 5),
        ("nas-b", "clone-source", 1, 1, 0),
        ("nas-b", "detached-copy", 1, 0, 11),
        ("nas-b", "replication", 1, 0, 0),
        ("nas-b", "truenas-csi", 1, 0, 5),
        ("nas-b", "unknown", 1, 0, 0),
    ];
    let expect = expect.map(|(appliance, maker, n, n_kept, gib)| {
        [
            text(appliance),
            text(maker),
            Cell::Count(n),
            Cell::Count(n_kept),
            Cell::Bytes(gib * GIB),
        ]
    });
    assert_eq!(found, expect);
    let ages = cells(&section, ["maker", "oldest_at", "newest_at"]);
    let periodic = ages.iter().find(|row| row[0] == text("periodic-task"));
    let [_, oldest, newest] = periodic.expect("a row");
    assert_eq!(
        (oldest, newest),
        (&Cell::At(NOW - 9 * DAY), &Cell::At(NOW - DAY / 2))
    );
    assert_eq!(total(&section, "n_snapshots"), Cell::Count(9));
    assert_eq!(total(&section, "n_csi"), Cell::Count(2));
}

#[test]
fn what_several_snapshots_share_is_a_bound_and_a_broken_dataset_gives_none() {
    let snapshot = [("dataset", "tank/v/pvc-a"), ("name", "snapshot-u1")];
    let held = |estate: &Estate| {
        let section = section(estate, Show::Creators);
        let rows = cells(&section, ["maker", "held_bytes", "least_bytes", "n_marked"]);
        let mut rows = rows.into_iter();
        rows.find(|row| row[0] == text("democratic-csi"))
            .expect("a row")
    };
    let unknown = with(
        world(),
        "zfs_snapshot",
        snapshot,
        &json!({"used_bytes": null}),
    );
    let [_, bytes, least, _] = held(&unknown);
    assert_eq!(bytes, Cell::Least(0));
    assert_eq!(least, Cell::Bytes(0));
    let broken = with(
        world(),
        "zfs_snapshot",
        snapshot,
        &json!({"written_bytes": 95 * GIB}),
    );
    let [_, bytes, least, n_marked] = held(&broken);
    assert_eq!((bytes, least), (Cell::None, Cell::None));
    assert_eq!(n_marked, Cell::Count(1));
}

#[test]
fn a_name_of_a_task_that_covers_nothing_here_has_no_known_maker() {
    // The task is left out of the volume that it made snapshots of.
    let estate = with(
        world(),
        "nas_snapshot_task_exclude",
        [("appliance", "nas-a"), ("dataset", "tank/v/pvc-n")],
        &json!({"dataset": "tank/v/pvc-a"}),
    );
    let section = section(&estate, Show::Creators);
    let rows = cells(&section, ["appliance", "maker", "n_snapshots"]);
    assert!(rows.contains(&[text("nas-a"), text("unknown"), Cell::Count(2)]));
    assert!(!rows.iter().any(|row| row[1] == text("periodic-task")));
}

#[test]
fn rates_count_from_the_oldest_snapshot_and_shares_round_up() {
    let section = section(&world(), Show::Growth);
    let rows = cells(
        &section,
        [
            "kind",
            "appliance",
            "dataset",
            "written_bytes_per_day",
            "head_bytes_per_day",
            "share_per_mille",
            "overhead_per_mille",
        ],
    );
    let rate = |bytes: i64, days: i64| Cell::BytesPerDay((bytes + days - 1) / days);
    let volume = &rows[2];
    assert_eq!(volume[2], text("tank/v/pvc-a"));
    assert_eq!(volume[3], rate(26 * GIB, 9));
    assert_eq!(volume[4], Cell::BytesPerDay(14 * GIB));
    assert_eq!(volume[5], Cell::PerMille(284));
    assert_eq!(volume[6], Cell::PerMille(395));
    let pool = &rows[0];
    assert_eq!((&pool[0], &pool[1]), (&text("pool"), &text("nas-a")));
    let (Cell::BytesPerDay(of_pool), Cell::BytesPerDay(of_volume)) = (&pool[3], &volume[3]) else {
        panic!("rates: {pool:?}");
    };
    assert_eq!(of_pool - of_volume, (6 * GIB + 39) / 40);
    assert_eq!(pool[5], Cell::PerMille(233));
    // A dataset that nothing is written to has a rate of zero, and stands last.
    let last = rows.last().expect("rows");
    assert_eq!(last[2], text("big/r/pvc-b"));
    assert_eq!(last[3], Cell::BytesPerDay(0));
}

#[test]
fn counts_of_the_history_stand_beside_those_of_today() {
    let estate = world();
    let clocks = Clocks::new();
    let (datasets, _) = read::datasets(&estate, &clocks);
    let key = ("nas-a".to_owned(), "tank".to_owned());
    let counts = BTreeMap::from([(key, vec![(NOW - 30 * DAY, 2), (NOW, 4)])]);
    let shown = BTreeSet::from([Show::Growth]);
    let facts = facts::Facts::new(estate.clone(), &Settings::default(), &shown);
    let facts = facts.expect("views that can be made");
    let section = growth::section(&facts, &datasets, &counts, &[]);
    let section = section.expect("a section");
    let rows = cells(&section, ["pool", "n_snapshots", "n_before", "before_at"]);
    let before = [Cell::Count(2), Cell::At(NOW - 30 * DAY)];
    assert_eq!(
        rows[0],
        [
            text("tank"),
            Cell::Count(4),
            before[0].clone(),
            before[1].clone()
        ]
    );
    assert_eq!(rows[1][2], Cell::None);
}

#[test]
fn tasks_stand_beside_what_they_made_and_what_no_task_made_comes_last() {
    let section = section(&world(), Show::Retention);
    let rows = cells(
        &section,
        [
            "kind",
            "appliance",
            "place",
            "n_datasets",
            "n_expected",
            "n_snapshots",
            "n_over",
            "oldest_over_age_secs",
        ],
    );
    let count = Cell::Count;
    let row = |[kind, appliance, place]: [&str; 3], figures: [Cell; 5]| {
        let [a, b, c, d, e] = figures;
        [text(kind), text(appliance), text(place), a, b, c, d, e]
    };
    let expect = [
        row(
            ["task", "nas-a", "tank/v"],
            [count(3), count(6), count(2), count(1), Cell::Secs(9 * DAY)],
        ),
        // For ever: nothing is past a lifetime that is none.
        row(
            ["task", "nas-b", "big/v"],
            [count(1), Cell::None, count(0), Cell::None, Cell::None],
        ),
        row(
            ["manual-or-foreign", "nas-a", "tank"],
            [
                Cell::None,
                Cell::None,
                count(1),
                Cell::None,
                Cell::Secs(40 * DAY),
            ],
        ),
        row(
            ["left-of-no-task", "nas-b", "big"],
            [
                Cell::None,
                Cell::None,
                count(1),
                Cell::None,
                Cell::Secs(10 * DAY),
            ],
        ),
    ];
    assert_eq!(rows, expect);
    let found = cells(&section, ["finding"]);
    let never = ["SCH-002 no-lifetime (confirmed)".to_owned()];
    assert_eq!(found[1], [Cell::Words(never.to_vec())]);
    assert_eq!(total(&section, "n_never_pruning"), Cell::Count(1));
    assert_eq!(total(&section, "n_over"), Cell::Count(1));
    assert_eq!(total(&section, "n_of_no_task"), Cell::Count(2));
}

#[test]
fn what_retention_cannot_remove_is_not_past_its_lifetime() {
    let n_over = |changes: &Json| {
        let estate = with(
            world(),
            "zfs_snapshot",
            [("dataset", "tank/v/pvc-a"), ("name", "auto-9")],
            changes,
        );
        total(&section(&estate, Show::Retention), "n_over")
    };
    assert_eq!(n_over(&json!({})), Cell::Count(1));
    assert_eq!(n_over(&json!({"n_holds": 1})), Cell::Count(0));
    // Two days and one period of slack.
    assert_eq!(
        n_over(&json!({"created_at": NOW - 3 * DAY})),
        Cell::Count(0)
    );
    assert_eq!(
        n_over(&json!({"created_at": NOW - 3 * DAY - 1})),
        Cell::Count(1)
    );
}

#[test]
fn the_slack_of_a_pool_or_class_is_that_of_the_check() {
    let volume = [("cluster", "c-1"), ("name", "pvc-a")];
    let classed = with(world(), "k8s_pv", volume, &json!({"storage_class": "fast"}));
    let slack = |place: &str, n: i64| format!("{place}: {{SNP-007: {{slack_periods: {n}}}}}");
    // Nine days old, of a lifetime of two days, a run a day.
    for (text, n_over) in [
        ("# as it comes".to_owned(), 1),
        (format!("pools: {{{}}}", slack("tank", 6)), 1),
        (format!("pools: {{{}}}", slack("tank", 7)), 0),
        (format!("pools: {{{}}}", slack("big", 7)), 1),
        (format!("classes: {{{}}}", slack("fast", 7)), 0),
        (format!("classes: {{{}}}", slack("slow", 7)), 1),
        (
            format!(
                "thresholds: {{SNP-007: {{slack_periods: 7}}}}\npools: {{{}}}",
                slack("tank", 6)
            ),
            1,
        ),
        (
            format!(
                "pools: {{{}}}\nclasses: {{{}}}",
                slack("tank", 7),
                slack("fast", 1)
            ),
            1,
        ),
    ] {
        let settings = settings(&text);
        let section = section_set(&classed, Show::Retention, &settings);
        assert_eq!(total(&section, "n_over"), Cell::Count(n_over), "{text}");
        let found = findings(&classed, &settings, "SNP-007");
        let counts = found.iter().map(|finding| {
            let n = facts::evidence(finding, "n_over").and_then(Value::as_integer);
            n.expect("a count")
        });
        assert_eq!(counts.sum::<i64>(), n_over, "{text}");
    }
}

#[test]
fn a_list_of_an_appliance_that_was_not_read_blinds_that_appliance_alone() {
    let estate = world();
    for table in ["zfs_snapshot", "zfs_dataset", "nas_replication_task"] {
        blinded(&estate, Show::Creators, table, "nas-a", "appliance");
    }
    for table in ["zfs_snapshot", "zfs_dataset_space", "nas_pool"] {
        blinded(&estate, Show::Growth, table, "nas-b", "appliance");
    }
    for table in ["nas_snapshot_task", "zfs_snapshot", "nas_replication_task"] {
        blinded(&estate, Show::Retention, table, "nas-b", "appliance");
    }
    let blind = estate
        .with_failed("zfs_snapshot", "nas-a")
        .expect("columns");
    for show in [Show::Creators, Show::Growth, Show::Retention] {
        let rows = cells(&section(&blind, show), ["appliance"]);
        assert!(rows.contains(&[text("nas-b")]), "{show:?}");
    }
}

#[test]
fn a_list_of_a_cluster_that_was_not_read_leaves_no_maker_for_certain() {
    let blind = world().with_failed("k8s_pv", "c-2").expect("columns");
    let section = section(&blind, Show::Creators);
    assert!(section.is_blind() && !section.is_whole());
    let scopes: Vec<&str> = section.gaps.iter().map(|gap| gap.scope.as_str()).collect();
    assert_eq!(scopes, NAS);
}
