//! The planted faults: each adds its own volumes, so that no ordinary volume is touched.

use super::calendar::{DAY, HOUR};
use super::fault::Fault;
use super::innocent::add_clone;
use super::names;
use super::plan::Estate;
use super::snapshot::Form;
use super::volume::{Damage, Protocol, Stage, Volume};

/// The list that is denied by [`Fault::DeniedList`].
pub(super) const DENIED_LIST: &str = "snapshot.storage.k8s.io/volumesnapshots";

/// Plants the wanted faults.
pub(super) fn add(estate: &mut Estate) {
    for (turn, fault) in estate.options.faults.clone().into_iter().enumerate() {
        let day = first_day(estate, turn);
        match fault {
            Fault::ForgottenRelease => forgotten_release(estate),
            Fault::LeftoverVolume => {
                leftover(estate, fault, Protocol::Nfs, day);
                leftover(estate, fault, Protocol::Iscsi, day);
            }
            Fault::BlockedDelete => blocked_delete(estate),
            Fault::HalfProvisioned => half_provisioned(estate, day),
            Fault::SkippedDelete => leftover(estate, fault, Protocol::ALL[turn % 2], day),
            Fault::DeadExtent => dead_extent(estate, day),
            Fault::MissingVolume => missing_volume(estate, day),
            Fault::BrokenShare => {
                damaged(estate, fault, Protocol::Nfs, Damage::ExportMissing, day);
                damaged(estate, fault, Protocol::Nfs, Damage::ExportDisabled, day);
            }
            Fault::BrokenIscsiChain => {
                damaged(estate, fault, Protocol::Iscsi, Damage::LinkMissing, day);
                damaged(estate, fault, Protocol::Iscsi, Damage::ExportDisabled, day);
            }
            Fault::LostSnapshot => lost_snapshot(estate, day),
            Fault::FullPool => full_pool(estate, day),
            Fault::DeniedList => denied_list(estate),
        }
    }
}

/// A healthy day first where there is room, and always three bundles that show the fault when the series has them.
fn first_day(estate: &Estate, turn: usize) -> usize {
    (1 + turn % 3).min(estate.options.days.saturating_sub(3))
}

fn old(estate: &Estate) -> i64 {
    estate.calendar.now(0) - 200 * DAY
}

fn dataset(estate: &Estate, number: u32) -> String {
    estate.volumes[number as usize].dataset(estate.seed)
}

fn asset(estate: &Estate, number: u32) -> String {
    estate.volumes[number as usize].asset(estate.seed, &estate.options.cluster)
}

fn truth_of_pv(estate: &mut Estate, fault: Fault, number: u32, day: usize) {
    let subject = estate.volumes[number as usize].handle(estate.seed);
    estate.add_truth(fault, subject, day);
}

fn truth_of_dataset(estate: &mut Estate, fault: Fault, number: u32, day: usize) {
    let subject = dataset(estate, number);
    estate.add_truth(fault, subject, day);
}

/// F01. Released long before the start; nothing else is wrong.
fn forgotten_release(estate: &mut Estate) {
    let (created, released_at) = (old(estate), estate.calendar.now(0) - 45 * DAY);
    let number = estate.add_volume(Protocol::Nfs, created, |volume| {
        volume.is_retained = true;
        volume.released_at = released_at;
        volume.idle_from = released_at;
    });
    truth_of_pv(estate, Fault::ForgottenRelease, number, 0);
}

/// F02 (Retain, PV deleted by hand) and F05 (Delete, PV deleted before the claim): claim, pod and PV go together, the
/// dataset and its export stay. No session is left and nothing is written from then on.
fn leftover(estate: &mut Estate, fault: Fault, protocol: Protocol, day: usize) {
    let (created, gone) = (old(estate), estate.calendar.onset(day));
    let number = estate.add_volume(protocol, created, |volume| {
        volume.is_retained = fault == Fault::LeftoverVolume;
        volume.k8s_until = gone;
        volume.idle_from = gone;
    });
    truth_of_dataset(estate, fault, number, day);
    let (table, subject) = match protocol {
        Protocol::Nfs => ("nas_nfs_share", dataset(estate, number)),
        Protocol::Iscsi => ("nas_iscsi_target", asset(estate, number)),
    };
    estate.add_corollary("ORP-006", table, subject, day);
}

/// F03. The share and its ids are gone, `zfs destroy` fails because a live volume is a clone of the volume's snapshot.
fn blocked_delete(estate: &mut Estate) {
    let created = old(estate);
    let released_at = estate.calendar.now(0) - 9 * DAY;
    let source = estate.add_volume(Protocol::Nfs, created, |volume| {
        volume.stage = Stage::ExportRemoved;
        volume.released_at = released_at;
        volume.export_until = released_at + 5;
        volume.idle_from = released_at;
    });
    let snapshot = estate.add_snapshot(source, Form::CloneSource, created + 150 * DAY, |_| {});
    add_clone(estate, source, snapshot, created + 150 * DAY);
    truth_of_pv(estate, Fault::BlockedDelete, source, 0);
    let handle = estate.volumes[source as usize].handle(estate.seed);
    estate.add_corollary("ORP-014", "k8s_pv", handle, 0);
    let name = estate.snapshots[snapshot as usize].name(estate.seed);
    let name = format!("{}@{name}", dataset(estate, source));
    estate.add_corollary("SNP-003", "zfs_snapshot", name, 0);
}

/// F04. CreateVolume failed after the dataset was made; the claim was deleted meanwhile.
fn half_provisioned(estate: &mut Estate, day: usize) {
    let created = estate.calendar.now(day) - 2 * HOUR;
    let number = estate.add_volume(Protocol::Nfs, created, |volume| {
        volume.stage = Stage::DatasetOnly;
        volume.k8s_until = created;
        volume.first_bytes = 196_608;
        volume.idle_from = created;
    });
    truth_of_dataset(estate, Fault::HalfProvisioned, number, day);
}

/// F09. Claim, PV and zvol are gone; target, extent and link stay.
fn dead_extent(estate: &mut Estate, day: usize) {
    let (created, gone) = (old(estate), estate.calendar.onset(day));
    let number = estate.add_volume(Protocol::Iscsi, created, |volume| {
        (volume.k8s_until, volume.dataset_until) = (gone, gone);
    });
    let subject = asset(estate, number);
    estate.add_truth(Fault::DeadExtent, subject, day);
}

/// F21. Somebody destroyed the dataset; the appliance took its share away with it.
fn missing_volume(estate: &mut Estate, day: usize) {
    let (created, gone) = (old(estate), estate.calendar.onset(day));
    let number = estate.add_volume(Protocol::Nfs, created, |volume| {
        (volume.dataset_until, volume.export_until) = (gone, gone);
    });
    truth_of_pv(estate, Fault::MissingVolume, number, day);
}

/// F22 and F23. The dataset is well, its export is not.
fn damaged(estate: &mut Estate, fault: Fault, protocol: Protocol, damage: Damage, day: usize) {
    let (created, damaged_at) = (old(estate), estate.calendar.onset(day));
    let set = |volume: &mut Volume| (volume.damage, volume.damaged_at) = (damage, damaged_at);
    let number = estate.add_volume(protocol, created, set);
    truth_of_pv(estate, fault, number, day);
    if damage != Damage::ExportDisabled {
        let subject = dataset(estate, number);
        estate.add_corollary("ORP-008", "zfs_dataset", subject, day);
    }
}

/// F24. The ZFS snapshot was destroyed alone; its volume lives.
fn lost_snapshot(estate: &mut Estate, day: usize) {
    let (created, gone) = (old(estate), estate.calendar.onset(day));
    let volume = estate.add_volume(Protocol::Iscsi, created, |_| {});
    let taken = estate.calendar.now(0) - 20 * DAY;
    let number = estate.add_snapshot(volume, Form::Attached, taken, |snapshot| {
        snapshot.zfs_until = gone
    });
    let snapshot = &estate.snapshots[number as usize];
    let namespace = names::namespace(estate.volumes[volume as usize].namespace);
    let name = format!("{namespace}/{}", names::volume_snapshot(estate, snapshot));
    let subject = snapshot.content(estate.seed);
    estate.add_truth(Fault::LostSnapshot, subject, day);
    estate.add_corollary("RST-001", "k8s_volume_snapshot", name, day);
}

/// Day on which the pool jumps in a series in which that is told.
const JUMP_DAY: usize = 9;

/// CAP-001. A scratch dataset fills pool `fast`.
fn full_pool(estate: &mut Estate, day: usize) {
    if estate.full_pool_from.is_none() {
        // From twenty readings on its jump is told from growth, and for thirty days it is news; two or three readings
        // before it would be spikes of what follows.
        let is_told = (20..=30).contains(&estate.options.days);
        let day = if is_told { JUMP_DAY } else { day };
        estate.full_pool_from = Some(day);
        estate.add_truth(Fault::FullPool, "fast".to_owned(), day);
        if is_told {
            estate.add_corollary("CAP-007", "nas_pool", "fast".to_owned(), 19);
        }
    }
}

/// BPR-014. Denied on one day in the middle, so that the last world is complete again.
fn denied_list(estate: &mut Estate) {
    if estate.denied_day.is_some() {
        return;
    }
    let day = estate.last_day() / 2;
    estate.denied_day = Some(day);
    estate.add_truth(Fault::DeniedList, DENIED_LIST.to_owned(), day);
    if let Some(truth) = estate.truths.last_mut() {
        truth.last_day = Some(day);
    }
}
