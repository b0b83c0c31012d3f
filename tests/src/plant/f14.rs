//! F14: the temporary snapshot of a copy that failed.

use super::Share;
use super::content::{Asked, ask, unready};
use super::scene::Scene;
use super::taken::{Taken, take};

/// A detached snapshot failed while it was copied: it says so, and its source snapshot is still there. Beside it a copy of
/// another volume that has run for twenty hours, and is not done.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (failed, slow) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let uid = scene.uuid();
    let number = scene.number();
    let created = scene.sick_days().next()?.now - 26 * 3_600;
    let asked = Asked {
        volume: &failed,
        uid: &uid,
        created,
        is_detached: true,
    };
    let name = format!("volume-source-for-snapshot-{}", asked.snapshot());
    for day in scene.days() {
        ask(day, &asked);
        unready(
            day,
            &asked,
            Some("Failed to check and update snapshot content: rpc error: code = DeadlineExceeded"),
        )?;
        take(
            day,
            Taken {
                dataset: &failed.dataset,
                name: &name,
                created,
                number,
            },
        )?;
    }
    let running: Vec<(String, u32)> = (0..scene.days().count())
        .map(|_| (scene.uuid(), scene.number()))
        .collect();
    for (day, (uid, number)) in scene.days().zip(&running) {
        let created = day.now - 20 * 3_600;
        let asked = Asked {
            volume: &slow,
            uid,
            created,
            is_detached: true,
        };
        let name = format!("volume-source-for-snapshot-{}", asked.snapshot());
        ask(day, &asked);
        unready(day, &asked, None)?;
        take(
            day,
            Taken {
                dataset: &slow.dataset,
                name: &name,
                created,
                number: *number,
            },
        )?;
    }
    scene.fact(
        "F14",
        "zfs_snapshot",
        &format!("{}@{name}", failed.dataset),
        "confirmed",
    );
    let key = asked.key();
    scene.fact("SNP-005", "k8s_volume_snapshot", &key, "confirmed");
    Some(())
}
