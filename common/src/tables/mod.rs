//! Every table of the bundle, one row type a file. `TABLES.md` is generated from these declarations.

pub mod code;
mod collect_driver;
mod collect_field;
mod collect_scope;
mod collect_status;
mod collect_trace;
mod dictionary;
mod k8s_again;
mod k8s_cluster;
mod k8s_cluster_operator;
mod k8s_cluster_version;
mod k8s_csi_container;
mod k8s_csi_driver;
mod k8s_csi_node_driver;
mod k8s_csi_storage_capacity;
mod k8s_data_volume;
mod k8s_event;
mod k8s_infrastructure;
mod k8s_kubelet_volume;
mod k8s_lease;
mod k8s_namespace;
mod k8s_node;
mod k8s_node_address;
mod k8s_operation_duration;
mod k8s_pod;
mod k8s_pod_volume;
mod k8s_pv;
mod k8s_pv_mount_option;
mod k8s_pv_portal;
mod k8s_pvc;
mod k8s_pvc_condition;
mod k8s_resource_quota;
mod k8s_storage_class;
mod k8s_storage_class_mount_option;
mod k8s_truenas_csi;
mod k8s_velero_backup;
mod k8s_velero_namespace;
mod k8s_velero_restore;
mod k8s_velero_schedule;
mod k8s_velero_transfer;
mod k8s_virtual_machine;
mod k8s_virtual_machine_volume;
mod k8s_volume_attachment;
mod k8s_volume_attributes_class;
mod k8s_volume_group_snapshot;
mod k8s_volume_group_snapshot_class;
mod k8s_volume_group_snapshot_content;
mod k8s_volume_snapshot;
mod k8s_volume_snapshot_class;
mod k8s_volume_snapshot_content;
mod k8s_workload;
mod k8s_workload_claim;
mod k8s_workload_volume;
mod nas_address;
mod nas_alert;
mod nas_disk;
mod nas_failover;
mod nas_iscsi_extent;
mod nas_iscsi_global;
mod nas_iscsi_initiator;
mod nas_iscsi_initiator_name;
mod nas_iscsi_portal;
mod nas_iscsi_portal_address;
mod nas_iscsi_session;
mod nas_iscsi_target;
mod nas_iscsi_target_extent;
mod nas_iscsi_target_group;
mod nas_nfs_share;
mod nas_nfs_share_network;
mod nas_nvmet_global;
mod nas_nvmet_host_subsys;
mod nas_nvmet_namespace;
mod nas_nvmet_port;
mod nas_nvmet_port_subsys;
mod nas_nvmet_session;
mod nas_nvmet_subsys;
mod nas_pool;
mod nas_pool_class;
mod nas_replication_dataset;
mod nas_replication_schema;
mod nas_replication_task;
mod nas_scrub_task;
mod nas_service;
mod nas_smb_share;
mod nas_snapshot_task;
mod nas_snapshot_task_exclude;
mod nas_system;
mod nas_update;
mod nas_vdev;
mod parse;
mod zfs_dataset;
mod zfs_dataset_space;
mod zfs_snapshot;

pub use collect_driver::CollectDriver;
pub use collect_field::CollectField;
pub use collect_scope::CollectScope;
pub use collect_status::CollectStatus;
pub use collect_trace::CollectTrace;
pub use dictionary::dictionary;
pub use k8s_again::K8sAgain;
pub use k8s_cluster::K8sCluster;
pub use k8s_cluster_operator::K8sClusterOperator;
pub use k8s_cluster_version::K8sClusterVersion;
pub use k8s_csi_container::K8sCsiContainer;
pub use k8s_csi_driver::K8sCsiDriver;
pub use k8s_csi_node_driver::K8sCsiNodeDriver;
pub use k8s_csi_storage_capacity::K8sCsiStorageCapacity;
pub use k8s_data_volume::K8sDataVolume;
pub use k8s_event::K8sEvent;
pub use k8s_infrastructure::K8sInfrastructure;
pub use k8s_kubelet_volume::K8sKubeletVolume;
pub use k8s_lease::K8sLease;
pub use k8s_namespace::K8sNamespace;
pub use k8s_node::K8sNode;
pub use k8s_node_address::K8sNodeAddress;
pub use k8s_operation_duration::K8sOperationDuration;
pub use k8s_pod::K8sPod;
pub use k8s_pod_volume::K8sPodVolume;
pub use k8s_pv::K8sPv;
pub use k8s_pv_mount_option::K8sPvMountOption;
pub use k8s_pv_portal::K8sPvPortal;
pub use k8s_pvc::K8sPvc;
pub use k8s_pvc_condition::K8sPvcCondition;
pub use k8s_resource_quota::K8sResourceQuota;
pub use k8s_storage_class::K8sStorageClass;
pub use k8s_storage_class_mount_option::K8sStorageClassMountOption;
pub use k8s_truenas_csi::K8sTruenasCsi;
pub use k8s_velero_backup::K8sVeleroBackup;
pub use k8s_velero_namespace::K8sVeleroNamespace;
pub use k8s_velero_restore::K8sVeleroRestore;
pub use k8s_velero_schedule::K8sVeleroSchedule;
pub use k8s_velero_transfer::K8sVeleroTransfer;
pub use k8s_virtual_machine::K8sVirtualMachine;
pub use k8s_virtual_machine_volume::K8sVirtualMachineVolume;
pub use k8s_volume_attachment::K8sVolumeAttachment;
pub use k8s_volume_attributes_class::K8sVolumeAttributesClass;
pub use k8s_volume_group_snapshot::K8sVolumeGroupSnapshot;
pub use k8s_volume_group_snapshot_class::K8sVolumeGroupSnapshotClass;
pub use k8s_volume_group_snapshot_content::K8sVolumeGroupSnapshotContent;
pub use k8s_volume_snapshot::K8sVolumeSnapshot;
pub use k8s_volume_snapshot_class::K8sVolumeSnapshotClass;
pub use k8s_volume_snapshot_content::K8sVolumeSnapshotContent;
pub use k8s_workload::K8sWorkload;
pub use k8s_workload_claim::K8sWorkloadClaim;
pub use k8s_workload_volume::K8sWorkloadVolume;
pub use nas_address::NasAddress;
pub use nas_alert::NasAlert;
pub use nas_disk::NasDisk;
pub use nas_failover::NasFailover;
pub use nas_iscsi_extent::NasIscsiExtent;
pub use nas_iscsi_global::NasIscsiGlobal;
pub use nas_iscsi_initiator::NasIscsiInitiator;
pub use nas_iscsi_initiator_name::NasIscsiInitiatorName;
pub use nas_iscsi_portal::NasIscsiPortal;
pub use nas_iscsi_portal_address::NasIscsiPortalAddress;
pub use nas_iscsi_session::NasIscsiSession;
pub use nas_iscsi_target::NasIscsiTarget;
pub use nas_iscsi_target_extent::NasIscsiTargetExtent;
pub use nas_iscsi_target_group::NasIscsiTargetGroup;
pub use nas_nfs_share::NasNfsShare;
pub use nas_nfs_share_network::NasNfsShareNetwork;
pub use nas_nvmet_global::NasNvmetGlobal;
pub use nas_nvmet_host_subsys::NasNvmetHostSubsys;
pub use nas_nvmet_namespace::NasNvmetNamespace;
pub use nas_nvmet_port::NasNvmetPort;
pub use nas_nvmet_port_subsys::NasNvmetPortSubsys;
pub use nas_nvmet_session::NasNvmetSession;
pub use nas_nvmet_subsys::NasNvmetSubsys;
pub use nas_pool::NasPool;
pub use nas_pool_class::NasPoolClass;
pub use nas_replication_dataset::NasReplicationDataset;
pub use nas_replication_schema::NasReplicationSchema;
pub use nas_replication_task::NasReplicationTask;
pub use nas_scrub_task::NasScrubTask;
pub use nas_service::NasService;
pub use nas_smb_share::NasSmbShare;
pub use nas_snapshot_task::NasSnapshotTask;
pub use nas_snapshot_task_exclude::NasSnapshotTaskExclude;
pub use nas_system::NasSystem;
pub use nas_update::NasUpdate;
pub use nas_vdev::NasVdev;
pub use parse::{MAX_TEXT_BYTES, ParsedRow, RowError, parse_line};
pub use zfs_dataset::ZfsDataset;
pub use zfs_dataset_space::ZfsDatasetSpace;
pub use zfs_snapshot::ZfsSnapshot;

use crate::schema::{Row, Table};

/// All tables, sorted by name.
pub const ALL: &[&Table] = &[
    CollectDriver::TABLE,
    CollectField::TABLE,
    CollectScope::TABLE,
    CollectStatus::TABLE,
    CollectTrace::TABLE,
    K8sAgain::TABLE,
    K8sCluster::TABLE,
    K8sClusterOperator::TABLE,
    K8sClusterVersion::TABLE,
    K8sCsiContainer::TABLE,
    K8sCsiDriver::TABLE,
    K8sCsiNodeDriver::TABLE,
    K8sCsiStorageCapacity::TABLE,
    K8sDataVolume::TABLE,
    K8sEvent::TABLE,
    K8sInfrastructure::TABLE,
    K8sKubeletVolume::TABLE,
    K8sLease::TABLE,
    K8sNamespace::TABLE,
    K8sNode::TABLE,
    K8sNodeAddress::TABLE,
    K8sOperationDuration::TABLE,
    K8sPod::TABLE,
    K8sPodVolume::TABLE,
    K8sPv::TABLE,
    K8sPvMountOption::TABLE,
    K8sPvPortal::TABLE,
    K8sPvc::TABLE,
    K8sPvcCondition::TABLE,
    K8sResourceQuota::TABLE,
    K8sStorageClass::TABLE,
    K8sStorageClassMountOption::TABLE,
    K8sTruenasCsi::TABLE,
    K8sVeleroBackup::TABLE,
    K8sVeleroNamespace::TABLE,
    K8sVeleroRestore::TABLE,
    K8sVeleroSchedule::TABLE,
    K8sVeleroTransfer::TABLE,
    K8sVirtualMachine::TABLE,
    K8sVirtualMachineVolume::TABLE,
    K8sVolumeAttachment::TABLE,
    K8sVolumeAttributesClass::TABLE,
    K8sVolumeGroupSnapshot::TABLE,
    K8sVolumeGroupSnapshotClass::TABLE,
    K8sVolumeGroupSnapshotContent::TABLE,
    K8sVolumeSnapshot::TABLE,
    K8sVolumeSnapshotClass::TABLE,
    K8sVolumeSnapshotContent::TABLE,
    K8sWorkload::TABLE,
    K8sWorkloadClaim::TABLE,
    K8sWorkloadVolume::TABLE,
    NasAddress::TABLE,
    NasAlert::TABLE,
    NasDisk::TABLE,
    NasFailover::TABLE,
    NasIscsiExtent::TABLE,
    NasIscsiGlobal::TABLE,
    NasIscsiInitiator::TABLE,
    NasIscsiInitiatorName::TABLE,
    NasIscsiPortal::TABLE,
    NasIscsiPortalAddress::TABLE,
    NasIscsiSession::TABLE,
    NasIscsiTarget::TABLE,
    NasIscsiTargetExtent::TABLE,
    NasIscsiTargetGroup::TABLE,
    NasNfsShare::TABLE,
    NasNfsShareNetwork::TABLE,
    NasNvmetGlobal::TABLE,
    NasNvmetHostSubsys::TABLE,
    NasNvmetNamespace::TABLE,
    NasNvmetPort::TABLE,
    NasNvmetPortSubsys::TABLE,
    NasNvmetSession::TABLE,
    NasNvmetSubsys::TABLE,
    NasPool::TABLE,
    NasPoolClass::TABLE,
    NasReplicationDataset::TABLE,
    NasReplicationSchema::TABLE,
    NasReplicationTask::TABLE,
    NasScrubTask::TABLE,
    NasService::TABLE,
    NasSmbShare::TABLE,
    NasSnapshotTask::TABLE,
    NasSnapshotTaskExclude::TABLE,
    NasSystem::TABLE,
    NasUpdate::TABLE,
    NasVdev::TABLE,
    ZfsDataset::TABLE,
    ZfsDatasetSpace::TABLE,
    ZfsSnapshot::TABLE,
];

/// Finds a table by name.
pub fn table(name: &str) -> Option<&'static Table> {
    ALL.binary_search_by(|table| table.name.cmp(name))
        .ok()
        .map(|index| ALL[index])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Class, Kind};

    #[test]
    fn registry_matches_the_directory() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tables");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .file_name()
                    .into_string()
                    .unwrap()
                    .replace(".rs", "")
            })
            .filter(|name| !["mod", "code", "dictionary", "parse"].contains(&name.as_str()))
            .collect();
        files.sort();
        let names: Vec<&str> = ALL.iter().map(|table| table.name).collect();
        assert_eq!(files, names);
    }

    #[test]
    fn identity_columns_come_first_and_appliance_tables_begin_with_it() {
        for table in ALL {
            let keys = table.n_keys();
            assert!(keys > 0, "{}", table.name);
            assert!(
                table.columns.iter().take(keys).all(|column| column.key),
                "{}",
                table.name
            );
            let is_appliance = table.columns[0].name == "appliance";
            assert_eq!(
                is_appliance,
                table.scope == crate::schema::Scope::Appliance,
                "{}",
                table.name
            );
        }
    }

    #[test]
    fn numbers_end_in_their_unit() {
        let units = [
            "bits",
            "bytes",
            "percent",
            "chars",
            "txg",
            "id",
            "lun",
            "port",
            "pass",
            "nsid",
            "ordinal",
            "version",
            "millicores",
            "ms",
            "secs",
            "days",
            "rpm",
            "ms",
        ];
        for column in ALL.iter().flat_map(|table| table.columns) {
            let last = column.name.rsplit('_').next().unwrap();
            let has_unit = units.contains(&last) || column.name.starts_with("n_");
            assert!(column.kind != Kind::Integer || has_unit, "{}", column.name);
            assert!(
                column.kind != Kind::Time || column.name.ends_with("_at"),
                "{}",
                column.name
            );
            assert!(
                column.kind != Kind::Bool
                    || column.name.starts_with("is_")
                    || column.name.starts_with("has_")
                    || column.name.contains("_is_")
                    || column.name.contains("_has_"),
                "{}",
                column.name
            );
            assert!(
                column.kind == Kind::Text || column.class == Class::Plain,
                "{}",
                column.name
            );
        }
    }
}
