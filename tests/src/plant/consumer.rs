//! Who uses a volume, and what is left when nobody does any more.

use serde_json::{Value, json};

use super::claim::rfc3339;
use super::scene::{Day, Scene};
use super::{Share, Volume};

/// The deployment whose pod uses a volume.
fn deployment(day: &Day, volume: &Volume) -> Option<String> {
    let uses = |deployment: &&Value| {
        let volumes = deployment["spec"]["template"]["spec"]["volumes"].as_array();
        let is_claim =
            |one: &Value| one["persistentVolumeClaim"]["claimName"] == volume.claim.as_str();
        deployment["metadata"]["namespace"] == volume.namespace.as_str()
            && volumes.is_some_and(|volumes| volumes.iter().any(is_claim))
    };
    let deployment = day.seen("deployments").iter().find(uses)?;
    deployment["metadata"]["name"].as_str().map(str::to_owned)
}

/// A volume that the pod of a deployment uses, and the name of that.
pub(super) fn deployed(scene: &mut Scene, share: Share) -> Option<(Volume, String)> {
    let volume = scene.volume_that(share, |day, volume| deployment(day, volume).is_some())?;
    let name = deployment(scene.last(), &volume)?;
    Some((volume, name))
}

/// A volume of the last pod of a stateful set, and the key of the set.
pub(super) fn last_of_set(scene: &mut Scene, share: Share) -> Option<(Volume, String)> {
    let volume = scene.volume_that(share, is_last)?;
    let (set, _) = volume.pod.rsplit_once('-')?;
    let key = format!("{}/{set}", volume.namespace);
    Some((volume, key))
}

fn is_last(day: &Day, volume: &Volume) -> bool {
    let mut sets = day.seen("statefulsets").iter();
    sets.any(|set| {
        let metadata = &set["metadata"];
        let n_replicas = set["spec"]["replicas"].as_u64().unwrap_or_default();
        let name = metadata["name"].as_str().unwrap_or_default();
        let is_named = volume.pod == format!("{name}-{}", n_replicas.saturating_sub(1));
        n_replicas > 1 && is_named && metadata["namespace"] == volume.namespace.as_str()
    })
}

/// Takes away whoever uses a volume: its pod, its attachment and its session.
pub(super) fn leave(day: &mut Day, volume: &Volume) {
    day.remove("pods", &volume.pod_key());
    day.remove("volumeattachments", &volume.attachment);
    if !volume.asset.is_empty() {
        day.remove_rows(
            "iscsi.global.sessions",
            "target_alias",
            &json!(volume.asset),
        );
    }
}

/// Takes away a deployment with its replica set.
pub(super) fn remove_deployment(day: &mut Day, namespace: &str, name: &str) {
    day.remove("deployments", &format!("{namespace}/{name}"));
    day.objects("replicasets").retain(|set| {
        let owner = &set["metadata"]["ownerReferences"][0]["name"];
        set["metadata"]["namespace"] != namespace || owner != name
    });
}

/// A condition of a claim since a moment, as the API server keeps it.
pub(super) fn condition(kind: &str, since: i64) -> Value {
    json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": rfc3339(since)})
}

/// Adds a condition to a claim.
pub(super) fn tell(day: &mut Day, claim: &str, condition: Value) -> Option<()> {
    let status = &mut day.object("persistentvolumeclaims", claim)?["status"];
    if status["conditions"].is_null() {
        status["conditions"] = json!([]);
    }
    status["conditions"].as_array_mut()?.push(condition);
    Some(())
}
