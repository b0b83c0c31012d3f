//! Closed lists of words used in several tables, as Kubernetes, ZFS and TrueNAS spell them.

mod alert;
mod appliance;
mod driver;
mod event;
mod mount;
mod operation;
mod platform;
mod protection;
mod volume;
mod workload;

pub use alert::{AlertClass, AlertLevel};
pub use appliance::{
    DiskBus, DiskMedium, FailoverState, IscsiAuth, LifetimeUnit, NamespaceKind, NvmeTransport,
    ReadonlyPolicy, ReplicationDirection, ReplicationPart, ReplicationTransport, RetentionPolicy,
    SmbPurpose, TaskState, UpdateProfile, VdevKind, VdevRole, VdevStatus,
};
pub use driver::{ClaimCondition, CsiRole, FsGroupPolicy, ResizeStatus};
pub use event::{ErrorClass, EventKind, EventObject, EventReason, EventSource, GrpcCode};
pub use mount::{FileSystem, MountOption, MountWord};
pub use operation::{OperationSource, StorageOperation};
pub use platform::{
    DriverPhase, ManagementState, NodeTopology, Platform, PlatformOperator, UpdateChannel,
};
pub use protection::{
    BackupPhase, DataVolumePhase, MachineStatus, RunStrategy, SchedulePhase, TransferKind,
    TransferPhase,
};
pub use volume::{
    AccessMode, AttacherFinalizer, BindingMode, Phase, ReclaimPolicy, SourceObject, VolumeMode,
};
pub use workload::{
    ClaimRetention, EndReason, Environment, NamespacePhase, PodPhase, PodSecurity, QuotaResource,
    UpdateStrategy, WaitReason, WorkloadKind,
};

use std::borrow::Cow;

use crate::code;
use crate::schema::{Cell, Class, Field, Kind};

/// A name that this software itself gives: a list, a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Constant(pub &'static str);

impl Field for Constant {
    const KIND: Kind = Kind::Text;
    const CLASS: Class = Class::Constant;
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Text(Cow::Borrowed(self.0)))
    }
}

code! {
    /// Which side was asked.
    SourceKind {
        /// Kubernetes API server.
        Kubernetes = "kubernetes",
        /// TrueNAS middleware.
        Truenas = "truenas",
        /// Thanos, or another server of the Prometheus API, of the cluster.
        Thanos = "thanos",
    }
}

code! {
    /// How a planned read ended.
    Outcome {
        /// All rows are there.
        Ok = "ok",
        /// All rows are there, and there are none.
        Empty = "empty",
        /// The credential may not read it.
        Denied = "denied",
        /// The server does not serve it.
        Unsupported = "unsupported",
        /// The server did not answer in time.
        TimedOut = "timed-out",
        /// Only a part was read.
        Truncated = "truncated",
        /// Anything else.
        Failed = "failed",
    }
}

impl Outcome {
    /// Whether the rows are the whole list.
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Ok | Self::Empty)
    }
}

code! {
    /// Why a read did not end well.
    Reason {
        /// The server answered 401 or its like.
        Unauthorized = "unauthorized",
        /// The server answered 403 or its like.
        Forbidden = "forbidden",
        /// The server does not know the resource or method.
        NotServed = "not-served",
        /// A continue token expired twice.
        Expired = "expired",
        /// The server asked to slow down, too often.
        TooManyRequests = "too-many-requests",
        /// No answer in time.
        Timeout = "timeout",
        /// The answer exceeds the message limit and cannot be split.
        TooLarge = "too-large",
        /// The source had used up its time.
        TimeBudget = "time-budget",
        /// The source had used up its bytes.
        SizeBudget = "size-budget",
        /// Fewer objects came than the server counted.
        Short = "short",
        /// The certificate is not trusted.
        Tls = "tls",
        /// The connection failed.
        Network = "network",
        /// The answer is not what the API promises.
        Malformed = "malformed",
        /// The server reports an internal error.
        Server = "server",
        /// A list that this one builds on is missing.
        Prelude = "prelude",
        /// Another version of the same list was read.
        Superseded = "superseded",
        /// Two rows have one identity.
        Conflict = "conflict",
    }
}

code! {
    /// A list that is read twice.
    AgainList {
        /// Persistent volumes.
        PersistentVolumes = "persistentvolumes",
        /// Volume snapshot contents.
        SnapshotContents = "volumesnapshotcontents",
    }
}

code! {
    /// Which software made a volume.
    Family {
        /// democratic-csi with a TrueNAS driver.
        DemocraticCsi = "democratic-csi",
        /// democratic-csi with a driver that makes no TrueNAS shares.
        ZfsGeneric = "zfs-generic",
        /// democratic-csi drivers without a dataset per volume.
        SharedDirectory = "shared-directory",
        /// The vendor's driver.
        TruenasCsi = "truenas-csi",
        /// tns-csi.
        TnsCsi = "tns-csi",
        /// In-tree NFS.
        Nfs = "nfs",
        /// In-tree iSCSI.
        Iscsi = "iscsi",
        /// Another CSI driver, or none.
        Foreign = "foreign",
    }
}

code! {
    /// `provisioner_driver` of democratic-csi.
    Provisioner {
        /// SSH, NFS.
        FreenasNfs = "freenas-nfs",
        /// SSH, SMB.
        FreenasSmb = "freenas-smb",
        /// SSH, iSCSI.
        FreenasIscsi = "freenas-iscsi",
        /// API, NFS.
        FreenasApiNfs = "freenas-api-nfs",
        /// API, SMB.
        FreenasApiSmb = "freenas-api-smb",
        /// API, iSCSI.
        FreenasApiIscsi = "freenas-api-iscsi",
        /// API, NVMe-oF.
        FreenasApiNvmeof = "freenas-api-nvmeof",
        /// Generic ZFS, NFS.
        ZfsGenericNfs = "zfs-generic-nfs",
        /// Generic ZFS, SMB.
        ZfsGenericSmb = "zfs-generic-smb",
        /// Generic ZFS, iSCSI.
        ZfsGenericIscsi = "zfs-generic-iscsi",
        /// Generic ZFS, NVMe-oF.
        ZfsGenericNvmeof = "zfs-generic-nvmeof",
        /// Many volumes in one NFS share.
        NfsClient = "nfs-client",
        /// Many volumes in one SMB share.
        SmbClient = "smb-client",
        /// Volumes made by hand.
        NodeManual = "node-manual",
    }
}

code! {
    /// How nodes reach a volume.
    Protocol {
        /// NFS.
        Nfs = "nfs",
        /// SMB.
        Smb = "smb",
        /// iSCSI.
        Iscsi = "iscsi",
        /// NVMe over fabrics.
        Nvmeof = "nvmeof",
    }
}

code! {
    /// Shape of a volume handle.
    HandleForm {
        /// One component.
        Leaf = "leaf",
        /// A dataset path.
        Path = "path",
        /// No handle: not a CSI volume.
        None = "none",
    }
}

code! {
    /// Shape of a snapshot handle.
    SnapshotHandleForm {
        /// `volume@snapshot`.
        Attached = "attached",
        /// `pool/volume@snapshot`.
        AttachedPath = "attached-path",
        /// `volume/snapshot`: a dataset.
        Detached = "detached",
        /// `snapshot_driver=…`: drivers without datasets.
        Query = "query",
        /// No handle yet.
        None = "none",
    }
}

code! {
    /// Where an appliance address is known from.
    AddressOrigin {
        /// The collector's own connection.
        Connection = "connection",
        /// Declared in the configuration.
        Declared = "declared",
        /// An iSCSI portal listens on it.
        Portal = "portal",
    }
}

code! {
    /// What an extent exports.
    ExtentKind {
        /// Zvol.
        Disk = "DISK",
        /// File.
        File = "FILE",
    }
}

code! {
    /// Whom a client becomes.
    UserMap {
        /// Nobody is mapped.
        None = "none",
        /// Root.
        Root = "root",
    }
}

code! {
    /// Which software wrote a comment.
    CommentForm {
        /// democratic-csi's default template.
        DemocraticCsi = "democratic-csi",
        /// The vendor's driver.
        TruenasCsi = "truenas-csi",
        /// No comment.
        None = "none",
    }
}

code! {
    /// Pool status.
    PoolStatus {
        /// Online.
        Online = "ONLINE",
        /// Degraded.
        Degraded = "DEGRADED",
        /// Faulted.
        Faulted = "FAULTED",
        /// Offline.
        Offline = "OFFLINE",
        /// Unavailable.
        Unavail = "UNAVAIL",
        /// Removed.
        Removed = "REMOVED",
        /// Suspended.
        Suspended = "SUSPENDED",
    }
}

code! {
    /// Layout of the data vdevs.
    PoolLayout {
        /// Single disks.
        Stripe = "stripe",
        /// Mirrors.
        Mirror = "mirror",
        /// Single parity.
        Raidz1 = "raidz1",
        /// Double parity.
        Raidz2 = "raidz2",
        /// Triple parity.
        Raidz3 = "raidz3",
        /// Distributed parity.
        Draid = "draid",
        /// More than one kind.
        Mixed = "mixed",
        /// Unknown: the pool is offline.
        Unknown = "unknown",
    }
}

code! {
    /// Kind of scan.
    ScanFunction {
        /// Scrub.
        Scrub = "SCRUB",
        /// Resilver.
        Resilver = "RESILVER",
    }
}

code! {
    /// State of a scan.
    ScanState {
        /// Running.
        Scanning = "SCANNING",
        /// Done.
        Finished = "FINISHED",
        /// Stopped.
        Canceled = "CANCELED",
    }
}

code! {
    /// Service that exports volumes.
    Service {
        /// iSCSI.
        Iscsi = "iscsitarget",
        /// NFS.
        Nfs = "nfs",
        /// SMB.
        Smb = "cifs",
        /// NVMe-oF.
        Nvmet = "nvmet",
    }
}

code! {
    /// Kind of dataset.
    DatasetKind {
        /// File system.
        Filesystem = "FILESYSTEM",
        /// Zvol.
        Volume = "VOLUME",
    }
}

code! {
    /// Where a property value comes from. Only `local` is ownership.
    PropertySource {
        /// Set here.
        Local = "local",
        /// From an ancestor or the dataset.
        Inherited = "inherited",
        /// From a replication stream.
        Received = "received",
        /// The API of this version does not say.
        Unknown = "unknown",
    }
}

code! {
    /// `sync` property.
    SyncMode {
        /// As the application asks.
        Standard = "STANDARD",
        /// Always.
        Always = "ALWAYS",
        /// Never: acknowledged writes can be lost.
        Disabled = "DISABLED",
    }
}

code! {
    /// `compression` property.
    Compression {
        /// None.
        Off = "OFF",
        /// Default algorithm.
        On = "ON",
        /// LZ4.
        Lz4 = "LZ4",
        /// Zstandard, any level.
        Zstd = "ZSTD",
        /// Gzip, any level.
        Gzip = "GZIP",
        /// Zero-length encoding.
        Zle = "ZLE",
        /// LZJB.
        Lzjb = "LZJB",
    }
}

code! {
    /// Who makes snapshots of a name.
    SnapshotOrigin {
        /// A CSI snapshot.
        Csi = "csi",
        /// Source of a clone made by democratic-csi.
        CloneSource = "clone-source",
        /// Source of a detached snapshot made by democratic-csi.
        DetachSource = "detach-source",
        /// Source of a clone made by truenas-csi.
        TruenasCsiClone = "truenas-csi-clone",
        /// A periodic snapshot task.
        Periodic = "periodic",
        /// None of these.
        Foreign = "foreign",
    }
}
