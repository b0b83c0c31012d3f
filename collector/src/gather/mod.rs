//! What is read, why, and into which tables: every gatherer is a static declaration and a pure `rows()`.
//!
//! The loops that talk to servers live in [`cluster`], [`metrics`] and [`appliance`]; a gatherer never holds a client. The role
//! manifest, the list of TrueNAS roles and the document of what is collected are generated from [`ALL`].

mod address;
mod appliance;
mod clock;
mod cluster;
mod condition;
pub mod document;
mod duration;
mod event_message;
mod handles;
mod k8s;
mod metadata;
mod metrics;
mod mount_option;
mod naming;
mod not_read;
mod pod_volume;
mod progress;
mod property;
mod quantity;
pub mod rbac;
mod schedule;
mod secret_parameter;
mod share_context;
mod sidecar;
#[cfg(test)]
mod simulated;
mod sink;
mod status;
mod thanos;
mod truenas;

pub use appliance::{ApplianceFacts, appliance, appliance_unreachable};
pub use clock::Clock;
pub use cluster::{ClusterFacts, cluster, cluster_again, cluster_unreachable};
pub use metrics::metrics;
pub use naming::{VolumeNaming, VolumeNamings};
pub use not_read::{NOT_READ, NotRead};
pub use sink::{Sink, SinkError, row};

use truenas_common::bundle::PlannedList;
use truenas_common::tables::code::SourceKind;

use crate::source::{K8sList, K8sObject, Method, PromQuery};

/// One gatherer: what it reads, why, and which tables it fills.
#[derive(Debug)]
pub struct Gatherer {
    /// Folder and file of its code.
    pub id: &'static str,
    /// Purpose, for the person who approves the collection.
    pub why: &'static str,
    /// Everything it may read.
    pub reads: &'static [Read],
    /// Tables it fills.
    pub tables: &'static [&'static str],
}

/// One thing that a gatherer reads.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// A Kubernetes list.
    K8s(&'static K8sList),
    /// One Kubernetes object.
    K8sObject(&'static K8sObject),
    /// A query of the cluster's metrics.
    Thanos(&'static PromQuery),
    /// A TrueNAS method.
    Truenas(&'static Method),
}

/// All gatherers, sorted by id.
pub static ALL: &[&Gatherer] = &[
    &k8s::again::GATHERER,
    &k8s::cluster::GATHERER,
    &k8s::cluster_operator::GATHERER,
    &k8s::cluster_version::GATHERER,
    &k8s::csi_driver::GATHERER,
    &k8s::csi_node::GATHERER,
    &k8s::csi_storage_capacity::GATHERER,
    &k8s::data_volume::GATHERER,
    &k8s::event::GATHERER,
    &k8s::infrastructure::GATHERER,
    &k8s::lease::GATHERER,
    &k8s::namespace::GATHERER,
    &k8s::node::GATHERER,
    &k8s::pod::GATHERER,
    &k8s::pv::GATHERER,
    &k8s::pvc::GATHERER,
    &k8s::resource_quota::GATHERER,
    &k8s::storage_class::GATHERER,
    &k8s::truenas_csi::GATHERER,
    &k8s::velero_backup::GATHERER,
    &k8s::velero_restore::GATHERER,
    &k8s::velero_transfer::GATHERER,
    &k8s::virtual_machine::GATHERER,
    &k8s::volume_attachment::GATHERER,
    &k8s::volume_attributes_class::GATHERER,
    &k8s::volume_group_snapshot::GATHERER,
    &k8s::volume_group_snapshot_class::GATHERER,
    &k8s::volume_group_snapshot_content::GATHERER,
    &k8s::volume_snapshot::GATHERER,
    &k8s::volume_snapshot_class::GATHERER,
    &k8s::volume_snapshot_content::GATHERER,
    &k8s::workload::GATHERER,
    &thanos::kubelet_volume::GATHERER,
    &thanos::operation_duration::GATHERER,
    &truenas::address::GATHERER,
    &truenas::alert::GATHERER,
    &truenas::dataset::GATHERER,
    &truenas::disk::GATHERER,
    &truenas::failover::GATHERER,
    &truenas::iscsi_extent::GATHERER,
    &truenas::iscsi_global::GATHERER,
    &truenas::iscsi_initiator::GATHERER,
    &truenas::iscsi_portal::GATHERER,
    &truenas::iscsi_session::GATHERER,
    &truenas::iscsi_target::GATHERER,
    &truenas::iscsi_target_extent::GATHERER,
    &truenas::iscsi_target_group::GATHERER,
    &truenas::nfs_share::GATHERER,
    &truenas::nvmet_global::GATHERER,
    &truenas::nvmet_host_subsys::GATHERER,
    &truenas::nvmet_namespace::GATHERER,
    &truenas::nvmet_port::GATHERER,
    &truenas::nvmet_port_subsys::GATHERER,
    &truenas::nvmet_session::GATHERER,
    &truenas::nvmet_subsys::GATHERER,
    &truenas::pool::GATHERER,
    &truenas::pool_class::GATHERER,
    &truenas::replication_task::GATHERER,
    &truenas::scrub_task::GATHERER,
    &truenas::service::GATHERER,
    &truenas::smb_share::GATHERER,
    &truenas::snapshot::GATHERER,
    &truenas::snapshot_task::GATHERER,
    &truenas::system::GATHERER,
    &truenas::update::GATHERER,
    &truenas::vdev::GATHERER,
];

impl Read {
    /// Which side is asked.
    pub fn source(self) -> SourceKind {
        match self {
            Self::K8s(_) | Self::K8sObject(_) => SourceKind::Kubernetes,
            Self::Thanos(_) => SourceKind::Thanos,
            Self::Truenas(_) => SourceKind::Truenas,
        }
    }

    /// Path, name of the metric, or method name.
    pub fn name(self) -> &'static str {
        match self {
            Self::K8s(list) => list.path(),
            Self::K8sObject(object) => object.path(),
            Self::Thanos(query) => query.name(),
            Self::Truenas(method) => method.name(),
        }
    }
}

/// Every list of [`ALL`] with the tables it fills, sorted.
pub fn plan() -> Vec<PlannedList> {
    let mut plan: std::collections::BTreeMap<(&str, &str), Vec<String>> =
        std::collections::BTreeMap::new();
    for gatherer in ALL {
        for read in gatherer.reads {
            let tables = plan.entry((read.source().word(), read.name())).or_default();
            tables.extend(gatherer.tables.iter().map(|table| (*table).to_owned()));
        }
    }
    plan.into_iter()
        .map(|((source, list), mut tables)| {
            tables.sort();
            tables.dedup();
            PlannedList {
                source: source.to_owned(),
                list: list.to_owned(),
                tables,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::tables;

    #[test]
    fn registry_matches_the_files() {
        let mut files = Vec::new();
        for folder in ["k8s", "thanos", "truenas"] {
            let path = format!("{}/src/gather/{folder}", env!("CARGO_MANIFEST_DIR"));
            for entry in std::fs::read_dir(path).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if name != "mod.rs" && name.ends_with(".rs") {
                    files.push(format!("{folder}/{}", name.trim_end_matches(".rs")));
                }
            }
        }
        files.sort();
        let ids: Vec<&str> = ALL.iter().map(|gatherer| gatherer.id).collect();
        assert_eq!(files, ids);
    }

    #[test]
    fn every_table_of_a_server_is_filled_by_one_gatherer() {
        let mut filled: Vec<&str> = ALL
            .iter()
            .flat_map(|gatherer| gatherer.tables.iter().copied())
            .collect();
        filled.sort_unstable();
        let declared: Vec<&str> = tables::ALL
            .iter()
            .map(|table| table.name)
            .filter(|name| !name.starts_with("collect_"))
            .collect();
        assert_eq!(filled, declared);
    }

    #[test]
    fn door_is_no_wider_than_the_gatherers() {
        use crate::source::truenas::{AUTH_ME, CORE_GET_METHODS};
        let reads = || ALL.iter().flat_map(|gatherer| gatherer.reads);
        let is_read = |name: &str| reads().any(|read| read.name() == name);
        for list in K8sList::ALL {
            assert!(is_read(list.path()), "{} is read by nobody", list.path());
        }
        for object in K8sObject::ALL {
            let is_discovery = object.resource().is_empty();
            assert!(is_discovery || is_read(object.path()), "{}", object.path());
        }
        for method in Method::ALL {
            let is_session = [AUTH_ME.name(), CORE_GET_METHODS.name()].contains(&method.name());
            assert!(is_session || is_read(method.name()), "{}", method.name());
        }
    }

    #[test]
    fn plan_names_each_list_once_and_the_second_read_with_it() {
        let plan = plan();
        let volumes: Vec<_> = plan
            .iter()
            .filter(|list| list.list == "/api/v1/persistentvolumes")
            .collect();
        assert_eq!(volumes.len(), 1);
        assert_eq!(
            volumes[0].tables,
            [
                "k8s_again",
                "k8s_pv",
                "k8s_pv_mount_option",
                "k8s_pv_portal"
            ]
        );
        assert!(plan.iter().any(|list| list.list == "pool.dataset.query"));
    }
}
