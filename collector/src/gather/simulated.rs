//! All lists of a generated estate, read from the simulated servers of several releases.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{Options, Simulation, start};
use truenas_common::redact::{Profile, PseudonymKey, Redactor};
use truenas_common::time::Time;

use super::sink::Kept;
use super::{ApplianceFacts, Clock, appliance, cluster, cluster_again};
use crate::source::{
    K8sAccess, K8sClient, TruenasAccess, Trust, read_secret_file, truenas::connect,
};

async fn collected(simulation: &Simulation) -> Kept {
    let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
    let clock = Clock(Arc::new(|| Time::from_unix_secs(1_772_500_000)));
    let mut kept = Kept::default();
    let access = K8sAccess::from_kubeconfig(simulation.kubeconfig(None), None).unwrap();
    let client = K8sClient::new(access).unwrap();
    let served = client.discover().await.unwrap();
    let name = "prod-a";
    cluster(&client, &served, name, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    let url = simulation.truenas_url(None);
    let port = url.split('/').nth(2).unwrap().rsplit(':').next().unwrap();
    let key = read_secret_file(simulation.api_key_file(None)).unwrap();
    let trust = Trust::from_ca_pem(&std::fs::read(simulation.ca_file()).unwrap()).unwrap();
    let port = port.parse().unwrap();
    let access = TruenasAccess::new("127.0.0.1", port, Some("svc-collector"), key, trust).unwrap();
    let mut session = connect(&access).await.unwrap();
    let facts = ApplianceFacts {
        name: "nas01",
        host: "127.0.0.1",
        addresses: &["192.0.2.50".to_owned()],
    };
    appliance(&mut session, &facts, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    cluster_again(&client, &served, name, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    kept
}

fn counts(kept: &Kept) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (table, _) in &kept.0 {
        *counts.entry(*table).or_default() += 1;
    }
    counts
}

fn set_version(world: &Path, version: &str) {
    let path = world.join("world.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| match line.split_once("version:") {
        Some((head, tail)) => {
            let rest = tail.find(',').map_or("", |comma| &tail[comma..]);
            format!("{head}version: \"{version}\"{rest}\n")
        }
        None => format!("{line}\n"),
    });
    let text: String = lines.collect();
    std::fs::write(path, text).unwrap();
}

#[test]
fn every_release_gives_the_same_estate() {
    let folder = tempfile::tempdir().unwrap();
    let estate = estate(&EstateOptions {
        days: 1,
        snapshots: 3_000,
        ..EstateOptions::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut first: Option<BTreeMap<&str, usize>> = None;
    for version in ["24.10", "25.04", "25.10", "26"] {
        let world = folder.path().join(version);
        std::fs::create_dir(&world).unwrap();
        estate.write_day(0, &world).unwrap();
        set_version(&world, version);
        let simulation = start(&world, &Options::default()).unwrap();
        let kept = runtime.block_on(collected(&simulation));
        for row in kept.of("collect_status") {
            let outcome = row["outcome"].as_str().unwrap();
            assert!(matches!(outcome, "ok" | "empty"), "{version}: {row}");
        }
        let mut counts = counts(&kept);
        assert!(
            counts["zfs_snapshot"] > 2_000 && counts["zfs_dataset"] > 100,
            "{counts:?}"
        );
        assert!(counts["k8s_again"] >= counts["k8s_pv"]);
        counts.remove("collect_status");
        let first = first.get_or_insert_with(|| counts.clone());
        assert_eq!(*first, counts, "{version}");
    }
}
