//! Table `k8s_virtual_machine`.

use super::code::{MachineStatus, RunStrategy};
use crate::redact::{Namespace, Uid, WorkloadName};
use crate::time::Time;

crate::table! {
    /// One virtual machine of KubeVirt.
    "k8s_virtual_machine" as K8sVirtualMachine in Cluster {
        /// Uid.
        1 [key] uid: Uid,
        /// Namespace.
        1 namespace: Namespace,
        /// Virtual machine.
        1 name: WorkloadName,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// When it is to run.
        1 run_strategy: Option<RunStrategy>,
        /// `status.printableStatus`.
        1 status: Option<MachineStatus>,
        /// `status.ready`.
        1 is_ready: bool,
    }
}
