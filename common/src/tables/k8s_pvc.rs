//! Table `k8s_pvc`.

use super::code::{AccessMode, Phase, ResizeStatus, SourceObject, VolumeMode};
use crate::redact::{Claim, Leaf, Namespace, SnapshotName, Stem, StorageClass, Uid};
use crate::time::Time;

crate::table! {
    /// One persistent volume claim.
    "k8s_pvc" as K8sPvc in Cluster {
        /// Namespace.
        1 [key] namespace: Namespace,
        /// Claim.
        1 [key] name: Claim,
        /// Uid; default PV names are `pvc-` and this uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// When the scheduler chose a node for a claim that waits for its first consumer.
        1 node_selected_at: Option<Time>,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// `status.phase`.
        1 phase: Phase,
        /// `spec.resources.requests.storage`.
        1 request_bytes: Option<i64>,
        /// `status.capacity.storage`.
        1 capacity_bytes: Option<i64>,
        /// `status.allocatedResources.storage`: what an expansion aims at.
        1 allocated_bytes: Option<i64>,
        /// How far an expansion is.
        1 resize_status: Option<ResizeStatus>,
        /// Storage class.
        1 storage_class: Option<StorageClass>,
        /// Bound PV.
        1 volume_name: Option<Leaf>,
        /// PV name the provisioner would give.
        1 expected_volume: Leaf,
        /// Filesystem or Block.
        1 volume_mode: VolumeMode,
        /// The widest access mode asked for.
        1 access_mode: AccessMode,
        /// Whether it is protected from deletion while a pod uses it.
        1 has_protection_finalizer: Option<bool>,
        /// Whether a clone or a snapshot that is being made of it keeps the claim from being deleted.
        1 has_source_finalizer: Option<bool>,
        /// Whether Helm was told to keep it.
        1 has_keep_policy: Option<bool>,
        /// Name without its ordinal, as a StatefulSet makes it.
        1 stem: Option<Stem>,
        /// Ordinal at the end of the name.
        1 ordinal: Option<i64>,
        /// Kind of `dataSource`.
        1 source_kind: Option<SourceObject>,
        /// Claim that was cloned.
        1 source_claim: Option<Claim>,
        /// Snapshot that was restored.
        1 source_snapshot: Option<SnapshotName>,
    }
}
