//! The metrics of one day: every series of `thanos/`, as a vector answer prints them.
//!
//! What a claim uses follows from its volume: a file system over iSCSI has written what the zvol refers to before
//! compression, NFS reports the dataset as ZFS does. What nobody mounts has no series.

mod operation;

use std::io;

use serde_json::{Value, json};

use super::dataset::Dataset;
use super::innocent::{MANUAL_CLAIM, MANUAL_DATASET};
use super::names::{self, MEDIA_NAMESPACE};
use super::plan::Estate;
use super::volume::{Protocol, Volume};
use super::write::Folder;

/// What the file system of one claim says.
struct Usage {
    capacity: u64,
    used: u64,
    available: u64,
    inodes: u64,
    inodes_used: u64,
}

/// Picks what one metric tells.
type Reading = fn(&Usage) -> u64;

/// Bytes of a file of the usual size, and of an inode's share of an ext4 file system.
const FILE: u64 = 131_072;
const EXT4_INODE: u64 = 16_384;

/// Writes the series of a day.
pub(super) fn write(
    estate: &Estate,
    day: usize,
    datasets: &[Dataset],
    folder: &Folder,
) -> io::Result<()> {
    let listed_at = estate.calendar.now(day);
    // The metrics are asked for right before the appliance.
    let now = estate.calendar.appliance_now(day);
    let mounted = || {
        estate
            .volumes
            .iter()
            .filter(|volume| volume.has_pod(listed_at))
    };
    let by_hand = datasets
        .iter()
        .find(|dataset| dataset.path == MANUAL_DATASET)
        .map(of_dataset);
    let metrics: [(&str, Reading); 5] = [
        ("capacity_bytes", |usage| usage.capacity),
        ("used_bytes", |usage| usage.used),
        ("available_bytes", |usage| usage.available),
        ("inodes", |usage| usage.inodes),
        ("inodes_used", |usage| usage.inodes_used),
    ];
    for (name, value) in metrics {
        let metric = format!("kubelet_volume_stats_{name}");
        let mut list = folder.vector(&metric)?;
        let mut push = |claim: (&str, &str, u16), usage: &Usage| {
            list.push_json(&series(&labels(&metric, claim), now, value(usage)))
        };
        if let Some(usage) = &by_hand {
            push((MEDIA_NAMESPACE, MANUAL_CLAIM, 0), usage)?;
        }
        for volume in mounted() {
            let (namespace, claim) = (
                names::namespace(volume.namespace),
                names::claim(estate, volume),
            );
            push((&namespace, &claim, volume.node), &of_volume(volume, now))?;
        }
        list.finish()?;
    }
    operation::write(estate, now, folder)
}

/// An export without quota: the whole file system, as far as this dataset could grow.
fn of_dataset(dataset: &Dataset) -> Usage {
    zfs(dataset.referenced, dataset.available)
}

fn of_volume(volume: &Volume, now: i64) -> Usage {
    let (capacity, referenced) = (volume.capacity(now), volume.referenced(now));
    match volume.protocol {
        Protocol::Nfs => zfs(referenced, capacity.saturating_sub(referenced)),
        Protocol::Iscsi => ext4(capacity, referenced),
    }
}

/// As ZFS answers statfs: inodes are as many as free blocks of 512 bytes could hold.
fn zfs(used: u64, available: u64) -> Usage {
    let inodes_used = used / FILE + 7;
    Usage {
        capacity: used + available,
        used,
        available,
        inodes: inodes_used + available / 512,
        inodes_used,
    }
}

/// A file system with a fixed table of inodes, in a zvol that compresses by 1.42.
fn ext4(volsize: u64, referenced: u64) -> Usage {
    let capacity = volsize / 100 * 98;
    let used = (referenced / 100 * 142).min(volsize / 100 * 82);
    Usage {
        capacity,
        used,
        available: capacity - used,
        inodes: volsize / EXT4_INODE,
        inodes_used: used / FILE + 11,
    }
}

fn labels(metric: &str, (namespace, claim, node): (&str, &str, u16)) -> Value {
    let mut labels = of_kubelet(metric, node);
    labels["namespace"] = json!(namespace);
    labels["persistentvolumeclaim"] = json!(claim);
    labels
}

/// Labels of everything that a kubelet measures.
fn of_kubelet(metric: &str, node: u16) -> Value {
    json!({
        "__name__": metric, "endpoint": "https-metrics", "job": "kubelet", "metrics_path": "/metrics",
        "service": "kubelet", "node": names::worker(node), "instance": format!("{}:10250", names::worker_address(node)),
    })
}

/// One series; values are text.
fn series(labels: &Value, now: i64, value: u64) -> Value {
    json!({"metric": labels, "value": [now, value.to_string()]})
}
