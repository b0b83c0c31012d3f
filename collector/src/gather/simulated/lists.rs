//! Kubernetes lists of a server that lost some of its paths, and of a run that has used up what it may use.

use std::path::Path;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{Options, start};
use tokio::time::{Duration, Instant};
use truenas_common::redact::Profile;

use super::{client, fixed_clock, redactor};
use crate::gather::sink::Kept;
use crate::gather::{ClusterFacts, cluster};
use crate::source::{Budget, BudgetKind, SourceError};

const HOUR: Duration = Duration::from_secs(3_600);

fn world(folder: &Path, faults: &str) {
    let options = EstateOptions {
        volumes: 20,
        snapshots: 60,
        days: 1,
        ..EstateOptions::default()
    };
    estate(&options).write_day(0, folder).unwrap();
    let path = folder.join("world.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{text}\n{faults}\n")).unwrap();
}

/// Discovery without a limit, then the lists with a budget.
fn collected(folder: &Path, budget: Budget) -> Result<Kept, SourceError> {
    let simulation = start(folder, &Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = client(&simulation);
        let served = client.discover().await?;
        let mut kept = Kept::default();
        let facts = ClusterFacts {
            name: "prod-a",
            known: None,
        };
        let redactor = redactor(Profile::Standard);
        let client = client.with_budget(budget);
        cluster(
            &client,
            &served,
            &facts,
            &redactor,
            &fixed_clock(),
            &mut kept,
        )
        .await
        .unwrap();
        Ok(kept)
    })
}

#[track_caller]
fn check(kept: &Kept, list: &str, outcome: &str, reason: &str) {
    let status = kept.of("collect_status");
    let row = status.iter().find(|row| row["list"] == list).unwrap();
    assert_eq!(
        (&row["outcome"], &row["reason"]),
        (&outcome.into(), &reason.into()),
        "{list}"
    );
}

#[test]
fn list_that_every_cluster_has_is_failed_when_it_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [
        "/api/v1/pods",
        "/api/v1/namespaces/kube-system",
        "/apis/storage.k8s.io/v1/storageclasses",
        "/apis/storage.k8s.io/v1/csistoragecapacities",
        "/apis/config.openshift.io/v1/clusteroperators",
    ];
    let faults: Vec<String> = paths
        .iter()
        .map(|path| format!("- {{at: \"k8s:{path}\", kind: 404}}"))
        .collect();
    world(folder.path(), &format!("faults:\n{}", faults.join("\n")));
    let kept = collected(folder.path(), Budget::default()).unwrap();
    for path in &paths[..3] {
        check(&kept, path, "failed", "server");
    }
    for path in &paths[3..] {
        check(&kept, path, "unsupported", "not-served");
    }
}

#[test]
fn server_without_discovery_is_no_cluster_without_groups() {
    for path in ["/version", "/api", "/apis"] {
        let folder = tempfile::tempdir().unwrap();
        let fault = format!("faults: [{{at: \"k8s:{path}\", kind: 404}}]");
        world(folder.path(), &fault);
        let found = collected(folder.path(), Budget::default());
        assert_eq!(
            found.err(),
            Some(SourceError::Server { code: 404 }),
            "{path}"
        );
    }
}

#[test]
fn bytes_that_are_used_up_truncate_the_list_and_all_that_follow() {
    let folder = tempfile::tempdir().unwrap();
    world(folder.path(), "");
    let whole = collected(folder.path(), Budget::default()).unwrap();
    let kept = collected(folder.path(), Budget::new(Instant::now() + HOUR, 40_000)).unwrap();
    let statuses = kept.of("collect_status");
    assert_eq!(statuses.len(), whole.of("collect_status").len());
    let words = statuses.iter().map(|row| row["outcome"].as_str().unwrap());
    let words: Vec<&str> = words.filter(|word| *word != "unsupported").collect();
    let n_whole = words
        .iter()
        .take_while(|word| **word != "truncated")
        .count();
    assert!((2..words.len() - 5).contains(&n_whole), "{words:?}");
    assert!(
        words[n_whole..].iter().all(|word| *word == "truncated"),
        "{words:?}"
    );
    let last = statuses.last().unwrap();
    assert_eq!(last["reason"], "size-budget");
}

#[test]
fn nothing_is_asked_after_the_time_is_used_up() {
    let folder = tempfile::tempdir().unwrap();
    world(folder.path(), "");
    let kept = collected(folder.path(), Budget::new(Instant::now(), u64::MAX)).unwrap();
    for row in kept.of("collect_status") {
        let is_served = row["outcome"] != "unsupported";
        assert!(!is_served || row["reason"] == "time-budget", "{row}");
    }
    let simulation = start(folder.path(), &Options::default()).unwrap();
    let late = client(&simulation).with_budget(Budget::new(Instant::now(), u64::MAX));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let spent = SourceError::Spent {
        what: BudgetKind::Time,
    };
    assert_eq!(runtime.block_on(late.discover()).err(), Some(spent));
    assert!(simulation.requests().is_empty());
}
