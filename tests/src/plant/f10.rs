//! F10: a share of a path that is gone.

use serde_json::json;

use super::Share;
use super::leaving::{leave_cluster, lose_dataset};
use super::scene::Scene;

/// A volume was destroyed by hand and its share stayed. Beside it shares whose path is no mount point and is there all the
/// same: a folder in a dataset that people manage, a folder in a volume, a dataset that is encrypted and locked.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let gone = scene.volume(Share::Nfs)?;
    let whole = scene.volume(Share::Nfs)?;
    let ids: Vec<u32> = (0..3).map(|_| 7_000 + scene.number()).collect();
    for day in scene.days() {
        let path = json!(format!("/mnt/{}", whole.dataset));
        let share = day.row("sharing.nfs.query", "path", &path)?.clone();
        let of_driver = share["comment"].clone();
        let folders = [
            (
                "/mnt/tank/media/films/children".to_owned(),
                json!("films for children"),
                false,
            ),
            (format!("/mnt/{}/public", whole.dataset), of_driver, false),
            ("/mnt/tank/secure".to_owned(), json!("paperwork"), true),
        ];
        for (id, (path, comment, is_locked)) in ids.iter().zip(folders) {
            let mut share = share.clone();
            share["id"] = json!(id);
            share["path"] = json!(path);
            share["comment"] = comment;
            share["locked"] = json!(is_locked);
            day.rows("sharing.nfs.query").push(share);
        }
    }
    for day in scene.sick_days() {
        leave_cluster(day, &gone)?;
        lose_dataset(day, &gone);
    }
    scene.leftover("F10", "nas_nfs_share", &gone.dataset);
    Some(())
}
