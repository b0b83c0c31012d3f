//! Classes and levels of alerts, as TrueNAS names them.

use crate::code;

code! {
    /// How urgent an alert is.
    AlertLevel {
        /// For the record.
        Info = "INFO",
        /// Normal but worth a look.
        Notice = "NOTICE",
        /// Not right.
        Warning = "WARNING",
        /// An error.
        Error = "ERROR",
        /// Critical.
        Critical = "CRITICAL",
        /// Act at once.
        Alert = "ALERT",
        /// Unusable.
        Emergency = "EMERGENCY",
    }
}

code! {
    /// What an alert is about, as far as storage goes.
    AlertClass {
        /// The key of a login was revoked.
        ApiKeyRevoked = "ApiKeyRevoked",
        /// The boot pool is not healthy.
        BootPoolStatus = "BootPoolStatus",
        /// A certificate has expired.
        CertificateExpired = "CertificateExpired",
        /// A certificate expires within a month.
        CertificateIsExpiring = "CertificateIsExpiring",
        /// A certificate expires within a week.
        CertificateIsExpiringSoon = "CertificateIsExpiringSoon",
        /// The running version is not one of the chosen profile.
        VersionDoesNotMatchProfile = "CurrentlyRunningVersionDoesNotMatchProfile",
        /// A disk has protection information, which slows it down.
        DifFormatted = "DifFormatted",
        /// A disk is too hot.
        DiskTemperatureTooHot = "DiskTemperatureTooHot",
        /// A disk is missing on the active controller.
        DisksAreNotPresentOnActiveNode = "DisksAreNotPresentOnActiveNode",
        /// A disk is missing on the other controller.
        DisksAreNotPresentOnStandbyNode = "DisksAreNotPresentOnStandbyNode",
        /// An enclosure is not healthy.
        EnclosureUnhealthy = "EnclosureUnhealthy",
        /// Encrypted and plain datasets are nested.
        EncryptedDataset = "EncryptedDataset",
        /// A failover failed.
        FailoverFailed = "FailoverFailed",
        /// A controller was started anew after a failover.
        FailoverReboot = "FailoverReboot",
        /// The other controller does not answer.
        FailoverRemoteSystemInaccessible = "FailoverRemoteSystemInaccessible",
        /// The state of the pair cannot be told.
        FailoverStatusCheckFailed = "FailoverStatusCheckFailed",
        /// The controllers are not in step.
        FailoverSyncFailed = "FailoverSyncFailed",
        /// A controller was shut out.
        FencedReboot = "FencedReboot",
        /// An update is there.
        HasUpdate = "HasUpdate",
        /// Discovery uses several methods.
        IscsiDiscoveryAuthMixed = "ISCSIDiscoveryAuthMixed",
        /// Discovery uses several secrets.
        IscsiDiscoveryAuthMultipleChap = "ISCSIDiscoveryAuthMultipleCHAP",
        /// Discovery uses several mutual secrets.
        IscsiDiscoveryAuthMultipleMutualChap = "ISCSIDiscoveryAuthMultipleMutualCHAP",
        /// A portal listens on an address that the appliance does not have.
        IscsiPortalIp = "ISCSIPortalIP",
        /// Memory reports errors.
        MemoryErrors = "MemoryErrors",
        /// An export has too many hosts.
        NfsHostListExcessive = "NFSHostListExcessive",
        /// A host of an export has no address.
        NfsHostnameLookupFail = "NFSHostnameLookupFail",
        /// An export has too many networks.
        NfsNetworkListExcessive = "NFSNetworkListExcessive",
        /// Exports are blocked by files of others.
        NfsBlockedByExportsDir = "NFSblockedByExportsDir",
        /// Clocks are apart.
        NtpHealthCheck = "NTPHealthCheck",
        /// No critical interface is set.
        NoCriticalFailoverInterfaceFound = "NoCriticalFailoverInterfaceFound",
        /// A pool lacks newer features.
        PoolUpgraded = "PoolUpgraded",
        /// A power supply failed.
        PowerSupply = "PowerSupply",
        /// A dataset is nearly at its quota.
        QuotaCritical = "QuotaCritical",
        /// A dataset comes close to its quota.
        QuotaWarning = "QuotaWarning",
        /// Clients use the interface that goes away.
        RestApiUsage = "RESTAPIUsage",
        /// A replication failed.
        ReplicationFailed = "ReplicationFailed",
        /// A replication succeeded.
        ReplicationSuccess = "ReplicationSuccess",
        /// A disk reports errors.
        Smart = "SMART",
        /// A disk failed its own test.
        SmartFailedSelftest = "SMARTFailedSelfTest",
        /// A disk runs out of spare blocks.
        SmartSpareBlockCount = "SMARTSpareBlockCount",
        /// A disk cannot correct errors.
        SmartUncorrectedErrors = "SMARTUncorrectedErrors",
        /// A scrub was due and did not start.
        ScrubNotStarted = "ScrubNotStarted",
        /// A scrub is paused for long.
        ScrubPaused = "ScrubPaused",
        /// A scrub started.
        ScrubStarted = "ScrubStarted",
        /// The path of a share is locked.
        ShareLocked = "ShareLocked",
        /// An SMB share has too many snapshots.
        SnapshotCount = "SnapshotCount",
        /// A snapshot task failed.
        SnapshotFailed = "SnapshotFailed",
        /// There are too many snapshots.
        SnapshotTotalCount = "SnapshotTotalCount",
        /// The dataset of a task is locked.
        TaskLocked = "TaskLocked",
        /// The special vdev fills up.
        TierSpecialVdevCritical = "TierSpecialVdevCritical",
        /// The special vdev comes close to its limit.
        TierSpecialVdevWarning = "TierSpecialVdevWarning",
        /// The controllers run different versions.
        VersionsMismatch = "TrueNASVersionsMismatch",
        /// A pool is on a USB disk.
        UsbStorage = "USBStorage",
        /// A pool is not healthy.
        VolumeStatus = "VolumeStatus",
        /// A pool is nearly full.
        ZpoolCapacityCritical = "ZpoolCapacityCritical",
        /// A pool fills up.
        ZpoolCapacityNotice = "ZpoolCapacityNotice",
        /// A pool comes close to being full.
        ZpoolCapacityWarning = "ZpoolCapacityWarning",
    }
}
