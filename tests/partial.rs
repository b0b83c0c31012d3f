//! A part that fails is data: about whom it is, and that it costs nobody else anything.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use testkit::estate::{EstateOptions, estate};
use testkit::site::{Contents, Run, Site, serve};
use testkit::world::World;

struct Stage {
    folder: tempfile::TempDir,
    site: Site,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_truenas-collector"));
        let site = Site::new(program, folder.path());
        Self { folder, site }
    }

    /// Runs over an estate with these faults; more of the configuration, and the run with its newest bundle.
    fn collect(&self, faults: &[(&str, &str)], more: &str) -> (Run, Contents) {
        let world = self.folder.path().join("world");
        let _ = fs::remove_dir_all(&world);
        let options = EstateOptions {
            volumes: 10,
            snapshots: 20,
            days: 1,
            ..EstateOptions::default()
        };
        estate(&options).write_day(0, &world).unwrap();
        let path = world.join("world.yaml");
        let mut settings = fs::read_to_string(&path).unwrap();
        let faults = faults
            .iter()
            .map(|(at, kind)| format!("{{at: \"{at}\", kind: {kind}}}"));
        let faults: Vec<String> = faults.collect();
        settings.push_str(&format!("\nfaults: [{}]\n", faults.join(", ")));
        fs::write(&path, settings).unwrap();
        let simulation = serve(&world);
        let config = self.site.config(&simulation, &World::read(&world).unwrap());
        let run = self.site.collect(&format!("{config}{more}"), "out", &[]);
        let bundles = self.site.bundles("out");
        let newest = bundles.last().expect(&run.stderr);
        let contents = self.site.open(newest).unwrap();
        (run, contents)
    }
}

/// Values of one column of `collect_status`.
fn owners(contents: &Contents, column: &str, source: &str) -> BTreeSet<Option<String>> {
    let rows = contents.rows("collect_status");
    let of_source = rows.iter().filter(|row| row["source"] == source);
    of_source
        .map(|row| row.get(column).and_then(Value::as_str).map(str::to_owned))
        .collect()
}

/// Outcome and reason of the lists that fill a table.
fn outcomes(contents: &Contents, table: &str) -> Vec<(String, Option<String>)> {
    let rows = contents.rows("collect_status");
    let of_table = rows.iter().filter(|row| row["table"] == table);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    of_table
        .map(|row| (text(row.get("outcome")).unwrap(), text(row.get("reason"))))
        .collect()
}

#[test]
fn source_that_fails_is_the_same_source_as_in_the_run_before() {
    let stage = Stage::new();
    let (run, healthy) = stage.collect(&[], "");
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    let appliance = owners(&healthy, "appliance", "truenas");
    let cluster = owners(&healthy, "cluster", "kubernetes");
    assert!(appliance.len() == 1 && cluster.len() == 1);
    assert!(!appliance.contains(&None) && !cluster.contains(&None));

    let kube_system = "k8s:/api/v1/namespaces/kube-system";
    for faults in [
        &[("truenas:pool.query", "500"), (kube_system, "500")][..],
        &[("truenas:*", "refuse"), (kube_system, "404")],
        &[("truenas:pool.query", "404"), ("k8s:*", "refuse")],
        &[
            ("truenas:/api/versions", "404"),
            ("truenas:/websocket", "404"),
        ],
    ] {
        let (run, failed) = stage.collect(faults, "");
        assert_eq!(run.exit, Some(3), "{faults:?}: {}", run.stderr);
        assert_eq!(
            owners(&failed, "appliance", "truenas"),
            appliance,
            "{faults:?}"
        );
        assert_eq!(
            owners(&failed, "cluster", "kubernetes"),
            cluster,
            "{faults:?}"
        );
    }
}

#[test]
fn identities_that_are_lost_cost_a_warning_and_not_the_run() {
    let stage = Stage::new();
    let (_, healthy) = stage.collect(&[], "");
    let sources = stage.site.path("out/sources.json");
    assert!(sources.exists());
    fs::write(&sources, "{").unwrap();
    let failing = [("truenas:pool.query", "500")];
    let (run, failed) = stage.collect(&failing, "");
    assert_eq!(run.exit, Some(3));
    assert!(run.stderr.contains("sources.json"), "{}", run.stderr);
    let healthy = owners(&healthy, "appliance", "truenas");
    assert_ne!(owners(&failed, "appliance", "truenas"), healthy);
    stage.collect(&[], "");
    let (run, failed) = stage.collect(&failing, "");
    assert!(!run.stderr.contains("sources.json"), "{}", run.stderr);
    assert_eq!(owners(&failed, "appliance", "truenas"), healthy);
}

#[test]
fn server_that_knows_nothing_we_ask_for_is_a_failure() {
    let stage = Stage::new();
    let (run, contents) = stage.collect(&[("k8s:/version", "404")], "");
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    let failed = ("failed".to_owned(), Some("server".to_owned()));
    for table in ["k8s_pv", "k8s_pod", "k8s_again", "k8s_volume_snapshot"] {
        assert!(outcomes(&contents, table).contains(&failed), "{table}");
    }
    let rows = contents.rows("collect_status");
    let kubernetes = rows.iter().filter(|row| row["source"] == "kubernetes");
    assert!(kubernetes.into_iter().all(|row| row["outcome"] == "failed"));
}

#[test]
fn slow_appliance_costs_its_own_lists_and_says_why() {
    let stage = Stage::new();
    let more = "budgets: {truenas: {time: 3s}}\n";
    let (run, contents) = stage.collect(&[("truenas:pool.dataset.query", "hang")], more);
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    let spent = ("truncated".to_owned(), Some("time-budget".to_owned()));
    assert_eq!(
        outcomes(&contents, "zfs_dataset"),
        std::slice::from_ref(&spent)
    );
    // The tasks that say how snapshots are named were read before.
    assert!(outcomes(&contents, "zfs_snapshot").contains(&spent));
    for table in ["nas_pool", "k8s_pv", "k8s_again"] {
        let ended = outcomes(&contents, table);
        assert!(!ended.is_empty(), "{table}");
        let is_whole = |outcome: &str| matches!(outcome, "ok" | "empty");
        assert!(
            ended.iter().all(|(outcome, _)| is_whole(outcome)),
            "{table}: {ended:?}"
        );
    }
}

#[test]
fn large_cluster_costs_its_own_lists_and_says_why() {
    let stage = Stage::new();
    let more = "budgets: {kubernetes: {bytes: 64KiB}}\n";
    let (run, contents) = stage.collect(&[], more);
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    let spent = ("truncated".to_owned(), Some("size-budget".to_owned()));
    assert_eq!(outcomes(&contents, "k8s_volume_snapshot"), [spent]);
    let whole = ("ok".to_owned(), None);
    for table in ["zfs_dataset", "nas_pool"] {
        assert_eq!(
            outcomes(&contents, table),
            std::slice::from_ref(&whole),
            "{table}"
        );
    }
    // The second reads have bytes of their own.
    assert!(outcomes(&contents, "k8s_again").contains(&whole));
}
