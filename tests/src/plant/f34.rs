//! F34: an expansion that is stuck.

use serde_json::{Value, json};

use super::event::warning;
use super::scene::Scene;
use super::{Day, Share, Volume};

/// What is added.
const MORE: u64 = 4 << 30;

/// How long the stuck ones have been waiting.
const WAIT_SECS: i64 = 4 * 3_600;

/// One claim waits for a node although its pod runs, one for a controller that fails. Beside them a claim that waits for
/// a pod that nobody starts, and one whose expansion began a moment ago.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let node = scene.volume(Share::Iscsi)?;
    let controller = scene.volume(Share::Iscsi)?;
    let unused = scene.spare_volume(Share::Iscsi)?;
    let begun = scene.volume(Share::Nfs)?;
    let uid = scene.uuid();
    for day in scene.sick_days() {
        for volume in [&node, &unused] {
            let size = day.capacity(volume)? + MORE;
            day.set_pv_size(volume, size)?;
            day.set_backend_size(volume, size)?;
            let pending = [("FileSystemResizePending", WAIT_SECS)];
            ask(day, volume, size, &pending, "NodeResizePending")?;
        }
        day.stop(&unused)?;
        let size = day.capacity(&controller)? + MORE;
        let failing = [
            ("Resizing", WAIT_SECS),
            ("ControllerResizeError", WAIT_SECS),
        ];
        ask(
            day,
            &controller,
            size,
            &failing,
            "ControllerResizeInProgress",
        )?;
        let claim = day.object("persistentvolumeclaims", &controller.claim_key())?;
        let claim = claim.clone();
        let component = format!("external-resizer {}", controller.share.driver());
        let message = format!(
            "resize volume \"{}\" by resizer \"{}\" failed: rpc error: code = DeadlineExceeded desc = context deadline \
             exceeded",
            controller.pv,
            controller.share.driver()
        );
        let names = ("VolumeResizeFailed", component.as_str());
        let event = warning(day, &uid, &claim, names, &message);
        day.objects("events").push(event);
        let size = day.capacity(&begun)? + MORE;
        ask(
            day,
            &begun,
            size,
            &[("Resizing", 90)],
            "ControllerResizeInProgress",
        )?;
    }
    for volume in [node, controller] {
        scene.fact("F34", "k8s_pvc", &volume.claim_key(), "confirmed");
    }
    Some(())
}

/// Lets the claim ask for a size, with conditions that are true since some seconds.
fn ask(
    day: &mut Day,
    volume: &Volume,
    size: u64,
    conditions: &[(&str, i64)],
    resize: &str,
) -> Option<()> {
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(kind, secs)| {
            json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": day.ago(*secs)})
        })
        .collect();
    day.set_request(volume, size)?;
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    claim["status"]["conditions"] = Value::Array(conditions);
    claim["status"]["allocatedResources"] = json!({"storage": format!("{}Gi", size >> 30)});
    claim["status"]["allocatedResourceStatuses"] = json!({"storage": resize});
    Some(())
}
