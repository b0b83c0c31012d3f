//! F31: a volume with one writer, attached to two nodes.

use serde_json::{Value, json};

use super::event::warning;
use super::scene::Scene;
use super::{Day, Share, Volume};

/// A pod moved while its first node still holds the volume: both are logged in. Beside it a virtual machine in a live
/// migration, whose block volume is attached twice on purpose.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    let machine = scene.volume(Share::Iscsi)?;
    let other = other_node(scene.last(), &volume)?;
    let target = other_node(scene.last(), &machine)?;
    let uids: Vec<String> = (0..4).map(|_| scene.uuid()).collect();
    for day in scene.days() {
        become_block(day, &machine)?;
        attach(day, &machine, &target, &uids[0])?;
        let mut pod = day.object("pods", &machine.pod_key())?.clone();
        pod["metadata"]["name"] = json!(format!("{}-target", machine.pod));
        pod["metadata"]["uid"] = json!(uids[1]);
        pod["spec"]["nodeName"] = json!(target);
        day.objects("pods").push(pod);
    }
    for day in scene.sick_days() {
        attach(day, &volume, &other, &uids[2])?;
        let pod = day.object("pods", &volume.pod_key())?;
        pod["spec"]["nodeName"] = json!(other);
        let pod = pod.clone();
        let message = format!(
            "Multi-Attach error for volume \"{}\" Volume is already exclusively attached to one node and can't be \
             attached to another",
            volume.pv
        );
        let names = ("FailedAttachVolume", "attachdetach-controller");
        let event = warning(day, &uids[3], &pod, names, &message);
        day.objects("events").push(event);
    }
    scene.fact("F31", "k8s_pv", &volume.pv, "confirmed");
    Some(())
}

/// A worker that does not hold the volume.
fn other_node(day: &Day, volume: &Volume) -> Option<String> {
    let names = day.seen("csinodes").iter();
    let mut names = names.filter_map(|node| node["metadata"]["name"].as_str());
    let other = names.find(|name| *name != volume.node && name.starts_with("worker"))?;
    Some(other.to_owned())
}

/// Attaches a volume to a second node, and logs that node in.
fn attach(day: &mut Day, volume: &Volume, node: &str, uid: &str) -> Option<()> {
    let mut attachment = day.object("volumeattachments", &volume.attachment)?.clone();
    attachment["metadata"]["name"] = json!(format!("csi-{}", uid.replace('-', "")));
    attachment["metadata"]["uid"] = json!(uid);
    attachment["metadata"]["creationTimestamp"] = json!(day.ago(3_600));
    attachment["spec"]["nodeName"] = json!(node);
    day.objects("volumeattachments").push(attachment);
    let addresses = &day.object("nodes", node)?["status"]["addresses"];
    let address = addresses[0]["address"].clone();
    let alias = json!(volume.asset);
    let mut session = day
        .row("iscsi.global.sessions", "target_alias", &alias)?
        .clone();
    session["initiator"] = json!(format!("iqn.1994-05.com.redhat:{node}"));
    session["initiator_addr"] = address;
    session["initiator_alias"] = json!(node);
    day.rows("iscsi.global.sessions").push(session);
    Some(())
}

/// Makes the volume a raw block device for many writers, as virtual machines that may move want it.
fn become_block(day: &mut Day, volume: &Volume) -> Option<()> {
    let pv = day.object("persistentvolumes", &volume.pv)?;
    pv["spec"]["volumeMode"] = json!("Block");
    pv["spec"]["accessModes"] = json!(["ReadWriteMany"]);
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    claim["spec"]["volumeMode"] = json!("Block");
    claim["spec"]["accessModes"] = json!(["ReadWriteMany"]);
    claim["status"]["accessModes"] = json!(["ReadWriteMany"]);
    let container = &mut day.object("pods", &volume.pod_key())?["spec"]["containers"][0];
    container["volumeMounts"] = Value::Array(Vec::new());
    container["volumeDevices"] = json!([{"name": "data", "devicePath": "/dev/data"}]);
    Some(())
}
