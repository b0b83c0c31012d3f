//! Words of volumes and claims.

use crate::code;

code! {
    /// Phase of a volume or a claim.
    Phase {
        /// Not bound yet.
        Pending = "Pending",
        /// Free.
        Available = "Available",
        /// Bound.
        Bound = "Bound",
        /// Claim gone.
        Released = "Released",
        /// Reclamation failed.
        Failed = "Failed",
        /// Claim lost its volume.
        Lost = "Lost",
    }
}

code! {
    /// What happens to the backing object.
    ReclaimPolicy {
        /// Deleted with the object.
        Delete = "Delete",
        /// Kept.
        Retain = "Retain",
        /// Scrubbed and reused (deprecated).
        Recycle = "Recycle",
    }
}

code! {
    /// Volume mode.
    VolumeMode {
        /// Mounted.
        Filesystem = "Filesystem",
        /// Raw device.
        Block = "Block",
    }
}

code! {
    /// Widest access mode.
    AccessMode {
        /// Many nodes, writing.
        ReadWriteMany = "ReadWriteMany",
        /// Many nodes, reading.
        ReadOnlyMany = "ReadOnlyMany",
        /// One node.
        ReadWriteOnce = "ReadWriteOnce",
        /// One pod.
        ReadWriteOncePod = "ReadWriteOncePod",
    }
}

impl AccessMode {
    /// Picks the widest of a list.
    pub fn widest<'a>(modes: impl IntoIterator<Item = &'a str>) -> Self {
        modes
            .into_iter()
            .map(Self::parse)
            .min()
            .unwrap_or(Self::Other)
    }
}

code! {
    /// When a storage class provisions.
    BindingMode {
        /// At once.
        Immediate = "Immediate",
        /// When a pod needs it.
        WaitForFirstConsumer = "WaitForFirstConsumer",
    }
}

code! {
    /// Kind of a claim's data source.
    SourceObject {
        /// Clone of a claim.
        Claim = "PersistentVolumeClaim",
        /// Restore of a snapshot.
        Snapshot = "VolumeSnapshot",
    }
}

code! {
    /// Finalizer of external-attacher on a PV.
    AttacherFinalizer {
        /// Of the PV's own driver.
        Own = "own",
        /// Of another driver.
        Foreign = "foreign",
        /// Absent.
        None = "none",
    }
}
