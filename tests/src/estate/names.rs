//! Names of the cluster's side: namespaces, workloads, claims, nodes.

use super::calendar::compact_date;
use super::plan::Estate;
use super::rng::Use;
use super::snapshot::CsiSnapshot;
use super::volume::{Protocol, Volume, Workload};

/// Namespace of the CSI drivers.
pub(super) const CSI_NAMESPACE: &str = "democratic-csi";

/// Namespace of the static PV's claim.
pub(super) const MEDIA_NAMESPACE: &str = "media";

/// Namespaces that hold no claims of ours but that every cluster has.
pub(super) const PLATFORM_NAMESPACES: [&str; 7] = [
    "default",
    "kube-system",
    "kube-public",
    "openshift-storage",
    "openshift-cluster-csi-drivers",
    CSI_NAMESPACE,
    MEDIA_NAMESPACE,
];

/// Number of control-plane nodes.
pub(super) const N_CONTROL: u16 = 3;

const TEAMS: [&str; 10] = [
    "billing",
    "orders",
    "search",
    "catalog",
    "payments",
    "identity",
    "reporting",
    "shipping",
    "chat",
    "ci",
];
const STAGES: [&str; 4] = ["prod", "staging", "test", "dev"];
const STATEFUL: [&str; 8] = [
    "postgres",
    "mysql",
    "kafka",
    "redis",
    "mongodb",
    "rabbitmq",
    "clickhouse",
    "etcd",
];
const SHARED: [&str; 8] = [
    "uploads", "wiki", "registry", "builder", "mailer", "media", "exporter", "archive",
];

/// Name of a namespace with claims.
pub(super) fn namespace(number: u16) -> String {
    let number = usize::from(number);
    let (team, stage, round) = (number % 10, number / 10 % 4, number / 40);
    match round {
        0 => format!("{}-{}", TEAMS[team], STAGES[stage]),
        _ => format!("{}-{}-{}", TEAMS[team], STAGES[stage], round + 1),
    }
}

/// Name of the StatefulSet or Deployment of a volume.
pub(super) fn workload(estate: &Estate, volume: &Volume) -> String {
    let (words, number) = match volume.workload {
        Workload::StatefulSet { first, .. } => (STATEFUL, first),
        Workload::Deployment => (SHARED, volume.number),
    };
    let word = words[estate.seed.below(Use::Workload, number, 0, 8) as usize];
    format!("{word}-{number}")
}

/// Name of the claim of a volume.
pub(super) fn claim(estate: &Estate, volume: &Volume) -> String {
    let workload = workload(estate, volume);
    match volume.workload {
        Workload::StatefulSet { ordinal, .. } => format!("data-{workload}-{ordinal}"),
        Workload::Deployment if volume.protocol == Protocol::Iscsi => format!("{workload}-data"),
        Workload::Deployment => format!("{workload}-files"),
    }
}

/// `<namespace>/<claim>`, as the driver's dataset description.
pub(super) fn claim_path(estate: &Estate, volume: &Volume) -> String {
    format!("{}/{}", namespace(volume.namespace), claim(estate, volume))
}

/// Name of the ReplicaSet of a Deployment.
pub(super) fn replica_set(estate: &Estate, volume: &Volume) -> String {
    format!(
        "{}-{}",
        workload(estate, volume),
        estate.seed.hex(Use::ReplicaSet, volume.number, 9)
    )
}

/// Name of the pod that uses a volume.
pub(super) fn pod(estate: &Estate, volume: &Volume) -> String {
    match volume.workload {
        Workload::StatefulSet { ordinal, .. } => format!("{}-{ordinal}", workload(estate, volume)),
        Workload::Deployment => {
            format!(
                "{}-{}",
                replica_set(estate, volume),
                estate.seed.hex(Use::Pod, volume.number, 5)
            )
        }
    }
}

/// Name of a VolumeSnapshot.
pub(super) fn volume_snapshot(estate: &Estate, snapshot: &CsiSnapshot) -> String {
    let volume = &estate.volumes[snapshot.volume as usize];
    format!(
        "{}-{}-{}",
        workload(estate, volume),
        compact_date(snapshot.created),
        snapshot.number
    )
}

/// Name of a worker.
pub(super) fn worker(number: u16) -> String {
    format!("worker-{number:02}.example.net")
}

/// iSCSI name of a worker.
pub(super) fn initiator(number: u16) -> String {
    format!("iqn.1994-05.com.redhat:{}", worker(number))
}

/// Address of a worker.
pub(super) fn worker_address(number: u16) -> String {
    format!("198.51.100.{}", 21 + number)
}
