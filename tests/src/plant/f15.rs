//! F15: the source snapshot of a clone that is gone.

use serde_json::json;

use super::property::{dataset, text};
use super::remade::remake;
use super::scene::Scene;
use super::snapshot::{Snapshot, take};
use super::vendor::{PARENT, vendor_volume};

/// truenas-csi cloned a volume, and the clone was deleted; the snapshot it came from was not. Beside it a clone that lives
/// since ten days, with its source.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let source = vendor_volume(scene)?;
    let (origin, clone) = (vendor_volume(scene)?, vendor_volume(scene)?);
    let gone = format!("{PARENT}/pvc-{}", scene.uuid()).replace('/', "-");
    let clone_number = scene.number();
    let first = scene.days().next()?.now;
    let (leaked, cloned) = (first - 3 * 86_400, first - 10 * 86_400);
    let name = format!("csi-clone-{gone}-{leaked}");
    let kept = format!("csi-clone-{}-{cloned}", clone.dataset.replace('/', "-"));
    for day in scene.days() {
        take(
            day,
            &Snapshot {
                dataset: &source.dataset,
                name: &name,
                created: leaked,
            },
        )?;
        let taken = Snapshot {
            dataset: &origin.dataset,
            name: &kept,
            created: cloned,
        };
        let row = take(day, &taken)?;
        for key in ["value", "rawvalue", "parsed"] {
            row["properties"]["clones"][key] = json!(clone.dataset);
        }
        let zvol = dataset(day, &clone.dataset)?;
        remake(zvol, cloned + 2, clone_number);
        zvol["origin"] = text(&format!("{}@{kept}", origin.dataset), "NONE");
        let since = day.ago(day.now - cloned);
        let claim = day.object("persistentvolumeclaims", &clone.claim_key())?;
        claim["metadata"]["creationTimestamp"] = json!(since);
        claim["spec"]["dataSource"] =
            json!({"kind": "PersistentVolumeClaim", "name": origin.claim});
        claim["spec"]["dataSourceRef"] = claim["spec"]["dataSource"].clone();
        let since = day.ago(day.now - cloned - 5);
        day.object("persistentvolumes", &clone.pv)?["metadata"]["creationTimestamp"] = json!(since);
    }
    scene.fact(
        "F15",
        "zfs_snapshot",
        &format!("{}@{name}", source.dataset),
        "confirmed",
    );
    Some(())
}
