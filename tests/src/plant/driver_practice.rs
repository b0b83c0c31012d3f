//! Drivers and appliances that are not set up to last, one check each.

use serde_json::{Value, json};

use super::claim::metadata;
use super::scene::Scene;

const NAMESPACE: &str = "democratic-csi";

/// HAV-001: one controller has no second replica. Beside it the other driver, which has.
pub(super) fn single_controller(scene: &mut Scene) -> Option<()> {
    let name = "zfs-iscsi-democratic-csi-controller";
    for day in scene.sick_days() {
        let deployment = day.object("deployments", &format!("{NAMESPACE}/{name}"))?;
        deployment["spec"]["replicas"] = json!(1);
        deployment["status"] = json!({"replicas": 1, "readyReplicas": 1});
        let pods = day.objects("pods").iter();
        let of_it = |pod: &&Value| {
            pod["metadata"]["name"]
                .as_str()
                .is_some_and(|pod| pod.starts_with(name))
        };
        let second = pods.filter(of_it).nth(1)?["metadata"]["name"]
            .as_str()?
            .to_owned();
        day.remove("pods", &format!("{NAMESPACE}/{second}"));
    }
    scene.fact("HAV-001", "k8s_workload", name, "confirmed");
    Some(())
}

/// HAV-002: the pair of controllers does not synchronise. Beside it an alert about the pair that was put aside.
pub(super) fn unhealthy_pair(scene: &mut Scene) -> Option<()> {
    let (failing, old) = (scene.uuid(), scene.uuid());
    let alert = |uuid: &str, class: &str, at: i64, is_dismissed: bool| {
        json!({
            "uuid": uuid, "source": "", "klass": class, "args": {}, "node": "Controller A", "key": "{}",
            "datetime": {"$date": at * 1_000}, "last_occurrence": {"$date": at * 1_000}, "dismissed": is_dismissed,
            "mail": null, "text": class, "id": uuid, "level": "CRITICAL", "formatted": class, "one_shot": false,
        })
    };
    for day in scene.days() {
        *day.answer("failover.status") = json!("MASTER");
        let alert = alert(
            &old,
            "FailoverRemoteSystemInaccessible",
            day.now - 86_400,
            true,
        );
        day.rows("alert.list").push(alert);
    }
    for day in scene.sick_days() {
        let alert = alert(&failing, "FailoverSyncFailed", day.now - 3_600, false);
        day.rows("alert.list").push(alert);
    }
    scene.fact("HAV-002", "nas_alert", "FailoverSyncFailed", "confirmed");
    scene.fact("BPR-001", "nas_alert", &failing, "confirmed");
    Some(())
}

/// RES-001: the node plugin asks for no resources. Beside it the pods of users, which are not the driver's.
pub(super) fn without_resources(scene: &mut Scene) -> Option<()> {
    let name = "zfs-nfs-democratic-csi-node";
    for day in scene.sick_days() {
        let templates = day.object("daemonsets", &format!("{NAMESPACE}/{name}"))?["spec"]["template"]["spec"]["containers"]
            .as_array_mut()?;
        templates.iter_mut().for_each(strip);
        for pod in day.objects("pods") {
            if pod["metadata"]["name"]
                .as_str()
                .is_some_and(|pod| pod.starts_with(name))
            {
                pod["spec"]["containers"]
                    .as_array_mut()?
                    .iter_mut()
                    .for_each(strip);
            }
        }
    }
    scene.fact("RES-001", "k8s_workload", name, "confirmed");
    Some(())
}

fn strip(container: &mut Value) {
    container["resources"] = json!({});
}

/// CFG-017: the operator gives its driver an address without TLS. Beside it an instance that was removed.
pub(super) fn clear_text(scene: &mut Scene) -> Option<()> {
    let (bad, removed) = (scene.uuid(), scene.uuid());
    let created = scene.days().next()?.now - 40 * 86_400;
    let instance = |name: &str, uid: &str, state: &str| {
        json!({
            "apiVersion": "csi.truenas.io/v1alpha1", "kind": "TrueNASCSI", "metadata": metadata(name, None, uid, created),
            "spec": {
                "truenasURL": "ws://192.0.2.10/api/current", "credentialsSecret": "truenas-api-credentials",
                "defaultPool": "tank", "nfsServer": "192.0.2.10", "iscsiPortal": "192.0.2.10:3260",
                "insecureSkipTLS": false, "managementState": state, "namespace": "truenas-csi",
            },
            "status": {"phase": "Running", "conditions": []},
        })
    };
    for day in scene.sick_days() {
        let file = day.objects("truenascsis");
        file.push(instance("truenas", &bad, "Managed"));
        file.push(instance("lab", &removed, "Removed"));
    }
    scene.fact("CFG-017", "k8s_truenas_csi", "truenas", "confirmed");
    Some(())
}

/// CAP-016: the claims of a namespace ask for nearly all that its quota allows. Beside it a quota of which half is used, and
/// one of pods that is used up.
pub(super) fn quota_pressure(scene: &mut Scene) -> Option<()> {
    let ids = [scene.uuid(), scene.uuid(), scene.uuid()];
    let created = scene.days().next()?.now - 100 * 86_400;
    let quota = |name: &str, uid: &str, key: &str, hard: &str, used: &str| {
        json!({
            "apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata(name, Some("media"), uid, created),
            "spec": {"hard": {key: hard}}, "status": {"hard": {key: hard}, "used": {key: used}},
        })
    };
    for day in scene.sick_days() {
        day.objects("resourcequotas").extend([
            quota("storage", &ids[0], "requests.storage", "550Gi", "500Gi"),
            quota(
                "files",
                &ids[1],
                "truenas-nfs.storageclass.storage.k8s.io/requests.storage",
                "1Ti",
                "500Gi",
            ),
            quota("pods", &ids[2], "pods", "1", "1"),
        ]);
    }
    scene.fact("CAP-016", "k8s_resource_quota", "storage", "confirmed");
    Some(())
}
