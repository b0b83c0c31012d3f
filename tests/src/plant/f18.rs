//! F18: the snapshot task of a volume that is gone.

use serde_json::json;

use super::leaving::{leave_cluster, lose_dataset, lose_export};
use super::scene::Scene;
use super::vendor::vendor_volume;

/// truenas-csi deleted a volume and could not delete its task. Beside it the task of a volume that lives, and the recursive
/// tasks of the parents.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (gone, _lives) = (vendor_volume(scene)?, vendor_volume(scene)?);
    for day in scene.sick_days() {
        leave_cluster(day, &gone)?;
        lose_dataset(day, &gone);
        let comment = json!(format!("CSI volume {}", gone.dataset));
        lose_export(day, &gone);
        day.remove_rows("iscsi.initiator.query", "comment", &comment);
    }
    scene.leftover("F18", "nas_snapshot_task", &gone.dataset);
    Some(())
}
