//! What goes when a volume goes: its objects in the cluster, and its objects on the appliance.

use serde_json::json;

use super::scene::Day;
use super::volume::{Share, Volume};

/// The claim is deleted with the pod and the workload that used it, and the PV with them; nobody is logged in any more.
pub(super) fn leave_cluster(day: &mut Day, volume: &Volume) -> Option<()> {
    let pod = day.remove("pods", &volume.pod_key())?;
    let owner = &pod["metadata"]["ownerReferences"][0];
    if owner["kind"] == "ReplicaSet" {
        let name = owner["name"].as_str().unwrap_or_default();
        let set = day.remove("replicasets", &format!("{}/{name}", volume.namespace))?;
        let deployment = set["metadata"]["ownerReferences"][0]["name"].as_str()?;
        day.remove("deployments", &format!("{}/{deployment}", volume.namespace))?;
    }
    day.remove("volumeattachments", &volume.attachment)?;
    day.remove("persistentvolumeclaims", &volume.claim_key())?;
    day.remove("persistentvolumes", &volume.pv)?;
    log_out(day, volume);
    Some(())
}

/// The nodes log out of the target of a volume.
pub(super) fn log_out(day: &mut Day, volume: &Volume) {
    if volume.share == Share::Iscsi {
        day.remove_rows(
            "iscsi.global.sessions",
            "target_alias",
            &json!(volume.asset),
        );
    }
}

/// The dataset is destroyed, with its snapshots and its periodic task; what exports it stays.
pub(super) fn lose_dataset(day: &mut Day, volume: &Volume) {
    let path = json!(volume.dataset);
    day.remove_rows("pool.dataset.query", "name", &path);
    day.remove_rows("pool.snapshot.query", "dataset", &path);
}

/// The share, or the target with its extent and the link between them.
pub(super) fn lose_export(day: &mut Day, volume: &Volume) {
    match volume.share {
        Share::Nfs => {
            let path = json!(format!("/mnt/{}", volume.dataset));
            day.remove_rows("sharing.nfs.query", "path", &path);
        }
        Share::Iscsi => {
            for target in day.remove_rows("iscsi.target.query", "name", &json!(volume.asset)) {
                day.remove_rows("iscsi.targetextent.query", "target", &target["id"]);
            }
            let disk = json!(format!("zvol/{}", volume.dataset));
            day.remove_rows("iscsi.extent.query", "disk", &disk);
        }
    }
}
