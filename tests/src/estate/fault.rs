//! What can be wrong in an estate, by the mode ids of the failure catalogue.

use std::fmt;
use std::str::FromStr;

/// One fault to plant; a fault named twice is planted twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// F01: PV Released for more than 30 days, policy Retain.
    ForgottenRelease,
    /// F02: dataset and zvol left after their Retain PVs were deleted by hand.
    LeftoverVolume,
    /// F03: PV Released with policy Delete, held by a clone of its volume.
    BlockedDelete,
    /// F04: dataset without `provision_success` and without a share.
    HalfProvisioned,
    /// F05: PV deleted before its claim, so the driver never deleted the volume.
    SkippedDelete,
    /// F09: iSCSI target and extent left, the zvol is gone.
    DeadExtent,
    /// F21: PV Bound, dataset gone.
    MissingVolume,
    /// F22: NFS share missing (one volume) and disabled (another).
    BrokenShare,
    /// F23: iSCSI link missing (one volume) and extent disabled (another).
    BrokenIscsiChain,
    /// F24: VolumeSnapshotContent ready, ZFS snapshot gone.
    LostSnapshot,
    /// CAP-001: pool `fast` filled above 90 percent.
    FullPool,
    /// BPR-014: one Kubernetes list denied on one day.
    DeniedList,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 12] = [
        Self::ForgottenRelease,
        Self::LeftoverVolume,
        Self::BlockedDelete,
        Self::HalfProvisioned,
        Self::SkippedDelete,
        Self::DeadExtent,
        Self::MissingVolume,
        Self::BrokenShare,
        Self::BrokenIscsiChain,
        Self::LostSnapshot,
        Self::FullPool,
        Self::DeniedList,
    ];

    /// The set of the demonstration: every fault once.
    pub fn demo() -> Vec<Self> {
        Self::ALL.to_vec()
    }

    /// The mode id, as in `truth.json`.
    pub fn id(self) -> &'static str {
        match self {
            Self::ForgottenRelease => "F01",
            Self::LeftoverVolume => "F02",
            Self::BlockedDelete => "F03",
            Self::HalfProvisioned => "F04",
            Self::SkippedDelete => "F05",
            Self::DeadExtent => "F09",
            Self::MissingVolume => "F21",
            Self::BrokenShare => "F22",
            Self::BrokenIscsiChain => "F23",
            Self::LostSnapshot => "F24",
            Self::FullPool => "CAP-001",
            Self::DeniedList => "BPR-014",
        }
    }

    /// The table that holds the subject; its real key is the subject of a truth.
    pub fn table(self) -> &'static str {
        match self {
            Self::LeftoverVolume | Self::HalfProvisioned | Self::SkippedDelete => "zfs_dataset",
            Self::ForgottenRelease
            | Self::BlockedDelete
            | Self::MissingVolume
            | Self::BrokenShare
            | Self::BrokenIscsiChain => "k8s_pv",
            Self::DeadExtent => "nas_iscsi_extent",
            Self::LostSnapshot => "k8s_volume_snapshot_content",
            Self::FullPool => "nas_pool",
            Self::DeniedList => "collect_status",
        }
    }

    /// What is wrong, in a few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::ForgottenRelease => "released volume kept and forgotten",
            Self::LeftoverVolume => "volume left after its PV was deleted",
            Self::BlockedDelete => "delete blocked by a clone",
            Self::HalfProvisioned => "half-provisioned volume",
            Self::SkippedDelete => "PV deleted before its claim",
            Self::DeadExtent => "extent whose zvol is gone",
            Self::MissingVolume => "bound PV whose dataset is gone",
            Self::BrokenShare => "NFS share missing or disabled",
            Self::BrokenIscsiChain => "iSCSI chain incomplete or disabled",
            Self::LostSnapshot => "ready snapshot that is gone",
            Self::FullPool => "pool above 90 percent",
            Self::DeniedList => "list denied for a day",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// A text that is no mode id of a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no fault is called `{text}`; use one of {}", Fault::ALL.map(Fault::id).join(", "))]
pub struct UnknownFault {
    text: String,
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.id().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownFault {
                text: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_as_its_fault() {
        for fault in Fault::ALL {
            assert_eq!(fault.id().parse(), Ok(fault));
        }
        assert!(
            "F99"
                .parse::<Fault>()
                .unwrap_err()
                .to_string()
                .contains("F24")
        );
    }
}
