//! Table `k8s_volume_attachment`.

use crate::redact::{Asset, DatasetPath, Driver, IqnBase, Leaf, NodeName, Nqn, Uid};
use crate::time::Time;

crate::table! {
    /// One volume attachment. Its name is an unkeyed hash of handle, driver and node, so it never leaves.
    "k8s_volume_attachment" as K8sVolumeAttachment in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// PV.
        1 pv: Option<Leaf>,
        /// Node.
        1 node: NodeName,
        /// Attacher.
        1 driver: Driver,
        /// Whether the name is the hash that Kubernetes makes of handle, driver and node; absent when the volume is not
        /// known.
        1 name_is_regular: Option<bool>,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// When the attacher wrote the status last: the end of the attach while nothing failed.
        1 status_changed_at: Option<Time>,
        /// `status.attached`.
        1 is_attached: bool,
        /// Whether the last attach failed.
        1 has_attach_error: bool,
        /// Whether the last detach failed.
        1 has_detach_error: bool,
        /// IQN of the attachment, before the first colon.
        1 iqn_base: Option<IqnBase>,
        /// IQN of the attachment, after the first colon.
        1 iqn_suffix: Option<Asset>,
        /// NVMe subsystem of the attachment.
        1 nqn: Option<Nqn>,
        /// NFS export of the attachment.
        1 share_path: Option<DatasetPath>,
    }
}
