//! F17: an empty container of detached snapshots.

use serde_json::{Value, json};

use super::Share;
use super::content::{Asked, ask, forget};
use super::remade::{fill, remake, respell};
use super::scene::{Day, Scene};

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
            copy(day, parent, asked, number * 4)?;
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

/// Makes container and copy as those of the detached snapshot that every estate has.
fn copy(day: &mut Day, parent: &str, asked: &Asked<'_>, number: u32) -> Option<()> {
    let of_estate = |row: &&Value| {
        let name = row["name"].as_str().unwrap_or_default();
        name.strip_prefix(parent)
            .is_some_and(|rest| rest.contains("/snapshot-") && !rest.contains("5ce7e000"))
    };
    let child = day
        .answered("pool.dataset.query")
        .iter()
        .find(of_estate)?
        .clone();
    let (old_path, old_name) = child["name"]
        .as_str()?
        .rsplit_once('/')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    let container = day
        .row("pool.dataset.query", "name", &json!(old_path))?
        .clone();
    let old_leaf = old_path.rsplit('/').next()?.to_owned();
    for (mut row, number) in [(container, number), (child, number + 1)] {
        respell(&mut row, &old_leaf, &asked.volume.pv);
        respell(&mut row, &old_name, &asked.snapshot());
        remake(&mut row, asked.created, number);
        if row["type"] == "FILESYSTEM" {
            fill(&mut row, 0);
        }
        day.rows("pool.dataset.query").push(row);
    }
    Some(())
}
