//! The traps that every estate holds: innocent, and easily taken for a fault.

use super::calendar::{DAY, HOUR};
use super::plan::Estate;
use super::snapshot::Form;
use super::truth::Trap;
use super::volume::{Protocol, Volume};

/// Path of the dataset that people manage by hand and a static in-tree PV uses.
pub(super) const MANUAL_DATASET: &str = "tank/media/films";

/// Name of the claim of that PV.
pub(super) const MANUAL_CLAIM: &str = "films";

/// Name of that PV.
pub(super) const MANUAL_PV: &str = "media-films";

/// Parent of the replicas.
pub(super) const REPLICAS: &str = "fast/replica";

/// Encrypted, locked, not shared.
pub(super) const LOCKED_DATASET: &str = "tank/secure";

/// Extent of a hypervisor on its own zvol.
pub(super) const VM_EXTENT: &str = "vm-web-01";

/// The zvol below it.
pub(super) const VM_ZVOL: &str = "tank/vm/web-01";

/// A sparse zvol with a snapshot that a person took.
pub(super) const VM_SPARSE_ZVOL: &str = "tank/vm/build-02";

/// Days between two volumes that are released and cleaned up.
const RELEASE_EVERY: usize = 3;

/// Adds the CSI volumes among the traps and names all of them.
pub(super) fn add(estate: &mut Estate) {
    let last_day = estate.last_day();
    let mut trap = |reason, table, subject: String| {
        estate.traps.push(Trap {
            reason,
            table,
            subject,
            first_day: 0,
            last_day,
        });
    };
    trap(
        "manual dataset used by a static PV",
        "zfs_dataset",
        MANUAL_DATASET.to_owned(),
    );
    trap(
        "static PV without a CSI driver",
        "k8s_pv",
        MANUAL_PV.to_owned(),
    );
    trap(
        "foreign dataset of a hypervisor",
        "zfs_dataset",
        VM_ZVOL.to_owned(),
    );
    trap(
        "foreign dataset of a hypervisor",
        "zfs_dataset",
        VM_SPARSE_ZVOL.to_owned(),
    );
    trap(
        "foreign extent on a zvol that exists",
        "nas_iscsi_extent",
        VM_EXTENT.to_owned(),
    );
    trap(
        "encrypted and locked",
        "zfs_dataset",
        LOCKED_DATASET.to_owned(),
    );
    replicas(estate);
    child(estate);
    clone_and_detached(estate);
    released(estate);
    in_flight(estate);
}

fn old(estate: &Estate) -> i64 {
    estate.calendar.now(0) - 120 * DAY
}

fn trap(
    estate: &mut Estate,
    reason: &'static str,
    table: &'static str,
    subject: String,
    days: (usize, usize),
) {
    estate.traps.push(Trap {
        reason,
        table,
        subject,
        first_day: days.0,
        last_day: days.1,
    });
}

fn replicas(estate: &mut Estate) {
    for protocol in Protocol::ALL {
        let created = old(estate);
        let number = estate.add_volume(protocol, created, |volume| volume.is_replicated = true);
        let subject = format!(
            "{REPLICAS}/{}",
            estate.volumes[number as usize].handle(estate.seed)
        );
        let days = (0, estate.last_day());
        trap(
            estate,
            "read-only replica with the same csi_volume_name",
            "zfs_dataset",
            subject,
            days,
        );
    }
}

fn child(estate: &mut Estate) {
    let created = old(estate);
    let number = estate.add_volume(Protocol::Nfs, created, |volume| volume.has_child = true);
    let subject = format!(
        "{}/cache",
        estate.volumes[number as usize].dataset(estate.seed)
    );
    let days = (0, estate.last_day());
    trap(
        estate,
        "child of a volume that inherits its properties",
        "zfs_dataset",
        subject,
        days,
    );
}

/// A volume with an attached snapshot that was restored as a clone, and a detached snapshot.
fn clone_and_detached(estate: &mut Estate) {
    let created = old(estate);
    let idle_from = created + 60 * DAY;
    let source = estate.add_volume(Protocol::Iscsi, created, |volume| {
        volume.idle_from = idle_from
    });
    let attached = estate.add_snapshot(source, Form::Attached, created + 70 * DAY, |_| {});
    let detached = estate.add_snapshot(source, Form::Detached, created + 80 * DAY, |_| {});
    let clone = add_clone(estate, source, attached, created + 71 * DAY);
    let days = (0, estate.last_day());
    let seed = estate.seed;
    let subject = estate.volumes[clone as usize].dataset(seed);
    trap(
        estate,
        "restored clone whose origin is a snapshot",
        "zfs_dataset",
        subject,
        days,
    );
    let volume = &estate.volumes[source as usize];
    let container = format!(
        "{}/{}",
        volume.protocol.detached_parent(),
        volume.handle(seed)
    );
    let snapshot = format!(
        "{container}/{}",
        estate.snapshots[detached as usize].name(seed)
    );
    trap(
        estate,
        "container of a detached snapshot",
        "zfs_dataset",
        container,
        days,
    );
    trap(estate, "detached snapshot", "zfs_dataset", snapshot, days);
}

/// Adds a volume cloned from a snapshot; it only grows.
pub(super) fn add_clone(estate: &mut Estate, source: u32, snapshot: u32, created: i64) -> u32 {
    let Volume {
        protocol,
        first_capacity,
        namespace,
        ..
    } = estate.volumes[source as usize];
    let taken = estate.snapshots[snapshot as usize].created;
    let origin_bytes = estate.volumes[source as usize].referenced(taken);
    let clone = estate.add_volume(protocol, created, |volume| {
        volume.origin = Some(snapshot);
        volume.origin_bytes = origin_bytes;
        volume.first_capacity = first_capacity;
        volume.namespace = namespace;
        volume.first_bytes = first_capacity / 100;
        volume.grown_bytes_per_day = first_capacity / 10_000;
        volume.rewritten_bytes_per_day = 0;
    });
    estate.snapshots[snapshot as usize].clone = Some(clone);
    clone
}

/// Retain volumes that are Released for a day or two, then cleaned up, PV and dataset alike.
fn released(estate: &mut Estate) {
    for day in (0..estate.options.days).step_by(RELEASE_EVERY) {
        let now = estate.calendar.now(day);
        let (released_at, cleaned_at) = (now - 20 * HOUR, now + 3 * DAY - 5 * HOUR);
        let number = estate.add_volume(Protocol::Nfs, now - 60 * HOUR, |volume| {
            volume.is_retained = true;
            volume.released_at = released_at;
            volume.idle_from = released_at;
            (volume.k8s_until, volume.dataset_until, volume.export_until) =
                (cleaned_at, cleaned_at, cleaned_at);
        });
        let subject = estate.volumes[number as usize].handle(estate.seed);
        let days = (day, (day + RELEASE_EVERY - 1).min(estate.last_day()));
        trap(
            estate,
            "released with Retain since a day",
            "k8s_pv",
            subject,
            days,
        );
    }
}

/// On every day one volume is being made: its dataset appears while the lists are read, its PV after them.
fn in_flight(estate: &mut Estate) {
    for day in 0..estate.options.days {
        let now = estate.calendar.now(day);
        let gone = now + 3 * DAY - 5 * HOUR;
        let protocol = Protocol::ALL[day % 2];
        let number = estate.add_volume(protocol, now - 3, |volume| {
            (volume.k8s_until, volume.dataset_until, volume.export_until) = (gone, gone, gone);
        });
        let subject = estate.volumes[number as usize].dataset(estate.seed);
        trap(
            estate,
            "made while the lists were read",
            "zfs_dataset",
            subject,
            (day, day),
        );
    }
}
