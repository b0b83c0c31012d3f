//! Words of Velero and KubeVirt.

use crate::code;

code! {
    /// Phase of a backup or a restore.
    BackupPhase {
        /// Not looked at yet.
        New = "New",
        /// Waiting its turn.
        Queued = "Queued",
        /// Refused.
        FailedValidation = "FailedValidation",
        /// Running.
        InProgress = "InProgress",
        /// Waiting for data movers.
        WaitingForPluginOperations = "WaitingForPluginOperations",
        /// Waiting for data movers, some failed.
        WaitingForPluginOperationsPartiallyFailed = "WaitingForPluginOperationsPartiallyFailed",
        /// Being closed.
        Finalizing = "Finalizing",
        /// Being closed, some items failed.
        FinalizingPartiallyFailed = "FinalizingPartiallyFailed",
        /// Done.
        Completed = "Completed",
        /// Some items failed.
        PartiallyFailed = "PartiallyFailed",
        /// Failed.
        Failed = "Failed",
        /// Being deleted.
        Deleting = "Deleting",
    }
}

code! {
    /// Phase of a backup schedule.
    SchedulePhase {
        /// Not looked at yet.
        New = "New",
        /// In force.
        Enabled = "Enabled",
        /// Refused.
        FailedValidation = "FailedValidation",
    }
}

code! {
    /// What moves data between a volume and a backup store.
    TransferKind {
        /// Files of a pod's volume, out.
        PodVolumeBackup = "PodVolumeBackup",
        /// Files of a pod's volume, in.
        PodVolumeRestore = "PodVolumeRestore",
        /// A snapshot's data, out.
        DataUpload = "DataUpload",
        /// A snapshot's data, in.
        DataDownload = "DataDownload",
    }
}

code! {
    /// Phase of a transfer.
    TransferPhase {
        /// Not looked at yet.
        New = "New",
        /// A node took it.
        Accepted = "Accepted",
        /// The volume is ready.
        Prepared = "Prepared",
        /// Running.
        InProgress = "InProgress",
        /// Being canceled.
        Canceling = "Canceling",
        /// Canceled.
        Canceled = "Canceled",
        /// Done.
        Completed = "Completed",
        /// Failed.
        Failed = "Failed",
    }
}

code! {
    /// When a virtual machine is to run.
    RunStrategy {
        /// Always.
        Always = "Always",
        /// Never.
        Halted = "Halted",
        /// As its users say.
        Manual = "Manual",
        /// Started again when it fails.
        RerunOnFailure = "RerunOnFailure",
        /// Once.
        Once = "Once",
        /// Always, and receives a migration.
        WaitAsReceiver = "WaitAsReceiver",
    }
}

code! {
    /// State of a virtual machine.
    MachineStatus {
        /// Stopped.
        Stopped = "Stopped",
        /// Its volumes are being made.
        Provisioning = "Provisioning",
        /// Starting.
        Starting = "Starting",
        /// Running.
        Running = "Running",
        /// Paused.
        Paused = "Paused",
        /// Stopping.
        Stopping = "Stopping",
        /// Being deleted.
        Terminating = "Terminating",
        /// Moving to another node.
        Migrating = "Migrating",
        /// Ended badly too often.
        CrashLoopBackOff = "CrashLoopBackOff",
        /// Waiting for volumes to be bound.
        WaitingForVolumeBinding = "WaitingForVolumeBinding",
        /// A claim is missing.
        ErrorPvcNotFound = "ErrorPvcNotFound",
        /// A data volume failed.
        DataVolumeError = "DataVolumeError",
        /// No node fits.
        ErrorUnschedulable = "ErrorUnschedulable",
    }
}

code! {
    /// Phase of a data volume.
    DataVolumePhase {
        /// Nothing was done yet.
        Pending = "Pending",
        /// Its claim is bound.
        PvcBound = "PVCBound",
        /// Waiting for the first machine.
        WaitForFirstConsumer = "WaitForFirstConsumer",
        /// Waiting for its claim.
        PendingPopulation = "PendingPopulation",
        /// An import is planned.
        ImportScheduled = "ImportScheduled",
        /// An import runs.
        ImportInProgress = "ImportInProgress",
        /// A clone is planned.
        CloneScheduled = "CloneScheduled",
        /// A clone runs.
        CloneInProgress = "CloneInProgress",
        /// A clone is made from a snapshot.
        CloneFromSnapshotSourceInProgress = "CloneFromSnapshotSourceInProgress",
        /// A clone is made by the driver.
        CsiCloneInProgress = "CSICloneInProgress",
        /// A snapshot for a clone is taken.
        SnapshotForSmartCloneInProgress = "SnapshotForSmartCloneInProgress",
        /// An upload is planned.
        UploadScheduled = "UploadScheduled",
        /// Waiting for an upload.
        UploadReady = "UploadReady",
        /// Done.
        Succeeded = "Succeeded",
        /// Failed.
        Failed = "Failed",
        /// Between two steps.
        Paused = "Paused",
    }
}
