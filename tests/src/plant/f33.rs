//! F33: the size of a PV is not that of its backing.

use serde_json::json;

use super::Share;
use super::scene::Scene;

/// One gibibyte.
const GIB: u64 = 1 << 30;

/// Somebody set a larger size on one zvol and a smaller quota on one file system. Beside them a zvol that was rounded up
/// to whole blocks, an expansion that the controller has just done, a claim that asked for less than the least size, and
/// a file system that never had a quota.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let larger = scene.volume(Share::Iscsi)?;
    let smaller = scene.volume(Share::Nfs)?;
    let rounded = scene.volume(Share::Iscsi)?;
    let growing = scene.volume(Share::Iscsi)?;
    let least = scene.volume(Share::Nfs)?;
    let unlimited = scene.volume(Share::Nfs)?;
    for day in scene.days() {
        let size = day.capacity(&rounded)? - 5_000;
        day.set_request(&rounded, size)?;
        day.set_pv_size(&rounded, size)?;
        let claim = day.object("persistentvolumeclaims", &rounded.claim_key())?;
        claim["status"]["capacity"]["storage"] = json!(size.to_string());
        day.set_request(&least, GIB / 2)?;
        let name = json!(unlimited.dataset);
        day.row("pool.dataset.query", "name", &name)?["refquota"] = json!({
            "parsed": null, "rawvalue": "0", "value": null, "source": "DEFAULT", "source_info": null,
        });
    }
    for day in scene.sick_days() {
        let size = day.capacity(&larger)?;
        day.set_backend_size(&larger, size + 4 * GIB)?;
        let size = day.capacity(&smaller)?;
        day.set_backend_size(&smaller, size / 100 * 95)?;
        let size = day.capacity(&growing)? + 4 * GIB;
        day.set_request(&growing, size)?;
        day.set_backend_size(&growing, size)?;
        let since = day.ago(45);
        let claim = day.object("persistentvolumeclaims", &growing.claim_key())?;
        claim["status"]["conditions"] = json!([
            {"type": "Resizing", "status": "True", "lastProbeTime": null, "lastTransitionTime": since},
        ]);
        claim["status"]["allocatedResources"] = json!({"storage": format!("{}Gi", size / GIB)});
        claim["status"]["allocatedResourceStatuses"] =
            json!({"storage": "ControllerResizeInProgress"});
    }
    scene.fact("F33", "k8s_pv", &larger.pv, "confirmed");
    scene.fact("F33", "k8s_pv", &smaller.pv, "confirmed");
    // Without a quota there is no size to compare, and nothing that stops the volume.
    scene.fact("CFG-012", "zfs_dataset", &unlimited.dataset, "confirmed");
    Some(())
}
