//! Words of events, and what may be read out of their messages.

use crate::code;

code! {
    /// Kind of the object that an event is about.
    EventObject {
        /// Persistent volume.
        Volume = "PersistentVolume",
        /// Claim.
        Claim = "PersistentVolumeClaim",
        /// Volume snapshot.
        Snapshot = "VolumeSnapshot",
        /// Volume snapshot content.
        SnapshotContent = "VolumeSnapshotContent",
        /// Group snapshot.
        GroupSnapshot = "VolumeGroupSnapshot",
        /// Group snapshot content.
        GroupSnapshotContent = "VolumeGroupSnapshotContent",
        /// Volume attachment.
        Attachment = "VolumeAttachment",
        /// Pod.
        Pod = "Pod",
    }
}

code! {
    /// Type of an event.
    EventKind {
        /// As planned.
        Normal = "Normal",
        /// Something went wrong.
        Warning = "Warning",
    }
}

code! {
    /// Reason of an event.
    EventReason {
        /// A driver is asked for a volume.
        Provisioning = "Provisioning",
        /// Waiting for a driver.
        ExternalProvisioning = "ExternalProvisioning",
        /// Waiting for a pod.
        WaitForFirstConsumer = "WaitForFirstConsumer",
        /// Waiting for a pod to be placed.
        WaitForPodScheduled = "WaitForPodScheduled",
        /// A volume was made.
        ProvisioningSucceeded = "ProvisioningSucceeded",
        /// A volume could not be made.
        ProvisioningFailed = "ProvisioningFailed",
        /// What a failed attempt left could not be removed.
        ProvisioningCleanupFailed = "ProvisioningCleanupFailed",
        /// No volume fits.
        FailedBinding = "FailedBinding",
        /// The claim lost its volume.
        ClaimLost = "ClaimLost",
        /// A volume could not be deleted.
        VolumeFailedDelete = "VolumeFailedDelete",
        /// A volume was attached.
        SuccessfulAttachVolume = "SuccessfulAttachVolume",
        /// A volume could not be attached.
        FailedAttachVolume = "FailedAttachVolume",
        /// A volume could not be detached.
        FailedDetachVolume = "FailedDetachVolume",
        /// A volume could not be mounted.
        FailedMount = "FailedMount",
        /// A volume could not be unmounted.
        FailedUnmount = "FailedUnmount",
        /// A block device could not be mapped.
        FailedMapVolume = "FailedMapVolume",
        /// Ownership of files is being changed, which takes long.
        VolumePermissionChangeInProgress = "VolumePermissionChangeInProgress",
        /// A driver reports an unhealthy volume.
        VolumeConditionAbnormal = "VolumeConditionAbnormal",
        /// Expansion began.
        Resizing = "Resizing",
        /// Waiting for a driver to expand.
        ExternalExpanding = "ExternalExpanding",
        /// Waiting for a node to expand.
        FileSystemResizeRequired = "FileSystemResizeRequired",
        /// A volume was expanded.
        VolumeResizeSuccessful = "VolumeResizeSuccessful",
        /// A volume could not be expanded.
        VolumeResizeFailed = "VolumeResizeFailed",
        /// A file system was expanded.
        FileSystemResizeSuccessful = "FileSystemResizeSuccessful",
        /// A file system could not be expanded.
        FileSystemResizeFailed = "FileSystemResizeFailed",
        /// Attributes could not be changed.
        VolumeModifyFailed = "VolumeModifyFailed",
        /// A snapshot is being taken.
        CreatingSnapshot = "CreatingSnapshot",
        /// A snapshot was taken.
        SnapshotCreated = "SnapshotCreated",
        /// A snapshot is usable.
        SnapshotReady = "SnapshotReady",
        /// A snapshot could not be taken.
        SnapshotCreationFailed = "SnapshotCreationFailed",
        /// A content could not be made.
        SnapshotContentCreationFailed = "SnapshotContentCreationFailed",
        /// A snapshot could not be deleted.
        SnapshotDeleteError = "SnapshotDeleteError",
        /// A snapshot is still in use.
        SnapshotDeletePending = "SnapshotDeletePending",
        /// The content of a snapshot is gone.
        SnapshotContentMissing = "SnapshotContentMissing",
        /// The content belongs to something else.
        SnapshotContentMismatch = "SnapshotContentMismatch",
        /// The content is bound to another snapshot.
        SnapshotContentMisbound = "SnapshotContentMisbound",
        /// A finalizer of a snapshot could not be changed.
        SnapshotFinalizerError = "SnapshotFinalizerError",
        /// The status of a snapshot could not be written.
        SnapshotStatusUpdateFailed = "SnapshotStatusUpdateFailed",
        /// A finalizer of a claim could not be changed.
        ErrorPvcFinalizer = "ErrorPVCFinalizer",
        /// The class of a snapshot could not be read.
        GetSnapshotClassFailed = "GetSnapshotClassFailed",
        /// No default class, or more than one.
        SetDefaultSnapshotClassFailed = "SetDefaultSnapshotClassFailed",
    }
}

code! {
    /// Which software reported an event.
    EventSource {
        /// kubelet.
        Kubelet = "kubelet",
        /// The controller that attaches.
        AttachDetach = "attachdetach-controller",
        /// The controller that binds.
        VolumeBinder = "persistentvolume-controller",
        /// The controller that expands.
        VolumeExpander = "volume_expand",
        /// external-provisioner of a driver.
        Provisioner = "provisioner",
        /// external-resizer of a driver.
        Resizer = "external-resizer",
        /// external-attacher of a driver.
        Attacher = "external-attacher",
        /// external-snapshotter of a driver.
        Snapshotter = "snapshotter",
        /// snapshot-controller.
        SnapshotController = "snapshot-controller",
    }
}

code! {
    /// What a message of an event says, as one word; the message itself stays on site.
    ErrorClass {
        /// Clones depend on the volume.
        DependentClones = "dependent-clones",
        /// Snapshots depend on the volume.
        DependentSnapshots = "dependent-snapshots",
        /// The dataset is in use.
        Busy = "busy",
        /// The volume is still attached elsewhere.
        MultiAttach = "multi-attach",
        /// A quota of the namespace or of the dataset is full.
        QuotaExceeded = "quota-exceeded",
        /// The pool is full.
        NoSpace = "no-space",
        /// A share of a parent exports the path already.
        AlreadyExported = "already-exported",
        /// The appliance refuses the fields of a request.
        InvalidRequest = "invalid-request",
        /// The appliance refuses the credential.
        Unauthorized = "unauthorized",
        /// An export refuses the client.
        AccessDenied = "access-denied",
        /// iSCSI login failed.
        IscsiLogin = "iscsi-login",
        /// The other side does not answer.
        Unreachable = "unreachable",
        /// The certificate is not trusted.
        Tls = "tls",
        /// An operation on the volume is still running.
        InProgress = "in-progress",
        /// It took too long.
        Timeout = "timeout",
        /// The driver is not registered on the node.
        DriverMissing = "driver-missing",
        /// A Secret is missing.
        SecretMissing = "secret-missing",
        /// The volume or snapshot is not there.
        NotFound = "not-found",
        /// The size is out of range.
        OutOfRange = "out-of-range",
    }
}

code! {
    /// gRPC code inside a message.
    GrpcCode {
        /// Canceled.
        Canceled = "Canceled",
        /// Unknown.
        Unknown = "Unknown",
        /// InvalidArgument.
        InvalidArgument = "InvalidArgument",
        /// DeadlineExceeded.
        DeadlineExceeded = "DeadlineExceeded",
        /// NotFound.
        NotFound = "NotFound",
        /// AlreadyExists.
        AlreadyExists = "AlreadyExists",
        /// PermissionDenied.
        PermissionDenied = "PermissionDenied",
        /// ResourceExhausted.
        ResourceExhausted = "ResourceExhausted",
        /// FailedPrecondition.
        FailedPrecondition = "FailedPrecondition",
        /// Aborted.
        Aborted = "Aborted",
        /// OutOfRange.
        OutOfRange = "OutOfRange",
        /// Unimplemented.
        Unimplemented = "Unimplemented",
        /// Internal.
        Internal = "Internal",
        /// Unavailable.
        Unavailable = "Unavailable",
        /// Unauthenticated.
        Unauthenticated = "Unauthenticated",
    }
}
