//! Every table of the bundle, one row type a file. `TABLES.md` is generated from these declarations.

pub mod code;
mod collect_scope;
mod collect_status;
mod dictionary;
mod k8s_again;
mod k8s_cluster;
mod k8s_node;
mod k8s_node_address;
mod k8s_pv;
mod k8s_pv_portal;
mod k8s_pvc;
mod k8s_storage_class;
mod k8s_volume_attachment;
mod k8s_volume_snapshot;
mod k8s_volume_snapshot_content;
mod nas_address;
mod nas_iscsi_extent;
mod nas_iscsi_target;
mod nas_iscsi_target_extent;
mod nas_nfs_share;
mod nas_pool;
mod nas_service;
mod nas_system;
mod parse;
mod zfs_dataset;
mod zfs_dataset_space;
mod zfs_snapshot;

pub use collect_scope::CollectScope;
pub use collect_status::CollectStatus;
pub use dictionary::dictionary;
pub use k8s_again::K8sAgain;
pub use k8s_cluster::K8sCluster;
pub use k8s_node::K8sNode;
pub use k8s_node_address::K8sNodeAddress;
pub use k8s_pv::K8sPv;
pub use k8s_pv_portal::K8sPvPortal;
pub use k8s_pvc::K8sPvc;
pub use k8s_storage_class::K8sStorageClass;
pub use k8s_volume_attachment::K8sVolumeAttachment;
pub use k8s_volume_snapshot::K8sVolumeSnapshot;
pub use k8s_volume_snapshot_content::K8sVolumeSnapshotContent;
pub use nas_address::NasAddress;
pub use nas_iscsi_extent::NasIscsiExtent;
pub use nas_iscsi_target::NasIscsiTarget;
pub use nas_iscsi_target_extent::NasIscsiTargetExtent;
pub use nas_nfs_share::NasNfsShare;
pub use nas_pool::NasPool;
pub use nas_service::NasService;
pub use nas_system::NasSystem;
pub use parse::{MAX_TEXT_BYTES, ParsedRow, RowError, parse_line};
pub use zfs_dataset::ZfsDataset;
pub use zfs_dataset_space::ZfsDatasetSpace;
pub use zfs_snapshot::ZfsSnapshot;

use crate::schema::{Row, Table};

/// All tables, sorted by name.
pub const ALL: &[&Table] = &[
    CollectScope::TABLE,
    CollectStatus::TABLE,
    K8sAgain::TABLE,
    K8sCluster::TABLE,
    K8sNode::TABLE,
    K8sNodeAddress::TABLE,
    K8sPv::TABLE,
    K8sPvPortal::TABLE,
    K8sPvc::TABLE,
    K8sStorageClass::TABLE,
    K8sVolumeAttachment::TABLE,
    K8sVolumeSnapshot::TABLE,
    K8sVolumeSnapshotContent::TABLE,
    NasAddress::TABLE,
    NasIscsiExtent::TABLE,
    NasIscsiTarget::TABLE,
    NasIscsiTargetExtent::TABLE,
    NasNfsShare::TABLE,
    NasPool::TABLE,
    NasService::TABLE,
    NasSystem::TABLE,
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
            "bytes", "percent", "chars", "txg", "id", "lun", "port", "pass", "nsid", "ordinal",
            "version",
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
                    || column.name == "name_is_cut",
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
