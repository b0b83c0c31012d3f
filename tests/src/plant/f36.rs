//! F36: two PVs that are one volume.

use serde_json::{Value, json};

use super::scene::Scene;
use super::{Day, Share, Volume};

/// A backup tool restored a PV beside the one that it was made from, and both are claimed. Beside it a share that a static
/// PV brings into another namespace on purpose.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    let shared = scene.volume(Share::Nfs)?;
    let uids: Vec<String> = (0..4).map(|_| scene.uuid()).collect();
    let copy = format!("velero-clone-{}", uids[0]);
    let second = "team-share-of-uploads";
    for day in scene.days() {
        add_pv(day, &shared, second, [&uids[2], &uids[3]])?;
        let pv = day.object("persistentvolumes", second)?;
        pv["metadata"]["annotations"] = json!({"pv.kubernetes.io/bound-by-controller": "yes"});
        pv["spec"]["persistentVolumeReclaimPolicy"] = json!("Retain");
        pv["spec"]["storageClassName"] = json!("");
        let attributes = &pv["spec"]["csi"]["volumeAttributes"];
        let nfs = json!({"server": attributes["server"], "path": attributes["share"]});
        let spec = pv["spec"].as_object_mut()?;
        spec.remove("csi");
        spec.insert("nfs".to_owned(), nfs);
        let claim = day.object("persistentvolumeclaims", &format!("media/{second}"))?;
        claim["spec"]["storageClassName"] = json!("");
        claim["metadata"]["annotations"] = json!({"pv.kubernetes.io/bind-completed": "yes"});
    }
    for day in scene.sick_days() {
        add_pv(day, &volume, &copy, [&uids[0], &uids[1]])?;
    }
    scene.fact("F36", "k8s_pv", &volume.pv, "confirmed");
    scene.fact("F36", "k8s_pv", &copy, "confirmed");
    Some(())
}

/// Adds a PV of the same volume, bound to a claim of its name in namespace `media`.
fn add_pv(day: &mut Day, volume: &Volume, name: &str, [uid, claim_uid]: [&str; 2]) -> Option<()> {
    let at = day.ago(5 * 3_600);
    let mut pv = day.object("persistentvolumes", &volume.pv)?.clone();
    let mut claim = day
        .object("persistentvolumeclaims", &volume.claim_key())?
        .clone();
    let rename = |object: &mut Value, uid: &str| {
        object["metadata"]["name"] = json!(name);
        object["metadata"]["uid"] = json!(uid);
        object["metadata"]["creationTimestamp"] = json!(at);
    };
    rename(&mut pv, uid);
    rename(&mut claim, claim_uid);
    claim["metadata"]["namespace"] = json!("media");
    claim["spec"]["volumeName"] = json!(name);
    let of = &mut pv["spec"]["claimRef"];
    of["namespace"] = json!("media");
    of["name"] = json!(name);
    of["uid"] = json!(claim_uid);
    pv["status"]["lastPhaseTransitionTime"] = json!(at);
    day.objects("persistentvolumes").push(pv);
    day.objects("persistentvolumeclaims").push(claim);
    Some(())
}
