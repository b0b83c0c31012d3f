//! Snapshots: those of VolumeSnapshots are planned, those of the periodic task follow from time; and the space identities
//! that tie a row of snapshots together.

use super::calendar::{self, Calendar, DAY, NEVER};
use super::rng::{Seed, Use};
use super::volume::{BLOCK, Protocol, Volume};

/// Datasets that the recursive task snapshots in one transaction group.
const BATCH: u32 = 1_000;

/// How a driver-made snapshot is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `<volume>@snapshot-<uid>`.
    Attached,
    /// Dataset `<s>/<volume>/snapshot-<uid>`.
    Detached,
    /// `<volume>@volume-source-for-volume-<handle>`: lives as long as the clone; no VolumeSnapshot.
    CloneSource,
}

/// One snapshot made by the driver.
#[derive(Clone, Debug)]
pub(super) struct CsiSnapshot {
    pub(super) number: u32,
    pub(super) volume: u32,
    pub(super) form: Form,
    pub(super) created: i64,
    pub(super) k8s_until: i64,
    pub(super) zfs_until: i64,
    /// Number of the volume cloned from it.
    pub(super) clone: Option<u32>,
}

impl CsiSnapshot {
    pub(super) fn new(number: u32, volume: u32, form: Form, created: i64) -> Self {
        Self {
            number,
            volume,
            form,
            created,
            k8s_until: NEVER,
            zfs_until: NEVER,
            clone: None,
        }
    }

    /// Uid of the VolumeSnapshot.
    pub(super) fn uid(&self, seed: Seed) -> String {
        seed.uuid(Use::CsiSnapshot, self.number, 0)
    }

    /// Name of the VolumeSnapshotContent.
    pub(super) fn content(&self, seed: Seed) -> String {
        format!("snapcontent-{}", self.uid(seed))
    }

    /// Text after `@`, or last path component when detached.
    pub(super) fn name(&self, seed: Seed) -> String {
        match (self.form, self.clone) {
            (Form::CloneSource, Some(clone)) => {
                format!(
                    "volume-source-for-volume-pvc-{}",
                    seed.uuid(Use::Claim, clone, 0)
                )
            }
            _ => format!("snapshot-{}", self.uid(seed)),
        }
    }

    pub(super) fn is_in_k8s(&self, time: i64) -> bool {
        self.form != Form::CloneSource && self.created <= time && time < self.k8s_until
    }

    pub(super) fn is_in_zfs(&self, time: i64) -> bool {
        self.created <= time && time < self.zfs_until
    }
}

/// The periodic tasks: how many daily snapshots each parent keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    keep: [u32; 2],
    is_frozen: bool,
}

impl Schedule {
    /// The pair of retentions that comes nearest to `target` snapshots over `n_volumes` of each protocol.
    pub(super) fn new(target: usize, n_volumes: [usize; 2], churn: f64) -> Self {
        let n_all = (n_volumes[0] + n_volumes[1]).max(1) as f64;
        let least = (1..3_650)
            .take_while(|&keep| expected(keep, churn) * n_all <= target as f64)
            .last()
            .unwrap_or(0);
        let candidates = [
            [least, least],
            [least + 1, least],
            [least, least + 1],
            [least + 1, least + 1],
        ];
        let distance = |keep: &[u32; 2]| {
            let total = expected(keep[0], churn) * n_volumes[0] as f64
                + expected(keep[1], churn) * n_volumes[1] as f64;
            (total - target as f64).abs()
        };
        let keep = candidates
            .into_iter()
            .min_by(|left, right| distance(left).total_cmp(&distance(right)));
        Self {
            keep: keep.unwrap_or_default(),
            is_frozen: churn <= 0.0,
        }
    }

    /// Days (and so snapshots) that the task of a parent keeps; 0 means that there is no task.
    pub(super) fn keep(&self, protocol: Protocol) -> u32 {
        self.keep[protocol as usize]
    }

    /// The newest run on a day.
    pub(super) fn last_run(&self, calendar: Calendar, day: usize) -> i64 {
        calendar.midnight(if self.is_frozen { 0 } else { day })
    }

    /// Runs whose snapshots are still there on a day, oldest first.
    pub(super) fn runs(
        &self,
        calendar: Calendar,
        day: usize,
        protocol: Protocol,
    ) -> impl Iterator<Item = i64> {
        let last = self.last_run(calendar, day);
        (0..i64::from(self.keep(protocol)))
            .rev()
            .map(move |back| last - back * DAY)
    }
}

/// Snapshots that a volume has on average: those younger than the retention have fewer. Three of five volumes are
/// replaced in turn, `churn` of all each day.
fn expected(keep: u32, churn: f64) -> f64 {
    let keep = f64::from(keep);
    let lifetime = 0.6 / churn.max(1e-9);
    if keep <= lifetime {
        keep - churn * keep * keep / 2.0
    } else {
        0.4 * keep + 0.3 * lifetime
    }
}

/// When the task reaches a dataset: batches of datasets share a transaction group.
pub(super) fn run_time(run: i64, object: u32) -> i64 {
    run + i64::from(object / BATCH) * 5
}

/// What a snapshot on a dataset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// Made by the task at this run.
    Run(i64),
    /// Made by the driver; index into the planned snapshots.
    Csi(usize),
    /// Made by a person.
    Manual,
}

/// One snapshot of one dataset on one day, with its space.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) label: Label,
    pub(super) created: i64,
    pub(super) guid: u64,
    pub(super) referenced: u64,
    pub(super) written: u64,
    pub(super) used: u64,
}

impl Point {
    pub(super) fn txg(&self) -> u64 {
        calendar::txg(self.created)
    }
}

/// Space of the live dataset that follows from its snapshots.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    pub(super) used_by_snapshots: u64,
    pub(super) written: u64,
}

/// Fills in the space of the snapshots of a volume, which must be sorted by time, and returns that of the head.
///
/// `written` is what was born since the snapshot before. What dies between a snapshot and its successor is
/// F = referenced - referenced(next) + written(next); the sum of all F is `usedbysnapshots`. A snapshot's own `used` is
/// what it alone holds: at most what was born for it and at most what died after it, and for the oldest exactly its F.
pub(super) fn account(volume: &Volume, points: &mut [Point], now: i64) -> Head {
    let mut before: Option<i64> = None;
    for point in points.iter_mut() {
        point.referenced = volume.referenced(point.created);
        point.written = born(volume, before, point.created);
        before = Some(point.created);
    }
    let head = (volume.referenced(now), born(volume, before, now));
    let mut used_by_snapshots = 0;
    for index in 0..points.len() {
        let next = points
            .get(index + 1)
            .map_or(head, |point| (point.referenced, point.written));
        let point = &mut points[index];
        let died = (point.referenced + next.1).saturating_sub(next.0);
        point.used = if index == 0 {
            died
        } else {
            point.written.min(died) / 2 / BLOCK * BLOCK
        };
        used_by_snapshots += died;
    }
    Head {
        used_by_snapshots,
        written: head.1,
    }
}

fn born(volume: &Volume, before: Option<i64>, time: i64) -> u64 {
    let referenced = volume.referenced(time);
    before.map_or(referenced - volume.origin_bytes.min(referenced), |before| {
        (volume.written(time) - volume.written(before)).min(referenced)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::volume::volume;

    fn points(times: &[i64]) -> Vec<Point> {
        let point = |&created| Point {
            label: Label::Manual,
            created,
            guid: 0,
            referenced: 0,
            written: 0,
            used: 0,
        };
        times.iter().map(point).collect()
    }

    #[test]
    fn an_exact_cut_of_all_snapshots_is_usedbysnapshots() {
        for number in 0..300 {
            let volume = volume(Seed::new(9), number, Protocol::Iscsi, 1_770_000_000, 10);
            let times: Vec<i64> = (1..40)
                .map(|step| 1_770_000_000 + step * DAY * i64::from(1 + number % 4))
                .collect();
            let mut points = points(&times);
            let now = times[38] + 3 * 3_600;
            let head = account(&volume, &mut points, now);
            assert!(points.iter().map(|point| point.used).sum::<u64>() <= head.used_by_snapshots);
            let cut = points[0].referenced
                + points[1..].iter().map(|point| point.written).sum::<u64>()
                + head.written;
            assert_eq!(cut, volume.referenced(now) + head.used_by_snapshots);
        }
    }

    #[test]
    fn the_schedule_comes_near_the_wanted_number() {
        let schedule = Schedule::new(54_000, [3_000, 2_000], 0.0);
        let total = 3_000 * schedule.keep(Protocol::Iscsi) + 2_000 * schedule.keep(Protocol::Nfs);
        assert!(total.abs_diff(54_000) <= 1_000, "{total}");
        assert!(
            Schedule::new(54_000, [3_000, 2_000], 0.02).keep(Protocol::Nfs)
                > schedule.keep(Protocol::Nfs)
        );
    }
}
