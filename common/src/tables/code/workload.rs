//! Words of pods, workloads and namespaces.

use crate::code;

code! {
    /// Phase of a pod.
    PodPhase {
        /// Not all containers were started yet.
        Pending = "Pending",
        /// At least one container runs.
        Running = "Running",
        /// All containers ended well.
        Succeeded = "Succeeded",
        /// All containers ended, one of them badly.
        Failed = "Failed",
        /// The node does not answer.
        Unknown = "Unknown",
    }
}

code! {
    /// Kind of an object that owns pods, claims or other workloads.
    WorkloadKind {
        /// Deployment.
        Deployment = "Deployment",
        /// Stateful set.
        StatefulSet = "StatefulSet",
        /// Daemon set.
        DaemonSet = "DaemonSet",
        /// Replica set: the hop between a pod and its deployment.
        ReplicaSet = "ReplicaSet",
        /// Job.
        Job = "Job",
        /// Cron job.
        CronJob = "CronJob",
        /// Replication controller.
        ReplicationController = "ReplicationController",
        /// A node: owner of static pods.
        Node = "Node",
        /// Virtual machine.
        VirtualMachine = "VirtualMachine",
        /// Running virtual machine.
        VirtualMachineInstance = "VirtualMachineInstance",
        /// Data volume of a virtual machine.
        DataVolume = "DataVolume",
        /// Claim: owner of the pods that import into it.
        Claim = "PersistentVolumeClaim",
    }
}

code! {
    /// How a workload replaces its pods.
    UpdateStrategy {
        /// New pods before old ones are gone.
        RollingUpdate = "RollingUpdate",
        /// Old pods go first.
        Recreate = "Recreate",
        /// When somebody deletes them.
        OnDelete = "OnDelete",
    }
}

code! {
    /// What a stateful set does with claims that it no longer needs.
    ClaimRetention {
        /// Kept.
        Retain = "Retain",
        /// Deleted.
        Delete = "Delete",
    }
}

code! {
    /// Why a container waits.
    WaitReason {
        /// It ended badly too often.
        CrashLoopBackOff = "CrashLoopBackOff",
        /// The image cannot be pulled, and the next try is later.
        ImagePullBackOff = "ImagePullBackOff",
        /// The image cannot be pulled.
        ErrImagePull = "ErrImagePull",
        /// Volumes and network are being prepared.
        ContainerCreating = "ContainerCreating",
        /// Init containers run.
        PodInitializing = "PodInitializing",
        /// A Secret or ConfigMap is missing.
        CreateContainerConfigError = "CreateContainerConfigError",
        /// The runtime refuses the container.
        CreateContainerError = "CreateContainerError",
        /// The container cannot be run.
        RunContainerError = "RunContainerError",
    }
}

code! {
    /// Why a container ended last.
    EndReason {
        /// Ended well.
        Completed = "Completed",
        /// Ended with an error.
        Error = "Error",
        /// Out of memory.
        OomKilled = "OOMKilled",
        /// Could not be run.
        ContainerCannotRun = "ContainerCannotRun",
        /// Ran too long.
        DeadlineExceeded = "DeadlineExceeded",
        /// Its state was lost.
        ContainerStatusUnknown = "ContainerStatusUnknown",
    }
}

code! {
    /// Phase of a namespace.
    NamespacePhase {
        /// In use.
        Active = "Active",
        /// Being deleted.
        Terminating = "Terminating",
    }
}

code! {
    /// Stage that the labels `environment`, `env` or `stage` of a namespace name.
    Environment {
        /// Production.
        Production = "production",
        /// Staging.
        Staging = "staging",
        /// Test.
        Test = "test",
        /// Development.
        Development = "development",
    }
}

code! {
    /// Pod security level that a namespace enforces.
    PodSecurity {
        /// Everything is allowed.
        Privileged = "privileged",
        /// Known escalations are refused.
        Baseline = "baseline",
        /// Hardened.
        Restricted = "restricted",
    }
}

code! {
    /// What a quota limits.
    QuotaResource {
        /// Sum of the sizes of claims.
        Storage = "requests.storage",
        /// Number of claims.
        Claims = "persistentvolumeclaims",
        /// Number of volume snapshots.
        Snapshots = "count/volumesnapshots.snapshot.storage.k8s.io",
    }
}
