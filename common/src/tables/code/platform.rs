//! Words of OpenShift and of the vendor driver's operator.

use crate::code;

code! {
    /// What a cluster runs on.
    Platform {
        /// Not integrated.
        None = "None",
        /// Metal.
        BareMetal = "BareMetal",
        /// vSphere.
        VSphere = "VSphere",
        /// OpenStack.
        OpenStack = "OpenStack",
        /// KubeVirt.
        KubeVirt = "KubeVirt",
        /// Nutanix.
        Nutanix = "Nutanix",
        /// oVirt.
        Ovirt = "oVirt",
        /// Another provider, integrated from outside.
        External = "External",
        /// Amazon.
        Aws = "AWS",
        /// Microsoft.
        Azure = "Azure",
        /// Google.
        Gcp = "GCP",
    }
}

code! {
    /// How many nodes a part of the cluster is spread over.
    NodeTopology {
        /// Three or more.
        HighlyAvailable = "HighlyAvailable",
        /// Two and an arbiter.
        HighlyAvailableArbiter = "HighlyAvailableArbiter",
        /// Two.
        DualReplica = "DualReplica",
        /// One.
        SingleReplica = "SingleReplica",
        /// In another cluster.
        External = "External",
    }
}

code! {
    /// Stream of updates.
    UpdateChannel {
        /// stable.
        Stable = "stable",
        /// fast.
        Fast = "fast",
        /// candidate.
        Candidate = "candidate",
        /// eus.
        Eus = "eus",
    }
}

code! {
    /// Operator of the platform that storage depends on.
    PlatformOperator {
        /// Snapshot controller.
        SnapshotController = "csi-snapshot-controller",
        /// Storage.
        Storage = "storage",
        /// etcd.
        Etcd = "etcd",
        /// API server.
        KubeApiserver = "kube-apiserver",
        /// Controllers.
        KubeControllerManager = "kube-controller-manager",
        /// Configuration of nodes.
        MachineConfig = "machine-config",
        /// Monitoring.
        Monitoring = "monitoring",
        /// Network.
        Network = "network",
    }
}

code! {
    /// Phase of the vendor driver's operator object.
    DriverPhase {
        /// Not ready yet.
        Pending = "Pending",
        /// Being rolled out.
        Progressing = "Progressing",
        /// Running.
        Running = "Running",
        /// Ready.
        Ready = "Ready",
        /// Partly working.
        Degraded = "Degraded",
        /// Failed.
        Failed = "Failed",
    }
}

code! {
    /// Whether the operator manages the driver.
    ManagementState {
        /// Managed.
        Managed = "Managed",
        /// Left alone.
        Unmanaged = "Unmanaged",
        /// Removed.
        Removed = "Removed",
    }
}
