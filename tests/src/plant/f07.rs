//! F07: a volume that was made again after it was deleted.

use serde_json::json;

use super::Share;
use super::leaving::{leave_cluster, lose_export};
use super::property::dataset;
use super::remade::{EMPTY_BYTES, begin_anew, fill, mark, remake};
use super::scene::Scene;

/// A second CreateVolume came after DeleteVolume: the cluster forgot the volume, and an empty dataset of its name stands
/// there, younger than the PV was. Beside it a volume that was restored from a replica: its PV lives, and its dataset is
/// younger too.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let again = scene.volume(Share::Nfs)?;
    let restored = scene.volume(Share::Nfs)?;
    let (number, restored_number) = (scene.number(), scene.number());
    let made = scene.sick_days().next()?.now - 5 * 3_600;
    let id = 7_000 + number;
    for day in scene.sick_days() {
        leave_cluster(day, &again)?;
        let path = json!(format!("/mnt/{}", again.dataset));
        let mut share = day.row("sharing.nfs.query", "path", &path)?.clone();
        lose_export(day, &again);
        share["id"] = json!(id);
        day.rows("sharing.nfs.query").push(share);
        let row = dataset(day, &again.dataset)?;
        remake(row, made, number);
        fill(row, 0);
        mark(row, "freenas_nfs_share_id", &id.to_string());
        begin_anew(day, &again.dataset, made, number, EMPTY_BYTES);

        let row = dataset(day, &restored.dataset)?;
        remake(row, made, restored_number);
        let bytes = row["referenced"]["parsed"].as_u64()?;
        fill(row, bytes);
        begin_anew(day, &restored.dataset, made, restored_number, bytes);
    }
    scene.leftover("F07", "zfs_dataset", &again.dataset);
    scene.leftover("ORP-006", "nas_nfs_share", &again.dataset);
    Some(())
}
