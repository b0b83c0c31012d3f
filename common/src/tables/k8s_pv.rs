//! Table `k8s_pv`.

use super::code::{
    AccessMode, AttacherFinalizer, Family, HandleForm, Phase, Protocol, Provisioner, ReclaimPolicy,
    VolumeMode,
};
use crate::redact::{
    Asset, Claim, Context, DatasetPath, Driver, FlatPath, Handle, Host, Instance, IqnBase, Leaf,
    Namespace, Nqn, SmbName, StorageClass, Uid,
};
use crate::time::Time;

crate::table! {
    /// One persistent volume.
    "k8s_pv" as K8sPv in Cluster {
        /// PV name; equals `csi_volume_name` on the appliance.
        1 [key] name: Leaf,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// `status.phase`.
        1 phase: Phase,
        /// `status.lastPhaseTransitionTime`.
        1 phase_changed_at: Option<Time>,
        /// What happens to the volume when the claim goes.
        1 reclaim_policy: ReclaimPolicy,
        /// `spec.capacity.storage`.
        1 capacity_bytes: Option<i64>,
        /// Filesystem or Block.
        1 volume_mode: VolumeMode,
        /// The widest access mode.
        1 access_mode: AccessMode,
        /// Storage class.
        1 storage_class: Option<StorageClass>,
        /// Namespace of the claim.
        1 claim_namespace: Option<Namespace>,
        /// Name of the claim.
        1 claim_name: Option<Claim>,
        /// Uid of the claim.
        1 claim_uid: Option<Uid>,
        /// CSI driver.
        1 driver: Option<Driver>,
        /// Which software made the volume, from `provisioner_driver` and the shape of the handle.
        1 family: Family,
        /// `volumeAttributes.provisioner_driver`.
        1 provisioner: Option<Provisioner>,
        /// How nodes reach the volume.
        1 protocol: Protocol,
        /// Whole volume handle.
        1 handle: Option<Handle>,
        /// Shape of the handle.
        1 handle_form: HandleForm,
        /// Last component of the handle.
        1 handle_leaf: Option<Leaf>,
        /// The handle as a dataset path, when it has a slash.
        1 handle_path: Option<DatasetPath>,
        /// NFS export, without `/mnt/`.
        1 share_path: Option<DatasetPath>,
        /// SMB share.
        1 share_name: Option<SmbName>,
        /// NFS or SMB server.
        1 server_host: Option<Host>,
        /// IQN before the first colon.
        1 iqn_base: Option<IqnBase>,
        /// IQN after the first colon.
        1 iqn_suffix: Option<Asset>,
        /// LUN.
        1 lun: Option<i64>,
        /// NVMe subsystem.
        1 nqn: Option<Nqn>,
        /// NVMe namespace id.
        1 nsid: Option<i64>,
        /// `provisioner_driver_instance_id`.
        1 instance: Option<Instance>,
        /// Share context in canonical form.
        1 context: Option<Context>,
        /// Target name that truenas-csi derives from the handle.
        1 expected_target: Option<Asset>,
        /// Handle with `/` replaced by `-`.
        1 flat_handle: Option<FlatPath>,
        /// Finalizer of external-attacher.
        1 attacher_finalizer: AttacherFinalizer,
        /// Finalizer of external-provisioner: off below v5, where deleting a PV before its claim leaks the volume.
        1 has_provisioner_finalizer: bool,
        /// Whether a volume attribute whose key is that of a secret has a value; absent in bundles of earlier collectors.
        1 has_secret_attribute: Option<bool>,
        /// No provisioner made the object.
        1 is_static: bool,
    }
}
