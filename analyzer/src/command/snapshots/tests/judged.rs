use serde_json::json;

use super::*;

#[test]
fn each_claim_has_its_newest_restore_point_of_any_kind() {
    let section = section(&world(), Show::Coverage);
    let rows = cells(
        &section,
        [
            "cluster",
            "claim",
            "kind",
            "age_secs",
            "n_kinds",
            "is_planned",
            "bucket",
        ],
    );
    let row = |names: [&str; 3], age: Cell, n: i64, is_planned: bool, bucket: &str| {
        let [cluster, claim, kind] = names.map(text);
        let (n, is_planned) = (Cell::Count(n), Cell::Truth(is_planned));
        [cluster, claim, kind, age, n, is_planned, text(bucket)]
    };
    let days = |n: i64| Cell::Secs(n * DAY);
    let expect = [
        row(["c-1", "n", "none"], Cell::None, 0, false, "none"),
        row(["c-1", "b", "replication"], days(40), 1, true, "older"),
        // The same name in another cluster: its snapshot is older than the backup.
        row(
            ["c-2", "a", "velero-backup"],
            days(3),
            2,
            false,
            "within-7-days",
        ),
        // The newest snapshot that says it is ready is gone, and does not count.
        row(
            ["c-1", "a", "task-snapshot"],
            Cell::Secs(DAY / 2),
            2,
            true,
            "within-1-day",
        ),
    ];
    assert_eq!(rows, expect);
    let found = cells(&section, ["finding"]);
    let unprotected = "SNP-011 unprotected (confirmed)".to_owned();
    assert_eq!(found[0], [Cell::Words(vec![unprotected])]);
    assert_eq!(found[1], [Cell::None]);
    for (name, n) in [
        ("n_claims", 4),
        ("n_within_1_day", 1),
        ("n_within_7_days", 1),
        ("n_within_30_days", 0),
        ("n_older", 1),
        ("n_none", 1),
    ] {
        assert_eq!(total(&section, name), Cell::Count(n), "{name}");
    }
}

#[test]
fn a_backup_that_expired_or_may_leave_the_claim_out_is_no_restore_point() {
    let backup = [("cluster", "c-2"), ("uid", "b1")];
    let row = |changes: &Json| {
        let estate = with(world(), "k8s_velero_backup", backup, changes);
        let section = section(&estate, Show::Coverage);
        let rows = cells(&section, ["cluster", "kind", "is_in_doubt"]);
        let row = rows.into_iter().find(|row| row[0] == text("c-2"));
        row.expect("a claim of the cluster")
    };
    let snapshot = |is_in_doubt| [text("c-2"), text("csi-snapshot"), Cell::Truth(is_in_doubt)];
    assert_eq!(row(&json!({"expires_at": NOW})), snapshot(false));
    assert_eq!(row(&json!({"is_selective": true})), snapshot(true));
    assert_eq!(row(&json!({"phase": "Failed"})), snapshot(false));
    assert_eq!(
        row(&json!({"expires_at": NOW + 1}))[1],
        text("velero-backup")
    );
}

#[test]
fn a_replication_that_says_it_finished_is_told_and_not_seen() {
    let task = [("appliance", "nas-a"), ("target_path", "big/r")];
    let finished = json!({"state": "FINISHED", "state_at": NOW - DAY});
    let estate = with(world(), "nas_replication_task", task, &finished);
    // No copy is in sight any more.
    let copy = [("appliance", "nas-b"), ("dataset", "big/r/pvc-b")];
    let estate = with(estate, "zfs_snapshot", copy, &json!({"guid": "another"}));
    let section = section(&estate, Show::Coverage);
    let rows = cells(&section, ["claim", "kind", "evidence", "taken_at"]);
    let at = Cell::At(NOW - 40 * DAY);
    assert!(
        rows.contains(&[text("b"), text("replication"), text("told"), at]),
        "{rows:?}"
    );
}

#[test]
fn what_the_checks_find_is_listed_and_how_long_snapshots_take() {
    let section = section(&world(), Show::Operations);
    let rows = cells(
        &section,
        [
            "scope",
            "what",
            "subject",
            "check",
            "age_secs",
            "n",
            "longest_secs",
        ],
    );
    let found = |what: &str, subject: &str, check: &str, age: i64| {
        let [scope, what, subject, check] = ["c-1", what, subject, check].map(text);
        [
            scope,
            what,
            subject,
            check,
            Cell::Secs(age),
            Cell::None,
            Cell::None,
        ]
    };
    let taken = |cluster: &str, n: i64| {
        let [scope, what, subject] = [cluster, "taken", "k"].map(text);
        let none = [Cell::None, Cell::None];
        let [check, age] = none;
        [
            scope,
            what,
            subject,
            check,
            age,
            Cell::Count(n),
            Cell::Secs(5),
        ]
    };
    let expect = [
        found("failed", "shop/s3", "SNP-005", 3 * DAY),
        found("deleting", "shop/s4", "ORP-019", 2 * DAY),
        taken("c-1", 3),
        taken("c-2", 1),
    ];
    assert_eq!(rows, expect);
    for (name, n) in [
        ("n_snapshots", 5),
        ("n_ready", 3),
        ("n_making", 1),
        ("n_deleting", 1),
        ("n_failed", 1),
        ("n_not_ready", 0),
        ("n_stuck_deleting", 1),
    ] {
        assert_eq!(total(&section, name), Cell::Count(n), "{name}");
    }
}

#[test]
fn restore_points_are_usable_or_say_why_not() {
    let rows = |estate: &Estate| {
        let section = section(estate, Show::RestorePoints);
        cells(&section, ["cluster", "snapshot", "state", "reasons"])
    };
    let row = |cluster: &str, snapshot: &str, state: &str, reason: Option<&str>| {
        let reasons = reason.map(|reason| vec![reason.to_owned()]);
        [
            text(cluster),
            text(snapshot),
            text(state),
            Cell::of(reasons, Cell::Words),
        ]
    };
    let gone = row("c-1", "s2", "unusable", Some("backing-missing (confirmed)"));
    let expect = [
        gone,
        row("c-1", "s1", "usable", None),
        row("c-2", "s1", "usable", None),
    ];
    assert_eq!(rows(&world()), expect);
    // In a pool that is not online an absence proves nothing, and neither does what was seen before.
    let pool = [("appliance", "nas-b"), ("name", "big")];
    let offline = with(world(), "nas_pool", pool, &json!({"status": "OFFLINE"}));
    let hidden = row(
        "c-2",
        "s1",
        "not-judged",
        Some("what it stands on was not seen"),
    );
    assert_eq!(rows(&offline)[1], hidden);
    let driver = [("cluster", "c-2"), ("name", "csi.truenas.io")];
    let other = with(world(), "k8s_csi_driver", driver, &json!({"name": "other"}));
    let reason = Some("driver-gone (confirmed)");
    assert!(rows(&other).contains(&row("c-2", "s1", "unusable", reason)));
}

/// Two columns of the rows that have something to say in a third, sorted.
fn said(section: &Section, names: [&str; 3], is_said: impl Fn(&Cell) -> bool) -> Vec<String> {
    let rows = cells(section, names).into_iter();
    let rows = rows.filter(|[_, _, cell]| is_said(cell));
    let mut rows: Vec<String> = rows.map(|[a, b, _]| format!("{a:?} {b:?}")).collect();
    rows.sort();
    rows
}

/// The same of findings, whose objects are claims or snapshots of the one namespace.
fn found(estate: &Estate, settings: &Settings, check: &str) -> Vec<String> {
    let found = findings(estate, settings, check);
    let mut rows: Vec<String> = found
        .iter()
        .map(|finding| {
            let name = finding.subject.strip_prefix("shop/").expect("a namespace");
            format!("{:?} {:?}", text(&finding.scope), text(name))
        })
        .collect();
    rows.sort();
    rows.dedup();
    rows
}

#[test]
fn how_old_a_restore_point_must_be_is_what_its_pool_says_as_for_the_check() {
    let estate = world();
    // The one without a backing is an hour old.
    for (settings_text, n_unusable) in [
        ("# as it comes", 1),
        ("pools: {tank: {RST-001: {min_age_secs: 3600}}}", 1),
        ("pools: {tank: {RST-001: {min_age_secs: 3601}}}", 0),
        ("pools: {big: {RST-001: {min_age_secs: 3601}}}", 1),
    ] {
        let settings = settings(settings_text);
        let section = section_set(&estate, Show::RestorePoints, &settings);
        let n = total(&section, "n_unusable");
        assert_eq!(n, Cell::Count(n_unusable), "{settings_text}");
        let rows = said(&section, ["cluster", "snapshot", "state"], |state| {
            *state == text("unusable")
        });
        let found = found(&estate, &settings, "RST-001");
        assert_eq!(rows, found, "{settings_text}");
        let n_young = cells(&section, ["reasons"])
            .into_iter()
            .filter(|[cell]| *cell == Cell::Words(vec!["too young".to_owned()]))
            .count();
        assert_eq!(n_young as i64, 1 - n_unusable, "{settings_text}");
    }
}

#[test]
fn coverage_repeats_what_the_check_finds_with_the_grace_of_each_pool() {
    let estate = world();
    for (settings_text, n_found) in [
        ("# as it comes", 1),
        ("pools: {tank: {SNP-011: {grace_secs: 8640000}}}", 0),
        ("pools: {big: {SNP-011: {grace_secs: 8640000}}}", 1),
    ] {
        let settings = settings(settings_text);
        let section = section_set(&estate, Show::Coverage, &settings);
        let rows = said(&section, ["cluster", "claim", "finding"], |finding| {
            let is_ours = |words: &String| words.starts_with("SNP-011");
            matches!(finding, Cell::Words(found) if found.iter().any(is_ours))
        });
        assert_eq!(rows.len(), n_found, "{settings_text}");
        assert_eq!(
            rows,
            found(&estate, &settings, "SNP-011"),
            "{settings_text}"
        );
    }
}

#[test]
fn a_list_of_a_cluster_that_was_not_read_blinds_that_cluster_alone() {
    let estate = world();
    for table in ["k8s_pvc", "k8s_volume_snapshot", "k8s_velero_backup"] {
        blinded(&estate, Show::Coverage, table, "c-2", "cluster");
    }
    for table in ["k8s_volume_snapshot", "k8s_volume_snapshot_content"] {
        blinded(&estate, Show::Operations, table, "c-1", "scope");
        blinded(&estate, Show::RestorePoints, table, "c-1", "cluster");
    }
    blinded(&estate, Show::RestorePoints, "k8s_pvc", "c-2", "cluster");
}

#[test]
fn an_appliance_that_was_not_read_leaves_no_restore_point_for_certain() {
    let blind = world()
        .with_failed("zfs_snapshot", "nas-a")
        .expect("columns");
    for show in [Show::Coverage, Show::RestorePoints] {
        let section = section(&blind, show);
        assert!(section.is_blind() && !section.is_whole(), "{show:?}");
        let scopes: Vec<&str> = section.gaps.iter().map(|gap| gap.scope.as_str()).collect();
        assert_eq!(scopes, CLUSTERS, "{show:?}");
    }
}

#[test]
fn a_service_that_is_not_there_is_no_hole() {
    let mut estate = world();
    for cluster in CLUSTERS {
        for table in tables::ALL {
            if table.name.starts_with("k8s_velero") {
                let key = (table.name.to_owned(), cluster.to_owned());
                estate.outcomes.insert(key, "unsupported".to_owned());
            }
        }
    }
    estate.frames.remove("k8s_velero_backup");
    let section = section(&estate, Show::Coverage);
    assert!(section.is_whole() && section.gaps.is_empty());
    assert_eq!(total(&section, "n_claims"), Cell::Count(4));
}
