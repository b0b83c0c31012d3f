//! Table `zfs_dataset`.

use super::code::{Compression, DatasetKind, Family, PropertySource, Provisioner, SyncMode};
use crate::redact::{
    ApplianceId, Asset, Context, DatasetPath, FlatPath, Guid, Host, Instance, IqnBase, Leaf, Nqn,
    SmbName, Uid,
};
use crate::time::Time;

crate::table! {
    /// Identity and configuration of one file system or zvol.
    "zfs_dataset" as ZfsDataset in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Dataset.
        1 [key] path: DatasetPath,
        /// Parent; absent for a pool root.
        1 parent: Option<DatasetPath>,
        /// Parent of the parent.
        1 grandparent: Option<DatasetPath>,
        /// Pool.
        1 pool: DatasetPath,
        /// Last component.
        1 leaf: Leaf,
        /// Last component of the parent.
        1 parent_leaf: Option<Leaf>,
        /// Claim or snapshot uid inside the last component.
        1 leaf_uuid: Option<Uid>,
        /// File system or volume.
        1 kind: DatasetKind,
        /// ZFS guid; survives a rename.
        1 guid: Option<Guid>,
        /// Transaction group of creation.
        1 created_txg: Option<i64>,
        /// Creation.
        1 created_at: Option<Time>,
        /// Mount point, without `/mnt/`.
        1 mount_path: Option<DatasetPath>,
        /// Dataset of the snapshot this is a clone of.
        1 origin_path: Option<DatasetPath>,
        /// That snapshot.
        1 origin_snapshot: Option<Leaf>,
        /// `readonly`.
        1 is_readonly: Option<bool>,
        /// Encrypted and without its key.
        1 is_locked: bool,
        /// Encrypted, with or without its key; absent where the version does not say.
        1 is_encrypted: Option<bool>,
        /// Encryption root.
        1 encryption_root: Option<DatasetPath>,
        /// `volsize`.
        1 volsize_bytes: Option<i64>,
        /// `volblocksize`.
        1 volblocksize_bytes: Option<i64>,
        /// `recordsize`.
        1 recordsize_bytes: Option<i64>,
        /// `quota`; absent when none.
        1 quota_bytes: Option<i64>,
        /// `refquota`; absent when none.
        1 refquota_bytes: Option<i64>,
        /// `reservation`; absent when none.
        1 reservation_bytes: Option<i64>,
        /// `refreservation`; absent when thin.
        1 refreservation_bytes: Option<i64>,
        /// `sync`.
        1 sync: SyncMode,
        /// `compression`.
        1 compression: Compression,
        /// Whether deduplication is on.
        1 is_dedup: Option<bool>,
        /// Whose user properties the dataset has: `democratic-csi:` or `tns-csi:`; absent without any.
        1 marker_family: Option<Family>,
        /// `csi_volume_name` of the driver: the PV name.
        1 csi_volume_name: Option<Leaf>,
        /// Its source.
        1 csi_volume_name_source: Option<PropertySource>,
        /// `democratic-csi:managed_resource` is true, or `tns-csi:managed_by` names the driver.
        1 is_managed: bool,
        /// Its source.
        1 managed_source: Option<PropertySource>,
        /// `democratic-csi:provision_success` is true: the last step of creation.
        1 is_provisioned: bool,
        /// `democratic-csi:volume_context_provisioner_driver`.
        1 provisioner: Option<Provisioner>,
        /// `democratic-csi:volume_context_provisioner_instance_id`, or `tns-csi:cluster_id`.
        1 instance: Option<Instance>,
        /// `democratic-csi:csi_snapshot_name` of a detached snapshot.
        1 csi_snapshot_name: Option<Leaf>,
        /// Volume it was taken of.
        1 csi_snapshot_source: Option<Leaf>,
        /// Volume this was cloned or restored from.
        1 content_source_leaf: Option<Leaf>,
        /// Snapshot this was restored from.
        1 content_source_snapshot: Option<Leaf>,
        /// Stored share context in canonical form.
        1 context: Option<Context>,
        /// NFS export in the stored context, without `/mnt/`.
        1 context_share_path: Option<DatasetPath>,
        /// SMB share in it.
        1 context_share_name: Option<SmbName>,
        /// NFS or SMB server in it.
        1 context_server_host: Option<Host>,
        /// IQN in it, before the first colon.
        1 context_iqn_base: Option<IqnBase>,
        /// IQN in it, after the first colon.
        1 context_iqn_suffix: Option<Asset>,
        /// LUN in it.
        1 context_lun: Option<i64>,
        /// NVMe subsystem in it.
        1 context_nqn: Option<Nqn>,
        /// NVMe namespace id in it.
        1 context_nsid: Option<i64>,
        /// Stored share id.
        1 nfs_share_id: Option<i64>,
        /// Stored id of the SMB share.
        1 smb_share_id: Option<i64>,
        /// Stored target id.
        1 iscsi_target_id: Option<i64>,
        /// Stored extent id.
        1 iscsi_extent_id: Option<i64>,
        /// Stored link id.
        1 iscsi_target_extent_id: Option<i64>,
        /// Stored subsystem id.
        1 nvmet_subsys_id: Option<i64>,
        /// Stored id of the NVMe namespace.
        1 nvmet_namespace_id: Option<i64>,
        /// Stored target or subsystem name.
        1 assets_name: Option<Asset>,
        /// Whether the last component of the path is part of it.
        1 assets_has_leaf: Option<bool>,
        /// What stands before that part.
        1 assets_prefix: Option<Asset>,
        /// What stands behind it.
        1 assets_suffix: Option<Asset>,
        /// `org.truenas:managedby`: address of the API client that made it.
        1 managed_by: Option<Host>,
        /// Path with `/` replaced by `-`.
        1 flat_path: FlatPath,
        /// Length of the clear path.
        1 path_length_chars: i64,
    }
}
