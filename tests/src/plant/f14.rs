//! F14: the temporary snapshot of a copy that failed.

use serde_json::{Value, json};

use super::content::{Asked, ask, copy, unready};
use super::property::dataset;
use super::scene::Scene;
use super::snapshot::{Snapshot, take};
use super::{Share, Volume};

/// A detached snapshot failed while it was copied: it says so, and its source snapshot is still there. Another one was
/// given up, and half a copy is left without a mark of the driver. Beside them a copy of a third volume that has run for
/// twenty hours, and is not done.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (failed, slow) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let given_up = scene.volume(Share::Iscsi)?;
    let uid = scene.uuid();
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
            &Snapshot {
                dataset: &failed.dataset,
                name: &name,
                created,
            },
        )?;
    }
    let running: Vec<String> = (0..scene.days().count()).map(|_| scene.uuid()).collect();
    for (day, uid) in scene.days().zip(&running) {
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
            &Snapshot {
                dataset: &slow.dataset,
                name: &name,
                created,
            },
        )?;
    }
    let half = half_copy(scene, &given_up, created)?;
    // Somebody may have made it by hand, but its source is there too.
    scene.fact("F14", "zfs_dataset", &half, "probable");
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

/// What `zfs receive` left of a copy that was broken off; returns its path.
fn half_copy(scene: &mut Scene, volume: &Volume, created: i64) -> Option<String> {
    let (uid, number) = (scene.uuid(), scene.number());
    let asked = Asked {
        volume,
        uid: &uid,
        created,
        is_detached: true,
    };
    let name = asked.snapshot();
    let path = format!("{}/{}/{name}", volume.share.detached_parent(), volume.pv);
    for day in scene.days() {
        copy(day, &asked, 40_000 + number * 4)?;
        let half = dataset(day, &path)?;
        half["user_properties"] = json!({});
        half["comments"] = Value::Null;
        let name = format!("volume-source-for-snapshot-{name}");
        let taken = Snapshot {
            dataset: &path,
            name: &name,
            created,
        };
        take(day, &taken)?;
    }
    Some(path)
}
