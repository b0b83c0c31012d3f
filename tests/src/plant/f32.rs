//! F32: an iSCSI session of a node that has no attachment.

use serde_json::json;

use super::Share;
use super::scene::Scene;

/// A storage network that the cluster does not know.
const STORAGE_ADDRESS: &str = "203.0.113.77";

/// A workload was scaled to nothing and its node stayed logged in. Beside it a node with a second path through a storage
/// network, and a hypervisor on its own extent.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volume = scene.spare_volume(Share::Iscsi)?;
    let double = scene.volume(Share::Iscsi)?;
    for day in scene.days() {
        let alias = json!(double.asset);
        let mut session = day
            .row("iscsi.global.sessions", "target_alias", &alias)?
            .clone();
        let target = session["target"]
            .as_str()?
            .replace(&double.asset, "vm-web-01");
        session["initiator_addr"] = json!(STORAGE_ADDRESS);
        day.rows("iscsi.global.sessions").push(session.clone());
        session["initiator"] = json!("iqn.1998-01.com.vmware:esx07");
        session["initiator_addr"] = json!("203.0.113.80");
        session["initiator_alias"] = json!("esx07");
        session["target"] = json!(target);
        session["target_alias"] = json!("vm-web-01");
        day.rows("iscsi.global.sessions").push(session);
    }
    for day in scene.sick_days() {
        let alias = json!(volume.asset);
        let session = day
            .row("iscsi.global.sessions", "target_alias", &alias)?
            .clone();
        day.stop(&volume)?;
        day.rows("iscsi.global.sessions").push(session);
    }
    scene.leftover("F32", "k8s_pv", &volume.pv);
    Some(())
}
