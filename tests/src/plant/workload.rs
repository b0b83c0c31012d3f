//! What uses a volume, on its way out of use.

use serde_json::{Value, json};

use super::{Day, Volume};

/// Files of what may own a pod.
const OWNERS: [&str; 3] = ["deployments", "replicasets", "statefulsets"];

impl Day {
    /// Scales the workload of a volume to zero: its pods, their attachments and their sessions are gone.
    pub(super) fn stop(&mut self, volume: &Volume) -> Option<()> {
        let owner =
            self.object("pods", &volume.pod_key())?["metadata"]["ownerReferences"][0]["uid"]
                .clone();
        for uid in self.owners(&owner) {
            for file in OWNERS {
                let owned = self.objects(file).iter_mut();
                for object in owned.filter(|object| object["metadata"]["uid"] == uid) {
                    object["spec"]["replicas"] = json!(0);
                    object["status"] = json!({"replicas": 0, "readyReplicas": 0});
                }
            }
        }
        let (gone, left): (Vec<Value>, Vec<Value>) = std::mem::take(self.objects("pods"))
            .into_iter()
            .partition(|pod| pod["metadata"]["ownerReferences"][0]["uid"] == owner);
        *self.objects("pods") = left;
        for pod in &gone {
            for used in pod["spec"]["volumes"].as_array().into_iter().flatten() {
                let claim = &used["persistentVolumeClaim"]["claimName"];
                self.detach(&pod["metadata"]["namespace"], claim);
            }
        }
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
            self.objects(file)
                .retain(|object| !owners.contains(&object["metadata"]["uid"]));
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

    /// Takes away attachments and sessions of the volume of a claim.
    fn detach(&mut self, namespace: &Value, claim: &Value) {
        let is_of_claim = |pv: &&Value| {
            let of = &pv["spec"]["claimRef"];
            of["namespace"] == *namespace && of["name"] == *claim
        };
        let Some(pv) = self.seen("persistentvolumes").iter().find(is_of_claim) else {
            return;
        };
        let name = pv["metadata"]["name"].clone();
        let iqn = pv["spec"]["csi"]["volumeAttributes"]["iqn"].clone();
        self.objects("volumeattachments")
            .retain(|one| one["spec"]["source"]["persistentVolumeName"] != name);
        if !iqn.is_null() {
            self.remove_rows("iscsi.global.sessions", "target", &iqn);
        }
    }
}
