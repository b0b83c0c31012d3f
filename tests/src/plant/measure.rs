//! What kubelets measure of claims, one check each.

use serde_json::json;

use super::claim::resize;
use super::property::{bytes, dataset, grow, size};
use super::scene::{Day, Scene};
use super::{Share, Volume};

const GIB: u64 = 1 << 30;
const USED: &str = "kubelet_volume_stats_used_bytes";
const AVAILABLE: &str = "kubelet_volume_stats_available_bytes";
const CAPACITY: &str = "kubelet_volume_stats_capacity_bytes";
const INODES: &str = "kubelet_volume_stats_inodes";
const INODES_USED: &str = "kubelet_volume_stats_inodes_used";

fn measured(scene: &mut Scene, share: Share) -> Option<Volume> {
    scene.volume_that(share, Day::is_measured)
}

fn read(day: &mut Day, metric: &str, volume: &Volume) -> Option<u64> {
    day.measured(metric, volume)?.as_str()?.parse().ok()
}

fn tell(day: &mut Day, metric: &str, volume: &Volume, value: u64) -> Option<()> {
    *day.measured(metric, volume)? = json!(value.to_string());
    Some(())
}

/// Lets a file system be so full, in percent, and its zvol hold as much.
fn fill(day: &mut Day, volume: &Volume, percent: u64) -> Option<()> {
    let capacity = read(day, CAPACITY, volume)?;
    let used = capacity / 100 * percent;
    tell(day, USED, volume, used)?;
    tell(day, AVAILABLE, volume, capacity - used)?;
    hold(day, volume, used)
}

/// Lets a zvol hold so much before compression, if it holds less.
fn hold(day: &mut Day, volume: &Volume, logical: u64) -> Option<()> {
    let own = bytes(dataset(day, &volume.dataset)?, "usedbydataset");
    let more = (logical / 142 * 100).saturating_sub(own);
    grow(day, &volume.dataset, "usedbydataset", more);
    let row = dataset(day, &volume.dataset)?;
    row["referenced"] = size(own + more, "NONE");
    let (own, used) = (bytes(row, "usedbydataset"), bytes(row, "used"));
    row["logicalreferenced"] = size(own / 100 * 142, "NONE");
    row["logicalused"] = size(used / 100 * 142, "NONE");
    Some(())
}

/// CAP-008: a file system with almost no room. Beside it one that is at four fifths.
pub(super) fn full(scene: &mut Scene) -> Option<()> {
    let (full, roomy) = (
        measured(scene, Share::Iscsi)?,
        measured(scene, Share::Iscsi)?,
    );
    for day in scene.sick_days() {
        fill(day, &full, 99)?;
        fill(day, &roomy, 80)?;
    }
    scene.fact("CAP-008", "k8s_pvc", &full.claim_key(), "confirmed");
    Some(())
}

/// CAP-009: a file system that can make hardly a file more. Beside it a file system of ZFS, which makes inodes as it needs
/// them.
pub(super) fn out_of_inodes(scene: &mut Scene) -> Option<()> {
    let (full, growing) = (measured(scene, Share::Iscsi)?, measured(scene, Share::Nfs)?);
    for day in scene.sick_days() {
        for volume in [&full, &growing] {
            let inodes = read(day, INODES, volume)?;
            tell(day, INODES_USED, volume, inodes / 1_000 * 985)?;
        }
    }
    scene.fact("CAP-009", "k8s_pvc", &full.claim_key(), "confirmed");
    Some(())
}

/// CAP-011: a zvol holds what its file system deleted long ago. Beside it one that holds little more than its file system.
pub(super) fn untrimmed(scene: &mut Scene) -> Option<()> {
    let (owing, even) = (
        measured(scene, Share::Iscsi)?,
        measured(scene, Share::Iscsi)?,
    );
    for day in scene.sick_days() {
        for (volume, percent) in [(&owing, 10), (&even, 95)] {
            let own = bytes(dataset(day, &volume.dataset)?, "usedbydataset") / 100 * 142;
            let gib = (own / 60 * 100 / GIB + 1).max(20);
            resize(day, volume, gib)?;
            dataset(day, &volume.dataset)?["volsize"] = size(gib * GIB, "LOCAL");
            let (capacity, logical) = (gib * GIB / 100 * 98, gib * GIB / 100 * 60);
            let used = logical / 100 * percent;
            tell(day, CAPACITY, volume, capacity)?;
            tell(day, USED, volume, used)?;
            tell(day, AVAILABLE, volume, capacity - used)?;
            hold(day, volume, logical)?;
        }
    }
    scene.fact("CAP-011", "k8s_pv", &owing.pv, "probable");
    Some(())
}

/// CAP-012: a large claim of which hardly anything is used. Beside it a large one that is well used.
pub(super) fn over_allocated(scene: &mut Scene) -> Option<()> {
    let old = scene.last().ago(31 * 86_400);
    let is_old = |day: &Day, volume: &Volume| {
        let mut claims = day.seen("persistentvolumeclaims").iter();
        let is_it = |claim: &&serde_json::Value| {
            let metadata = &claim["metadata"];
            metadata["name"] == volume.claim.as_str()
                && metadata["namespace"] == volume.namespace.as_str()
        };
        let created = claims
            .find(is_it)
            .and_then(|claim| claim["metadata"]["creationTimestamp"].as_str());
        day.is_measured(volume) && created.is_some_and(|created| created < old.as_str())
    };
    let empty = scene.volume_that(Share::Iscsi, is_old)?;
    let used = measured(scene, Share::Iscsi)?;
    for day in scene.days() {
        for (volume, percent) in [(&empty, 8), (&used, 60)] {
            resize(day, volume, 60)?;
            dataset(day, &volume.dataset)?["volsize"] = size(60 * GIB, "LOCAL");
            tell(day, CAPACITY, volume, 58 * GIB)?;
            fill(day, volume, percent)?;
        }
    }
    scene.fact("CAP-012", "k8s_pvc", &empty.claim_key(), "candidate");
    Some(())
}
