//! Words about storage operations that are measured.

use crate::code;

code! {
    /// Who measured an operation.
    OperationSource {
        /// Kubelet and controller manager: the whole operation, `storage_operation_duration_seconds`.
        Kubernetes = "kubernetes",
        /// Kubelet: its calls of the driver, `csi_operations_seconds`.
        Kubelet = "kubelet",
        /// Sidecars of the driver: their calls of it, `csi_sidecar_operations_seconds`.
        Sidecar = "sidecar",
    }
}

code! {
    /// Storage operation, by the name of Kubernetes or of the CSI method.
    StorageOperation {
        /// Attach.
        Attach = "volume_attach",
        /// Detach.
        Detach = "volume_detach",
        /// Mount.
        Mount = "volume_mount",
        /// Unmount.
        Unmount = "volume_unmount",
        /// Unmount of the staging folder.
        UnmountDevice = "unmount_device",
        /// Map of a block volume.
        Map = "map_volume",
        /// Unmap of a block volume.
        Unmap = "unmap_volume",
        /// Unmap of its device.
        UnmapDevice = "unmap_device",
        /// Provision.
        Provision = "volume_provision",
        /// Delete.
        Delete = "volume_delete",
        /// Expand.
        Expand = "expand_volume",
        /// Growth of the file system.
        ExpandFilesystem = "volume_fs_resize",
        /// CSI: create a volume.
        CreateVolume = "CreateVolume",
        /// CSI: delete a volume.
        DeleteVolume = "DeleteVolume",
        /// CSI: attach.
        ControllerPublishVolume = "ControllerPublishVolume",
        /// CSI: detach.
        ControllerUnpublishVolume = "ControllerUnpublishVolume",
        /// CSI: expand.
        ControllerExpandVolume = "ControllerExpandVolume",
        /// CSI: change attributes.
        ControllerModifyVolume = "ControllerModifyVolume",
        /// CSI: take a snapshot.
        CreateSnapshot = "CreateSnapshot",
        /// CSI: delete a snapshot.
        DeleteSnapshot = "DeleteSnapshot",
        /// CSI: list snapshots.
        ListSnapshots = "ListSnapshots",
        /// CSI: list volumes.
        ListVolumes = "ListVolumes",
        /// CSI: free space of the appliance.
        GetCapacity = "GetCapacity",
        /// CSI: stage.
        NodeStageVolume = "NodeStageVolume",
        /// CSI: unstage.
        NodeUnstageVolume = "NodeUnstageVolume",
        /// CSI: publish to a pod.
        NodePublishVolume = "NodePublishVolume",
        /// CSI: unpublish.
        NodeUnpublishVolume = "NodeUnpublishVolume",
        /// CSI: grow the file system.
        NodeExpandVolume = "NodeExpandVolume",
        /// CSI: usage of a volume.
        NodeGetVolumeStats = "NodeGetVolumeStats",
    }
}
