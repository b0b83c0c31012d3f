//! Claims and volumes that nobody uses, one check each.

use serde_json::json;

use super::Share;
use super::claim::pending;
use super::consumer::{condition, deployed, last_of_set, leave, remove_deployment, tell};
use super::scene::Scene;

const DAY: i64 = 86_400;

/// ORP-011: somebody removed the reference to the claim from a PV. Beside it a PV that waits for its claim by name.
pub(super) fn available(scene: &mut Scene) -> Option<()> {
    let (freed, name) = deployed(scene, Share::Nfs)?;
    let since = scene.days().next()?.now + 3_600;
    for day in scene.sick_days() {
        leave(day, &freed);
        remove_deployment(day, &freed.namespace, &name);
        day.remove("persistentvolumeclaims", &freed.claim_key());
        let pv = day.object("persistentvolumes", &freed.pv)?;
        let mut waiting = pv.clone();
        pv["spec"].as_object_mut()?.remove("claimRef");
        pv["status"] =
            json!({"phase": "Available", "lastPhaseTransitionTime": super::claim::rfc3339(since)});
        waiting["metadata"]["name"] = json!("films-copy");
        waiting["metadata"]["uid"] = json!("5ce7e000-0000-4000-8000-00000000f11e");
        waiting["metadata"]["annotations"] = json!({});
        let spec = waiting["spec"].as_object_mut()?;
        spec.remove("csi");
        spec.insert(
            "nfs".to_owned(),
            json!({"server": "192.0.2.10", "path": "/mnt/tank/media/films"}),
        );
        spec.insert(
            "claimRef".to_owned(),
            json!({"namespace": "media", "name": "films-copy"}),
        );
        spec.insert("persistentVolumeReclaimPolicy".to_owned(), json!("Retain"));
        spec.insert("storageClassName".to_owned(), json!(""));
        waiting["status"] = json!({"phase": "Available"});
        day.objects("persistentvolumes").push(waiting);
    }
    scene.leftover("ORP-011", "k8s_pv", &freed.pv);
    Some(())
}

/// ORP-012: nothing has used a claim for two months. Beside it one that has been free for a few days.
pub(super) fn unused(scene: &mut Scene) -> Option<()> {
    let (long, long_name) = deployed(scene, Share::Nfs)?;
    let (short, short_name) = deployed(scene, Share::Nfs)?;
    let first = scene.days().next()?.now;
    for day in scene.days() {
        for (volume, name, days) in [(&long, &long_name, 60), (&short, &short_name, 5)] {
            leave(day, volume);
            remove_deployment(day, &volume.namespace, name);
            tell(
                day,
                &volume.claim_key(),
                condition("Unused", first - days * DAY),
            )?;
        }
    }
    scene.fact("ORP-012", "k8s_pvc", &long.claim_key(), "confirmed");
    Some(())
}

/// ORP-013: a stateful set was scaled down and its last claim stayed. Beside it a set that is smaller since today.
pub(super) fn scaled_down(scene: &mut Scene) -> Option<()> {
    let (old, old_set) = last_of_set(scene, Share::Iscsi)?;
    let fresh = last_of_set(scene, Share::Iscsi);
    let first = scene.days().next()?.now;
    let fresh = fresh
        .iter()
        .map(|(volume, set)| (volume, set, first - DAY / 2));
    let scaled: Vec<_> = fresh.chain([(&old, &old_set, first - 30 * DAY)]).collect();
    for day in scene.days() {
        for (volume, set, since) in &scaled {
            leave(day, volume);
            let set = day.object("statefulsets", set)?;
            let n_replicas = set["spec"]["replicas"].as_u64()? - 1;
            set["spec"]["replicas"] = json!(n_replicas);
            set["status"] = json!({"replicas": n_replicas, "readyReplicas": n_replicas});
            tell(day, &volume.claim_key(), condition("Unused", *since))?;
        }
    }
    scene.fact("ORP-013", "k8s_pvc", &old.claim_key(), "confirmed");
    Some(())
}

/// PRF-002: a claim waits for a volume without a word. Beside it one that waits for its first pod, as its class says.
pub(super) fn waiting(scene: &mut Scene) -> Option<()> {
    let beside = scene.volume(Share::Iscsi)?;
    let ids = [scene.uuid(), scene.uuid(), scene.uuid()];
    let number = scene.number();
    let created = scene.days().next()?.now + 7_200;
    let name = format!("waiting-{number}");
    for day in scene.sick_days() {
        let mut class = day.object("storageclasses", Share::Iscsi.class())?.clone();
        class["metadata"] =
            super::claim::metadata("truenas-iscsi-late", None, &ids[0], created - 90 * DAY);
        class["volumeBindingMode"] = json!("WaitForFirstConsumer");
        let mut late = pending(&beside, &format!("late-{number}"), &ids[1], created);
        late["spec"]["storageClassName"] = json!("truenas-iscsi-late");
        day.objects("storageclasses").push(class);
        let claims = [pending(&beside, &name, &ids[2], created), late];
        day.objects("persistentvolumeclaims").extend(claims);
    }
    let claim = format!("{}/{name}", beside.namespace);
    scene.fact("PRF-002", "k8s_pvc", &claim, "confirmed");
    Some(())
}

/// PRF-007: an expansion that the controller cannot finish. Beside it one that began a few minutes ago.
pub(super) fn expanding(scene: &mut Scene) -> Option<()> {
    let (stuck, fresh) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    for day in scene.sick_days() {
        let now = day.now;
        for (volume, ago) in [(&stuck, 7_200), (&fresh, 120)] {
            let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
            claim["spec"]["resources"]["requests"]["storage"] = json!("4Ti");
            let resources = json!({"storage": "ControllerResizeInProgress"});
            claim["status"]["allocatedResourceStatuses"] = resources;
            claim["status"]["allocatedResources"] = json!({"storage": "4Ti"});
            tell(day, &volume.claim_key(), condition("Resizing", now - ago))?;
        }
    }
    scene.fact("PRF-007", "k8s_pvc", &stuck.claim_key(), "confirmed");
    Some(())
}
