//! What uses a volume, on its way out of use.

use serde_json::{Value, json};

use super::{Day, Volume};

/// Files of what may own a pod.
const OWNERS: [&str; 3] = ["deployments", "replicasets", "statefulsets"];

impl Day {
    /// Whether the pod of a volume goes first when its workload is scaled down by one.
    pub(super) fn goes_first(&self, volume: &Volume) -> bool {
        let pods = self.seen("pods");
        let Some(own) = pods.iter().find(|pod| is_pod_of(pod, volume)) else {
            return false;
        };
        let owner = &own["metadata"]["ownerReferences"][0];
        let mut siblings = pods
            .iter()
            .filter(|pod| pod["metadata"]["ownerReferences"][0]["uid"] == owner["uid"]);
        match owner["kind"].as_str() {
            Some("StatefulSet") => siblings.all(|pod| ordinal(pod) <= ordinal(own)),
            _ => siblings.count() == 1,
        }
    }

    /// Scales the workload of a volume down by one: the pod, its attachment and its session are gone. Take the volume
    /// with [`super::Scene::spare_volume`] for it.
    pub(super) fn stop(&mut self, volume: &Volume) -> Option<()> {
        let pod = self.remove("pods", &volume.pod_key())?;
        let owner = pod["metadata"]["ownerReferences"][0]["uid"].clone();
        for uid in self.owners(&owner) {
            for file in OWNERS {
                let owned = self.objects(file).iter_mut();
                for object in owned.filter(|object| object["metadata"]["uid"] == uid) {
                    let replicas = object["spec"]["replicas"].as_u64()?.saturating_sub(1);
                    object["spec"]["replicas"] = json!(replicas);
                    object["status"] = json!({"replicas": replicas, "readyReplicas": replicas});
                }
            }
        }
        self.remove("volumeattachments", &volume.attachment)?;
        let alias = json!(volume.asset);
        self.remove_rows("iscsi.global.sessions", "target_alias", &alias);
        Some(())
    }

    /// Takes away the workload of a volume and its claim; the PV is Released since some seconds.
    pub(super) fn release(&mut self, volume: &Volume, since_secs: i64) -> Option<()> {
        self.remove_claim(volume)?;
        let at = self.ago(since_secs);
        let pv = self.object("persistentvolumes", &volume.pv)?;
        pv["status"] = json!({"phase": "Released", "lastPhaseTransitionTime": at});
        Some(())
    }

    /// Takes away the workload of a volume and its claim.
    pub(super) fn remove_claim(&mut self, volume: &Volume) -> Option<()> {
        let pod = self.object("pods", &volume.pod_key())?;
        let owner = pod["metadata"]["ownerReferences"][0]["uid"].clone();
        let owners = self.owners(&owner);
        self.stop(volume)?;
        for file in OWNERS {
            self.objects(file).retain(|object| {
                object["spec"]["replicas"] != 0 || !owners.contains(&object["metadata"]["uid"])
            });
        }
        self.remove("persistentvolumeclaims", &volume.claim_key())?;
        Some(())
    }

    /// Takes away what the appliance has of a volume: as `DeleteVolume` does.
    pub(super) fn destroy(&mut self, volume: &Volume) {
        self.unshare(volume);
        let dataset = json!(volume.dataset);
        self.remove_rows("pool.snapshot.query", "dataset", &dataset);
        self.remove_rows("pool.dataset.query", "name", &dataset);
    }

    /// Takes away the share, or target and extent, of a volume.
    pub(super) fn unshare(&mut self, volume: &Volume) {
        let path = json!(format!("/mnt/{}", volume.dataset));
        self.remove_rows("sharing.nfs.query", "path", &path);
        let asset = json!(volume.asset);
        for target in self.remove_rows("iscsi.target.query", "name", &asset) {
            self.remove_rows("iscsi.targetextent.query", "target", &target["id"]);
        }
        self.remove_rows("iscsi.extent.query", "name", &asset);
    }

    /// Uids of the owner of a pod and of its owner.
    fn owners(&self, uid: &Value) -> Vec<Value> {
        let sets = self.seen("replicasets").iter();
        let above = sets
            .filter(|set| set["metadata"]["uid"] == *uid)
            .map(|set| set["metadata"]["ownerReferences"][0]["uid"].clone());
        above.chain([uid.clone()]).collect()
    }
}

fn is_pod_of(pod: &Value, volume: &Volume) -> bool {
    let metadata = &pod["metadata"];
    metadata["namespace"] == volume.namespace.as_str() && metadata["name"] == volume.pod.as_str()
}

/// The number at the end of the name of a pod of a StatefulSet.
fn ordinal(pod: &Value) -> Option<u32> {
    let name = pod["metadata"]["name"].as_str()?;
    name.rsplit_once('-')?.1.parse().ok()
}
