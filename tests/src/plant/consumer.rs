//! Who uses a volume, and what is left when nobody does any more.

use serde_json::{Value, json};

use super::Volume;
use super::claim::rfc3339;
use super::scene::{Day, Scene};

/// A volume of a stateful set that bears its last number, with the key of the set.
pub(super) fn last_of_set(scene: &mut Scene, share: super::Share) -> Option<(Volume, String)> {
    loop {
        let volume = scene.volume(share)?;
        let (set, ordinal) = volume.pod.rsplit_once('-')?;
        let key = format!("{}/{set}", volume.namespace);
        let mut sets = scene.last().seen("statefulsets").iter();
        let last = sets.find_map(|one| {
            let metadata = &one["metadata"];
            let is_it =
                metadata["name"] == set && metadata["namespace"] == volume.namespace.as_str();
            is_it.then(|| one["spec"]["replicas"].as_u64())?
        });
        if last.is_some_and(|n_replicas| n_replicas > 1 && ordinal == (n_replicas - 1).to_string())
        {
            return Some((volume, key));
        }
    }
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
