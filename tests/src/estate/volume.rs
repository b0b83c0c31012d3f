//! One CSI volume over its life: who has it when, how it grows, and what it is called.

use super::calendar::{DAY, NEVER};
use super::rng::{Seed, Use};

/// One gibibyte.
pub(super) const GIB: u64 = 1 << 30;

/// Allocation step of every size that ZFS reports here.
pub(super) const BLOCK: u64 = 8_192;

/// Seconds from the claim to the dataset: external-provisioner and the driver work meanwhile.
pub(super) const DATASET_DELAY: i64 = 13;

/// Seconds from the claim to the PV object.
const PV_DELAY: i64 = 16;

/// Seconds from the claim to a running pod.
const POD_DELAY: i64 = 45;

/// How a volume is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Iscsi,
    Nfs,
}

impl Protocol {
    pub(super) const ALL: [Self; 2] = [Self::Iscsi, Self::Nfs];

    /// The word in paths, classes and driver names.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Iscsi => "iscsi",
            Self::Nfs => "nfs",
        }
    }

    /// `datasetParentName` of the driver.
    pub(super) fn parent(self) -> String {
        format!("tank/k8s/{}/v", self.word())
    }

    /// `detachedSnapshotsDatasetParentName` of the driver.
    pub(super) fn detached_parent(self) -> String {
        format!("tank/k8s/{}/s", self.word())
    }

    /// Name of the CSIDriver object.
    pub(super) fn driver(self) -> String {
        format!("org.democratic-csi.{}", self.word())
    }
}

/// How far the driver got; readable from the user properties it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Every step done.
    Complete,
    /// The dataset was made, the share was refused.
    DatasetOnly,
    /// DeleteVolume removed the share and its ids, then `zfs destroy` failed.
    ExportRemoved,
}

/// What somebody did to the export of a healthy volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    None,
    ExportMissing,
    ExportDisabled,
    LinkMissing,
}

/// Who consumes the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Workload {
    Deployment,
    /// `first` is the number of the volume with ordinal 0.
    StatefulSet {
        first: u32,
        ordinal: u8,
        replicas: u8,
    },
}

/// One volume. Times are Unix seconds; `NEVER` when it does not happen.
#[derive(Clone, Debug)]
pub(super) struct Volume {
    pub(super) number: u32,
    pub(super) protocol: Protocol,
    pub(super) is_retained: bool,
    pub(super) has_child: bool,
    pub(super) is_replicated: bool,
    pub(super) stage: Stage,
    pub(super) damage: Damage,
    pub(super) damaged_at: i64,
    pub(super) created: i64,
    pub(super) released_at: i64,
    pub(super) k8s_until: i64,
    pub(super) dataset_until: i64,
    pub(super) export_until: i64,
    pub(super) first_capacity: u64,
    pub(super) expanded_at: i64,
    pub(super) first_bytes: u64,
    pub(super) grown_bytes_per_day: u64,
    pub(super) rewritten_bytes_per_day: u64,
    pub(super) idle_from: i64,
    /// The snapshot (its number) this volume is a clone of, and the bytes shared with it.
    pub(super) origin: Option<u32>,
    pub(super) origin_bytes: u64,
    pub(super) workload: Workload,
    pub(super) namespace: u16,
    pub(super) node: u16,
}

impl Volume {
    /// Whether the claim exists; `Pending` until the PV does.
    pub(super) fn has_claim(&self, time: i64) -> bool {
        self.created <= time && time < self.k8s_until.min(self.released_at)
    }

    pub(super) fn pv_created(&self) -> i64 {
        self.created + PV_DELAY
    }

    pub(super) fn has_pv(&self, time: i64) -> bool {
        self.pv_created() <= time && time < self.k8s_until
    }

    pub(super) fn is_released(&self, time: i64) -> bool {
        self.released_at <= time
    }

    pub(super) fn pod_created(&self) -> i64 {
        self.created + POD_DELAY
    }

    /// Whether a pod runs with the claim, so that the volume is attached.
    pub(super) fn has_pod(&self, time: i64) -> bool {
        self.has_claim(time) && self.pod_created() <= time
    }

    pub(super) fn dataset_created(&self) -> i64 {
        self.created + DATASET_DELAY
    }

    pub(super) fn has_dataset(&self, time: i64) -> bool {
        self.dataset_created() <= time && time < self.dataset_until
    }

    /// Damage that has happened by then.
    pub(super) fn damage(&self, time: i64) -> Damage {
        if self.damaged_at <= time {
            self.damage
        } else {
            Damage::None
        }
    }

    /// Whether the appliance has a share, or a target with its extent.
    pub(super) fn has_export(&self, time: i64) -> bool {
        self.stage != Stage::DatasetOnly
            && self.dataset_created() <= time
            && time < self.export_until
            && self.damage(time) != Damage::ExportMissing
    }

    pub(super) fn capacity(&self, time: i64) -> u64 {
        if self.expanded_at <= time {
            self.first_capacity * 2
        } else {
            self.first_capacity
        }
    }

    /// Bytes the live dataset references; never shrinks, stops at three quarters of the capacity.
    pub(super) fn referenced(&self, time: i64) -> u64 {
        let limit = (self.first_capacity / 4 * 3).max(self.first_bytes + self.origin_bytes);
        (self.first_bytes + self.origin_bytes + self.grown(time)).min(limit)
    }

    /// Bytes ever written, counted from the creation; grows at least as fast as [`Self::referenced`].
    pub(super) fn written(&self, time: i64) -> u64 {
        self.grown(time) + self.accrued(self.rewritten_bytes_per_day, time)
    }

    fn grown(&self, time: i64) -> u64 {
        self.accrued(self.grown_bytes_per_day, time)
    }

    fn accrued(&self, bytes_per_day: u64, time: i64) -> u64 {
        let seconds = (time.min(self.idle_from) - self.dataset_created())
            .max(0)
            .unsigned_abs();
        let bytes = u128::from(bytes_per_day) * u128::from(seconds) / DAY.unsigned_abs() as u128;
        u64::try_from(bytes).unwrap_or(u64::MAX) / BLOCK * BLOCK
    }

    pub(super) fn claim_uid(&self, seed: Seed) -> String {
        seed.uuid(Use::Claim, self.number, 0)
    }

    /// PV name, volume handle and last path component: one name.
    pub(super) fn handle(&self, seed: Seed) -> String {
        format!("pvc-{}", self.claim_uid(seed))
    }

    pub(super) fn dataset(&self, seed: Seed) -> String {
        format!("{}/{}", self.protocol.parent(), self.handle(seed))
    }

    /// Target and extent name; the appliance allows 64 characters.
    pub(super) fn asset(&self, seed: Seed, cluster: &str) -> String {
        let suffix: String = cluster.to_lowercase().chars().take(16).collect();
        format!("csi-{}-{suffix}", self.handle(seed))
    }

    pub(super) fn storage_class(&self) -> String {
        let kind = if self.is_retained { "-retain" } else { "" };
        format!("truenas-{}{kind}", self.protocol.word())
    }

    /// Id of the share, target, extent and link alike; low ids belong to what people made by hand.
    pub(super) fn export_id(&self) -> u32 {
        self.number + 10
    }
}

/// A volume as the population starts it; callers set what is special.
pub(super) fn volume(
    seed: Seed,
    number: u32,
    protocol: Protocol,
    created: i64,
    keep: u64,
) -> Volume {
    let gibibytes = 20.0 * 2f64.powf(1.6 * seed.normal(Use::Size, number));
    let capacity = (gibibytes.round() as u64).clamp(1, 2_048) * GIB;
    let share =
        |what, part, least: f64, most: f64| least + (most - least) * seed.unit(what, number, part);
    let bytes = |share: f64| (capacity as f64 * share) as u64 / BLOCK * BLOCK;
    Volume {
        number,
        protocol,
        is_retained: false,
        has_child: false,
        is_replicated: false,
        stage: Stage::Complete,
        damage: Damage::None,
        damaged_at: NEVER,
        created,
        released_at: NEVER,
        k8s_until: NEVER,
        dataset_until: NEVER,
        export_until: NEVER,
        first_capacity: capacity,
        expanded_at: NEVER,
        first_bytes: bytes(share(Use::Fill, 0, 0.05, 0.45)),
        grown_bytes_per_day: bytes(share(Use::Rate, 0, 0.0, 0.003)),
        rewritten_bytes_per_day: bytes(
            share(Use::Fill, 0, 0.05, 0.45) * share(Use::Rate, 1, 0.005, 0.06)
                / keep.max(10) as f64,
        ),
        idle_from: NEVER,
        origin: None,
        origin_bytes: 0,
        workload: Workload::Deployment,
        namespace: 0,
        node: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_never_references_more_than_was_written() {
        let volume = volume(Seed::new(3), 4, Protocol::Nfs, 1_770_000_000, 10);
        let times: Vec<i64> = (0..400).map(|day| 1_770_000_000 + day * DAY).collect();
        for pair in times.windows(2) {
            let grown = volume.referenced(pair[1]) - volume.referenced(pair[0]);
            assert!(volume.written(pair[1]) - volume.written(pair[0]) >= grown);
            assert!(volume.referenced(pair[1]) <= volume.capacity(pair[1]));
        }
    }
}
