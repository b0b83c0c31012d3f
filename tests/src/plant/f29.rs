//! F29: an attachment to a node that is gone.

use serde_json::json;

use super::Share;
use super::scene::Scene;

const NODE: &str = "worker-77.example.net";

/// The node of a volume was deleted and its pod waits elsewhere; the attachment to the node stays. Beside it a node that
/// is only cordoned.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    let cordoned = scene.volume(Share::Iscsi)?;
    let uid = scene.uuid();
    for day in scene.days() {
        for file in ["nodes", "csinodes"] {
            let mut node = day.object(file, &volume.node)?.clone();
            node["metadata"]["name"] = json!(NODE);
            node["metadata"]["uid"] = json!(uid);
            day.objects(file).push(node);
        }
        day.object("volumeattachments", &volume.attachment)?["spec"]["nodeName"] = json!(NODE);
        day.object("pods", &volume.pod_key())?["spec"]["nodeName"] = json!(NODE);
        day.object("nodes", &cordoned.node)?["spec"]["unschedulable"] = json!(true);
    }
    for day in scene.sick_days() {
        day.remove("nodes", NODE);
        day.remove("csinodes", NODE);
        let pod = day.object("pods", &volume.pod_key())?;
        pod["spec"]["nodeName"] = json!(volume.node);
        pod["status"]["phase"] = json!("Pending");
        pod["status"]["containerStatuses"][0]["ready"] = json!(false);
    }
    scene.fact(
        "F29",
        "k8s_volume_attachment",
        &volume.attachment,
        "confirmed",
    );
    // What the user feels: the pod waits for a volume that is attached elsewhere.
    scene.fact("PRF-009", "k8s_pv", &volume.pv, "confirmed");
    Some(())
}
