//! Closed lists of words about disks, exports, tasks and alerts of an appliance, as TrueNAS spells them.

use crate::code;

code! {
    /// How an initiator proves itself.
    IscsiAuth {
        /// Not at all.
        None = "NONE",
        /// CHAP.
        Chap = "CHAP",
        /// CHAP in both directions.
        MutualChap = "CHAP_MUTUAL",
    }
}

code! {
    /// What an NVMe-oF namespace exports.
    NamespaceKind {
        /// Zvol.
        Zvol = "ZVOL",
        /// File.
        File = "FILE",
    }
}

code! {
    /// Transport of an NVMe-oF port.
    NvmeTransport {
        /// TCP.
        Tcp = "TCP",
        /// RDMA.
        Rdma = "RDMA",
        /// Fibre Channel.
        FibreChannel = "FC",
    }
}

code! {
    /// What an SMB share is for.
    SmbPurpose {
        /// Nothing special.
        Default = "DEFAULT_SHARE",
        /// Options of older releases.
        Legacy = "LEGACY_SHARE",
        /// Backups of macOS.
        TimeMachine = "TIMEMACHINE_SHARE",
        /// Shared with NFS.
        Multiprotocol = "MULTIPROTOCOL_SHARE",
        /// Files become read-only after a time.
        TimeLocked = "TIME_LOCKED_SHARE",
        /// A dataset for each user.
        PrivateDatasets = "PRIVATE_DATASETS_SHARE",
        /// On another server.
        External = "EXTERNAL_SHARE",
        /// Repository of Veeam.
        VeeamRepository = "VEEAM_REPOSITORY_SHARE",
        /// Storage of Final Cut Pro.
        FinalCut = "FCP_SHARE",
    }
}

code! {
    /// What a vdev is used for.
    VdevRole {
        /// Data.
        Data = "data",
        /// Intent log.
        Log = "log",
        /// Read cache.
        Cache = "cache",
        /// Hot spare.
        Spare = "spare",
        /// Metadata and small blocks.
        Special = "special",
        /// Deduplication table.
        Dedup = "dedup",
    }
}

code! {
    /// Kind of vdev.
    VdevKind {
        /// Disk.
        Disk = "DISK",
        /// File.
        File = "FILE",
        /// Disk without redundancy.
        Stripe = "STRIPE",
        /// Mirror.
        Mirror = "MIRROR",
        /// Single parity.
        Raidz1 = "RAIDZ1",
        /// Double parity.
        Raidz2 = "RAIDZ2",
        /// Triple parity.
        Raidz3 = "RAIDZ3",
        /// Distributed parity; the parity is not told.
        Draid = "DRAID",
        /// Distributed single parity.
        Draid1 = "DRAID1",
        /// Distributed double parity.
        Draid2 = "DRAID2",
        /// Distributed triple parity.
        Draid3 = "DRAID3",
        /// A spare stands in for a disk.
        Spare = "SPARE",
        /// A disk is being replaced.
        Replacing = "REPLACING",
    }
}

code! {
    /// State of a vdev.
    VdevStatus {
        /// Online.
        Online = "ONLINE",
        /// Degraded.
        Degraded = "DEGRADED",
        /// Faulted.
        Faulted = "FAULTED",
        /// Taken offline.
        Offline = "OFFLINE",
        /// Cannot be opened.
        Unavail = "UNAVAIL",
        /// Physically removed.
        Removed = "REMOVED",
        /// A spare that is free.
        Available = "AVAIL",
        /// A spare in use.
        InUse = "INUSE",
    }
}

code! {
    /// Kind of medium.
    DiskMedium {
        /// Rotating.
        Hdd = "HDD",
        /// Flash.
        Ssd = "SSD",
    }
}

code! {
    /// Bus of a disk.
    DiskBus {
        /// SCSI and SAS.
        Scsi = "SCSI",
        /// ATA.
        Ata = "ATA",
        /// NVMe.
        Nvme = "NVME",
        /// USB.
        Usb = "USB",
        /// Paravirtual.
        Virtio = "VIRTIO",
        /// The appliance does not know.
        Unknown = "UNKNOWN",
    }
}

code! {
    /// Unit of a retention time.
    LifetimeUnit {
        /// Hours.
        Hour = "HOUR",
        /// Days.
        Day = "DAY",
        /// Weeks.
        Week = "WEEK",
        /// Months.
        Month = "MONTH",
        /// Years.
        Year = "YEAR",
    }
}

code! {
    /// How the last run of a task stands.
    TaskState {
        /// Never ran since the appliance started.
        Pending = "PENDING",
        /// Waits for others.
        Waiting = "WAITING",
        /// Runs.
        Running = "RUNNING",
        /// Ended well.
        Finished = "FINISHED",
        /// Failed.
        Error = "ERROR",
        /// Held back.
        Hold = "HOLD",
    }
}

code! {
    /// Which way a replication goes.
    ReplicationDirection {
        /// To the target.
        Push = "PUSH",
        /// From the source.
        Pull = "PULL",
    }
}

code! {
    /// How a replication travels.
    ReplicationTransport {
        /// SSH.
        Ssh = "SSH",
        /// SSH for control, plain TCP for data.
        SshNetcat = "SSH+NETCAT",
        /// To the appliance itself.
        Local = "LOCAL",
    }
}

code! {
    /// What a replication does to `readonly` of its target.
    ReadonlyPolicy {
        /// Sets it.
        Set = "SET",
        /// Needs it.
        Require = "REQUIRE",
        /// Leaves it.
        Ignore = "IGNORE",
    }
}

code! {
    /// How long snapshots live at the target.
    RetentionPolicy {
        /// As long as at the source.
        Source = "SOURCE",
        /// A time of their own.
        Custom = "CUSTOM",
        /// For ever.
        None = "NONE",
    }
}

code! {
    /// Why a dataset is named by a replication.
    ReplicationPart {
        /// It is replicated.
        Source = "source",
        /// It is left out.
        Exclude = "exclude",
    }
}

code! {
    /// State of a controller of a pair.
    FailoverState {
        /// Serves.
        Master = "MASTER",
        /// Stands by.
        Backup = "BACKUP",
        /// The two have not agreed yet.
        Electing = "ELECTING",
        /// Takes the pools over.
        Importing = "IMPORTING",
        /// Cannot tell.
        Error = "ERROR",
        /// There is one controller only.
        Single = "SINGLE",
    }
}

code! {
    /// Which updates an appliance takes.
    UpdateProfile {
        /// Nightly builds.
        Developer = "DEVELOPER",
        /// First releases.
        EarlyAdopter = "EARLY_ADOPTER",
        /// Releases for everybody.
        General = "GENERAL",
        /// Releases that were in use for long.
        MissionCritical = "MISSION_CRITICAL",
    }
}
