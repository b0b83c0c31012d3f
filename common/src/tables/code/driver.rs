//! Words of CSI drivers, their sidecars, and the state of claims.

use crate::code;

code! {
    /// What a container of a CSI driver is.
    CsiRole {
        /// external-provisioner.
        Provisioner = "provisioner",
        /// external-attacher.
        Attacher = "attacher",
        /// external-resizer.
        Resizer = "resizer",
        /// external-snapshotter.
        Snapshotter = "snapshotter",
        /// snapshot-controller.
        SnapshotController = "snapshot-controller",
        /// external-health-monitor.
        HealthMonitor = "health-monitor",
        /// node-driver-registrar.
        Registrar = "registrar",
        /// livenessprobe.
        LivenessProbe = "liveness-probe",
        /// democratic-csi.
        DemocraticCsi = "democratic-csi",
        /// The vendor's driver.
        TruenasCsi = "truenas-csi",
        /// tns-csi.
        TnsCsi = "tns-csi",
    }
}

code! {
    /// When a driver's volumes get the group of a pod.
    FsGroupPolicy {
        /// Only file systems of one node.
        ReadWriteOnceWithFsType = "ReadWriteOnceWithFSType",
        /// Always.
        File = "File",
        /// Never.
        None = "None",
    }
}

code! {
    /// Condition of a claim.
    ClaimCondition {
        /// The volume is being expanded.
        Resizing = "Resizing",
        /// The file system grows at the next mount.
        FileSystemResizePending = "FileSystemResizePending",
        /// The driver failed to expand the volume.
        ControllerResizeError = "ControllerResizeError",
        /// The node failed to expand the file system.
        NodeResizeError = "NodeResizeError",
        /// Attributes of the volume are being changed.
        ModifyingVolume = "ModifyingVolume",
        /// Attributes of the volume could not be changed.
        ModifyVolumeError = "ModifyVolumeError",
        /// No live pod references the claim.
        Unused = "Unused",
    }
}

code! {
    /// How far the expansion of a claim is.
    ResizeStatus {
        /// The driver expands.
        ControllerResizeInProgress = "ControllerResizeInProgress",
        /// The driver cannot expand.
        ControllerResizeInfeasible = "ControllerResizeInfeasible",
        /// The node has to go on.
        NodeResizePending = "NodeResizePending",
        /// The node expands.
        NodeResizeInProgress = "NodeResizeInProgress",
        /// The node cannot expand.
        NodeResizeInfeasible = "NodeResizeInfeasible",
    }
}
