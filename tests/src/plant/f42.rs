//! F42: snapshots that nobody in Kubernetes knows hold the space.

use super::Share;
use super::property::{bytes, dataset, grow};
use super::scene::{Day, Scene};
use super::snapshot::{Snapshot, Space, take_with};

const GIB: u64 = 1 << 30;
const DAY: i64 = 86_400;

/// A tool on the appliance snapshots a volume that is written over again and again: its snapshots hold more than its data.
/// Beside it a volume with as many snapshots that hold little of it, and a received copy whose snapshots hold much.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let eaten = scene.volume(Share::Nfs)?;
    let lean = scene.volume(Share::Nfs)?;
    let first = scene.days().next()?.now;
    for day in scene.days() {
        let own = bytes(dataset(day, &eaten.dataset)?, "usedbydataset");
        hold(day, &eaten.dataset, own.max(2 * GIB) * 3 / 2, first);
        let own = bytes(dataset(day, &lean.dataset)?, "usedbydataset");
        hold(day, &lean.dataset, own / 20, first);
        if let Some(copy) = received(day) {
            grow(day, &copy, "usedbysnapshots", 40 * GIB);
        }
    }
    scene.fact("F42", "zfs_dataset", &eaten.dataset, "confirmed");
    scene.fact("SNP-010", "zfs_dataset", Share::Nfs.parent(), "confirmed");
    Some(())
}

/// Lets ten snapshots of a tool hold so much of a dataset: the newest hold the most.
fn hold(day: &mut Day, path: &str, held: u64, first: i64) {
    for age in 0..10_u32 {
        let created = first - i64::from(age + 1) * DAY;
        let name = jiff::Timestamp::from_second(created)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .strftime("autosnap_%Y-%m-%d_%H:%M:%S_daily")
            .to_string();
        take_with(
            day,
            &Snapshot {
                dataset: path,
                name: &name,
                created,
            },
            Space {
                used: held / 20,
                written: held / 10,
            },
        );
    }
    grow(day, path, "usedbysnapshots", held);
}

fn received(day: &Day) -> Option<String> {
    let mut datasets = day.answered(super::property::DATASETS).iter();
    let copy = datasets.find(|dataset| {
        let name = dataset["name"].as_str().unwrap_or_default();
        name.starts_with("fast/replica/")
    });
    copy?["name"].as_str().map(str::to_owned)
}
