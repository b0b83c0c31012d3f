//! What an estate is made from.

use jiff::Timestamp;

use super::fault::Fault;

/// Everything that decides the bytes of an estate.
#[derive(Clone, Debug, PartialEq)]
pub struct EstateOptions {
    /// Where every name, id and size comes from.
    pub seed: u64,
    /// CSI volumes on day 0; raised when traps and faults alone need more.
    pub volumes: usize,
    /// ZFS snapshots per day, about: nine of ten belong to the periodic task, one of ten to VolumeSnapshots.
    pub snapshots: usize,
    /// Days, one world each; at least 1.
    pub days: usize,
    /// Share of volumes and VolumeSnapshots replaced each day (0.02: one in fifty). Twenty times as many volumes are being
    /// written to. With 0 only what a trap needs changes, and the periodic task stands still.
    pub churn: f64,
    /// What to plant; see [`Fault::demo`].
    pub faults: Vec<Fault>,
    /// First day; its time of day is dropped.
    pub start: Timestamp,
    /// Name of the one cluster.
    pub cluster: String,
    /// Name of the one appliance.
    pub appliance: String,
}

impl Default for EstateOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            volumes: 100,
            snapshots: 1_000,
            days: 5,
            churn: 0.02,
            faults: Vec::new(),
            start: Timestamp::constant(1_772_409_600, 0),
            cluster: "prod-a".to_owned(),
            appliance: "nas01".to_owned(),
        }
    }
}
