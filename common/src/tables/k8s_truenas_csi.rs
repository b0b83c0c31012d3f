//! Table `k8s_truenas_csi`.

use super::code::{DriverPhase, ManagementState};
use crate::redact::{DatasetPath, Host, IqnBase, Namespace, Uid};
use crate::time::Time;

crate::table! {
    /// Configuration of the vendor driver by its operator.
    "k8s_truenas_csi" as K8sTruenasCsi in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// `status.phase`.
        1 phase: Option<DriverPhase>,
        /// Whether the operator manages the driver.
        1 management_state: Option<ManagementState>,
        /// Namespace of the driver.
        1 namespace: Option<Namespace>,
        /// Host of the appliance.
        1 server_host: Option<Host>,
        /// Whether the appliance is reached over TLS.
        1 is_encrypted: Option<bool>,
        /// Whether its certificate is not verified.
        1 is_unverified: bool,
        /// Pool of volumes whose class names none.
        1 default_pool: Option<DatasetPath>,
        /// NFS server.
        1 nfs_host: Option<Host>,
        /// iSCSI portal.
        1 iscsi_host: Option<Host>,
        /// TCP port of the iSCSI portal.
        1 iscsi_port: Option<i64>,
        /// IQN base.
        1 iqn_base: Option<IqnBase>,
        /// Condition Available or Ready.
        1 is_available: Option<bool>,
        /// Condition Degraded.
        1 is_degraded: Option<bool>,
    }
}
