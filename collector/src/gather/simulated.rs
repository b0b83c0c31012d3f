//! All lists of a generated estate, read from the simulated servers of several releases.

mod appliance;
mod lists;
mod metrics;
mod optional;
mod walks;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use testkit::estate::{EstateOptions, estate};
use testkit::simulate::{Options, Simulation, start};
use truenas_common::redact::{Profile, PseudonymKey, Redactor};
use truenas_common::time::Time;

use super::sink::Kept;
use super::{ApplianceFacts, Clock, ClusterFacts, cluster, cluster_again};
use crate::source::{
    K8sAccess, K8sClient, ThanosAccess, ThanosClient, TruenasAccess, Trust, read_secret_file,
    truenas::connect,
};

fn redactor(profile: Profile) -> Redactor {
    Redactor::new(&PseudonymKey::from_bytes([7; 32]), profile)
}

fn fixed_clock() -> Clock {
    Clock(Arc::new(|| Time::from_unix_secs(1_772_500_000)))
}

/// How to reach the first appliance.
fn access(simulation: &Simulation) -> TruenasAccess {
    let url = simulation.truenas_url(None);
    let port = url.split('/').nth(2).unwrap().rsplit(':').next().unwrap();
    let key = read_secret_file(simulation.api_key_file(None)).unwrap();
    let trust = Trust::from_ca_pem(&std::fs::read(simulation.ca_file()).unwrap()).unwrap();
    let port = port.parse().unwrap();
    TruenasAccess::new("127.0.0.1", port, Some("svc-collector"), key, trust).unwrap()
}

/// All lists of the first appliance.
async fn collect_appliance(simulation: &Simulation, redactor: &Redactor, kept: &mut Kept) {
    collect_from(&access(simulation), redactor, kept).await;
}

async fn collect_from(access: &TruenasAccess, redactor: &Redactor, kept: &mut Kept) {
    let mut session = connect(access).await.unwrap();
    let facts = ApplianceFacts {
        name: "nas01",
        host: "127.0.0.1",
        addresses: &["192.0.2.50".to_owned()],
        known: None,
    };
    super::appliance(&mut session, &facts, redactor, &fixed_clock(), kept)
        .await
        .unwrap();
}

/// A client for the first cluster.
fn client(simulation: &Simulation) -> K8sClient {
    let access = K8sAccess::from_kubeconfig(simulation.kubeconfig(None), None).unwrap();
    K8sClient::new(access).unwrap()
}

fn metrics_client(simulation: &Simulation) -> ThanosClient {
    let trust = Trust::from_ca_pem(&std::fs::read(simulation.ca_file()).unwrap()).unwrap();
    let url = simulation.thanos_url(None).unwrap();
    let token_file = simulation.thanos_token_file(None).unwrap();
    ThanosClient::new(ThanosAccess::new(&url, trust, token_file).unwrap()).unwrap()
}

async fn collected(simulation: &Simulation) -> Kept {
    let redactor = redactor(Profile::Standard);
    let clock = fixed_clock();
    let mut kept = Kept::default();
    let client = client(simulation);
    let served = client.discover().await.unwrap();
    let mut facts = ClusterFacts {
        name: "prod-a",
        known: None,
    };
    facts.known = cluster(&client, &served, &facts, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    let metrics = metrics_client(simulation);
    super::metrics(&metrics, None, &redactor, &clock, &mut kept)
        .await
        .unwrap();
    collect_appliance(simulation, &redactor, &mut kept).await;
    cluster_again(&client, &served, &facts, &redactor, &clock, &mut kept)
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

/// Groups that a generated estate does not serve.
const OPTIONAL: [&str; 5] = [
    "/apis/groupsnapshot.storage.k8s.io/",
    "/apis/csi.truenas.io/",
    "/apis/velero.io/",
    "/apis/kubevirt.io/",
    "/apis/cdi.kubevirt.io/",
];

/// What every generated estate has.
const PLATFORM_TABLES: [&str; 13] = [
    "k8s_cluster_operator",
    "k8s_cluster_version",
    "k8s_csi_container",
    "k8s_csi_driver",
    "k8s_csi_node_driver",
    "k8s_infrastructure",
    "k8s_namespace",
    "k8s_pod",
    "k8s_pod_volume",
    "k8s_volume_snapshot_class",
    "k8s_workload",
    "k8s_workload_claim",
    "k8s_workload_volume",
];

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
            let list = row["list"].as_str().unwrap();
            let is_newer = ["nvmet.", "update.config", "zpool.query"]
                .iter()
                .any(|method| list.starts_with(method));
            let is_optional = OPTIONAL.iter().any(|group| list.starts_with(group))
                || (is_newer && version != "26");
            let is_fine = matches!(outcome, "ok" | "empty");
            assert!(
                is_fine || (is_optional && outcome == "unsupported"),
                "{version}: {row}"
            );
        }
        for table in ["zfs_dataset", "zfs_snapshot"] {
            let status = kept.of("collect_status");
            let row = status.iter().rfind(|row| row["table"] == table).unwrap();
            assert!(row["n_items"].as_u64() > Some(100), "{version}: {row}");
            assert_eq!(row["n_items"], row["n_expected"], "{version}: {row}");
        }
        let mut counts = counts(&kept);
        assert!(
            counts["zfs_snapshot"] > 2_000 && counts["zfs_dataset"] > 100,
            "{counts:?}"
        );
        assert!(counts["k8s_again"] >= counts["k8s_pv"]);
        for table in PLATFORM_TABLES {
            assert!(counts.contains_key(table), "{table}");
        }
        // What only newer releases tell.
        for table in [
            "collect_status",
            "nas_nvmet_global",
            "nas_update",
            "nas_pool_class",
        ] {
            counts.remove(table);
        }
        let first = first.get_or_insert_with(|| counts.clone());
        assert_eq!(*first, counts, "{version}");
    }
}
