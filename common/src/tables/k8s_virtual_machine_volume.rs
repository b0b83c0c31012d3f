//! Table `k8s_virtual_machine_volume`.

use crate::redact::{Claim, Namespace, Uid};

crate::table! {
    /// One claim of a virtual machine, whether or not it runs.
    "k8s_virtual_machine_volume" as K8sVirtualMachineVolume in Cluster {
        /// Uid of the virtual machine.
        1 [key] machine_uid: Uid,
        /// Claim; a data volume has a claim of its name.
        1 [key] claim: Claim,
        /// Namespace of both.
        1 namespace: Namespace,
        /// Whether a data volume makes the claim.
        1 is_data_volume: bool,
    }
}
