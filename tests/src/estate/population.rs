//! The ordinary volumes and VolumeSnapshots: many, healthy, and replaced over time.

use std::collections::VecDeque;

use super::calendar::{DAY, HOUR, NEVER};
use super::plan::Estate;
use super::rng::Use;
use super::snapshot::Form;
use super::volume::{Protocol, Workload};

/// Age limit of the first VolumeSnapshots.
const SNAPSHOT_AGE: i64 = 30 * DAY;

/// Adds ordinary volumes up to the wanted number, then their replacements, then VolumeSnapshots.
pub(super) fn add(estate: &mut Estate) {
    let first = estate.volumes.len();
    let now = estate.calendar.appliance_now(0);
    let n_special = estate
        .volumes
        .iter()
        .filter(|volume| volume.has_dataset(now))
        .count();
    let n_ordinary = estate.options.volumes.saturating_sub(n_special);
    for _ in 0..n_ordinary {
        let number = estate.volumes.len() as u32;
        let age = DAY + estate.seed.below(Use::Birth, number, 0, 400 * DAY as u64) as i64;
        let created = estate.calendar.now(0) - age;
        let idle_from = idle_from(estate, number);
        estate.add_volume(protocol(number), created, |volume| {
            volume.idle_from = idle_from
        });
    }
    replace(estate, first, n_ordinary);
    expand(estate, first, n_ordinary);
    group(estate, first, n_ordinary);
    snapshots(estate, first);
}

fn protocol(number: u32) -> Protocol {
    if number % 5 < 3 {
        Protocol::Iscsi
    } else {
        Protocol::Nfs
    }
}

/// Most volumes are written to rarely: they came to rest in the two months before the start.
fn idle_from(estate: &Estate, number: u32) -> i64 {
    if estate.seed.unit(Use::Rate, number, 2) < estate.options.churn * 20.0 {
        return NEVER;
    }
    estate.calendar.now(0)
        - HOUR * 6
        - estate.seed.below(Use::Rate, number, 3, 60 * DAY as u64) as i64
}

/// Volumes deleted and created on each day. Three of five volumes take part, in a queue that newcomers join at its end,
/// so that the estate neither grows nor ages; their ages on day 0 are those of a queue that has always moved.
fn replace(estate: &mut Estate, first: usize, n_ordinary: usize) {
    let per_day = estate.options.churn * n_ordinary as f64;
    if per_day <= 0.0 {
        return;
    }
    let mut numbers: Vec<u32> = (first..first + n_ordinary)
        .map(|number| number as u32)
        .collect();
    numbers.sort_by_key(|&number| estate.seed.number(Use::Order, number, 0));
    let mut queue: VecDeque<u32> = numbers.into_iter().take(n_ordinary * 3 / 5).collect();
    let length = queue.len() as f64;
    for (place, &number) in queue.iter().enumerate() {
        let age_days = ((length - place as f64) / per_day).clamp(1.2, 400.0);
        estate.volumes[number as usize].created =
            estate.calendar.now(0) - (age_days * DAY as f64) as i64;
    }
    for day in 1..estate.options.days {
        let n_replaced = (per_day * day as f64) as usize - (per_day * (day - 1) as f64) as usize;
        for _ in 0..n_replaced.min(queue.len()) {
            let Some(number) = queue.pop_front() else {
                return;
            };
            queue.push_back(replace_one(estate, number, day));
        }
    }
}

/// Deletes a volume on a day and returns the number of the one that takes its place.
fn replace_one(estate: &mut Estate, number: u32, day: usize) -> u32 {
    let moment = |part| {
        estate
            .seed
            .below(Use::Deletion, number, part, 20 * HOUR as u64) as i64
    };
    let deleted = estate.calendar.now(day) - HOUR - moment(0);
    let created = estate.calendar.now(day) - HOUR - moment(1);
    let volume = &mut estate.volumes[number as usize];
    (volume.k8s_until, volume.dataset_until, volume.export_until) = (deleted, deleted, deleted);
    let protocol = volume.protocol;
    let newcomer = estate.volumes.len() as u32;
    let is_busy = estate.seed.unit(Use::Rate, newcomer, 2) < estate.options.churn * 20.0;
    let idle_from = if is_busy { NEVER } else { created + DAY };
    estate.add_volume(protocol, created, |volume| volume.idle_from = idle_from)
}

/// Some claims are expanded during the series.
fn expand(estate: &mut Estate, first: usize, n_ordinary: usize) {
    let days = estate.options.days;
    let share = estate.options.churn * days as f64 / 10.0;
    for number in first..first + n_ordinary {
        let (seed, calendar) = (estate.seed, estate.calendar);
        let volume = &mut estate.volumes[number];
        if volume.k8s_until == NEVER && seed.unit(Use::Growth, volume.number, 0) < share {
            let day = seed.below(Use::Growth, volume.number, 1, days as u64) as usize;
            volume.expanded_at = calendar.onset(day)
                - seed.below(Use::Growth, volume.number, 2, 12 * HOUR as u64) as i64;
        }
    }
}

/// Block volumes that stay belong to StatefulSets of one to three; all others to Deployments.
fn group(estate: &mut Estate, first: usize, n_ordinary: usize) {
    let staying: Vec<u32> = estate.volumes[first..first + n_ordinary]
        .iter()
        .filter(|volume| volume.protocol == Protocol::Iscsi && volume.k8s_until == NEVER)
        .map(|volume| volume.number)
        .collect();
    let mut rest = staying.as_slice();
    while let Some(&leader) = rest.first() {
        let replicas = (1 + estate.seed.below(Use::Pick, leader, 9, 3) as usize).min(rest.len());
        let namespace = estate.volumes[leader as usize].namespace;
        for (ordinal, &number) in rest[..replicas].iter().enumerate() {
            let volume = &mut estate.volumes[number as usize];
            volume.namespace = namespace;
            volume.workload = Workload::StatefulSet {
                first: leader,
                ordinal: ordinal as u8,
                replicas: replicas as u8,
            };
        }
        rest = &rest[replicas..];
    }
}

/// One of ten snapshots is a VolumeSnapshot. Each is replaced by one of another volume after 1 / churn days, or when its
/// volume goes.
fn snapshots(estate: &mut Estate, first: usize) {
    let start = estate.calendar.now(0);
    let end = estate.calendar.now(estate.last_day());
    let lifetime = if estate.options.churn > 0.0 {
        (DAY as f64 / estate.options.churn) as i64
    } else {
        NEVER
    };
    let lifetime = lifetime.max(2 * HOUR);
    for slot in 0..estate.options.snapshots as u32 / 10 {
        let age = 2 * HOUR
            + estate
                .seed
                .below(Use::Phase, slot, 0, (SNAPSHOT_AGE - 3 * HOUR) as u64) as i64;
        let mut created = start - age;
        let mut until =
            start.saturating_add((lifetime as f64 * estate.seed.unit(Use::Phase, slot, 1)) as i64);
        for turn in 0.. {
            until = one_snapshot(estate, first, (slot, turn), created, until);
            if until > end {
                break;
            }
            (created, until) = (until, until.saturating_add(lifetime));
        }
    }
}

/// Plans one snapshot of some volume that lives then, and returns when it goes; when no draw finds a volume, the next
/// try is an hour later.
fn one_snapshot(
    estate: &mut Estate,
    first: usize,
    (slot, turn): (u32, u32),
    created: i64,
    until: i64,
) -> i64 {
    let n_candidates = (estate.volumes.len() - first) as u64;
    for draw in 0..64 {
        if n_candidates == 0 {
            return NEVER;
        }
        let number = first
            + estate
                .seed
                .below(Use::Pick, slot, turn * 64 + draw + 16, n_candidates) as usize;
        let volume = &estate.volumes[number];
        if volume.pod_created() + HOUR <= created && created < volume.k8s_until - HOUR {
            let until = until.min(volume.dataset_until);
            let number = volume.number;
            estate.add_snapshot(number, Form::Attached, created, |snapshot| {
                (snapshot.k8s_until, snapshot.zfs_until) = (until, until);
            });
            return until;
        }
    }
    created + HOUR
}
