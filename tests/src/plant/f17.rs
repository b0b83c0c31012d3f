//! F17: an empty container of detached snapshots.

use serde_json::json;

use super::Share;
use super::content::{Asked, ask, copy, forget};
use super::remade::{fill, remake, respell};
use super::scene::Scene;

/// The last detached snapshot of a volume was deleted and its container stayed. Beside it a container that holds one, and a
/// folder that people made at the same place and filled; the parents themselves are always there, empty or not.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volumes = [scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?];
    let uids = [scene.uuid(), scene.uuid()];
    let numbers = [scene.number(), scene.number()];
    let created = scene.days().next()?.now - 20 * 86_400;
    let [empty, full] = [0, 1].map(|part: usize| Asked {
        volume: &volumes[part],
        uid: &uids[part],
        created,
        is_detached: true,
    });
    let parent = Share::Iscsi.detached_parent();
    let path = |asked: &Asked<'_>| format!("{parent}/{}", asked.volume.pv);
    for day in scene.days() {
        for (asked, number) in [(&empty, numbers[0]), (&full, numbers[1])] {
            ask(day, asked);
            copy(day, asked, number * 4)?;
        }
        let mut folder = day
            .row("pool.dataset.query", "name", &json!(path(&full)))?
            .clone();
        respell(&mut folder, &path(&full), &format!("{parent}/exports"));
        remake(&mut folder, created, numbers[0] * 4 + 2);
        fill(&mut folder, 5 << 30);
        day.rows("pool.dataset.query").push(folder);
    }
    for day in scene.sick_days() {
        forget(day, &empty);
        let child = format!("{}/{}", path(&empty), empty.snapshot());
        day.remove_rows("pool.dataset.query", "name", &json!(child));
    }
    // A folder that somebody made by hand looks the same.
    scene.fact("F17", "zfs_dataset", &path(&empty), "candidate");
    Some(())
}
