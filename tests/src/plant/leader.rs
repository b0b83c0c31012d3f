//! HAV-003: controllers that no sidecar leads.

use serde_json::{Value, json};

use super::remade::respell;
use super::scene::{Day, Scene};

const NAMESPACE: &str = "democratic-csi";

/// Where the snapshot-controller runs.
const SNAPSHOT_NAMESPACE: &str = "kube-system";

const WORKLOAD: &str = "zfs-iscsi-democratic-csi-controller";

/// The attacher of one driver leads no more, as its lease was renewed on the last healthy day for the last time, and neither
/// does the snapshot-controller of the cluster. Beside them leases that are as old: of a driver that is gone, and of a
/// snapshot-controller that was moved to another namespace.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let key = format!("{NAMESPACE}/external-attacher-leader-org-democratic-csi-iscsi");
    let uids: Vec<String> = (0..7).map(|_| scene.uuid()).collect();
    let last = scene.days().next()?.object("leases", &key)?.clone();
    let named = |name: &str, namespace: &str, uid: &str| {
        let mut lease = last.clone();
        lease["metadata"]["name"] = json!(name);
        lease["metadata"]["namespace"] = json!(namespace);
        lease["metadata"]["uid"] = json!(uid);
        lease
    };
    let snapshots = "snapshot-controller-leader";
    let mut of_controller = named(snapshots, SNAPSHOT_NAMESPACE, &uids[0]);
    of_controller["spec"]["holderIdentity"] = json!("snapshot-controller-0");
    let left = [
        of_controller,
        named(snapshots, "default", &uids[1]),
        named("external-attacher-leader-gone-example", NAMESPACE, &uids[2]),
    ];
    for day in scene.days() {
        run_snapshot_controller(day, &uids[3..])?;
        day.objects("leases").extend(left.iter().cloned());
    }
    for day in scene.sick_days() {
        *day.object("leases", &key)? = last.clone();
    }
    for workload in [WORKLOAD, "snapshot-controller"] {
        scene.fact("HAV-003", "k8s_workload", workload, "confirmed");
    }
    Some(())
}

/// Deploys a snapshot-controller with two pods that are ready, made like the controller of a driver.
fn run_snapshot_controller(day: &mut Day, uids: &[String]) -> Option<()> {
    let (name, set) = ("snapshot-controller", "snapshot-controller-6c8d4f7b9");
    let container = json!({
        "name": name, "image": "registry.k8s.io/sig-storage/snapshot-controller:v8.2.1",
        "args": ["--v=5", "--leader-election=true"],
    });
    let mut deployment = day
        .object("deployments", &format!("{NAMESPACE}/{WORKLOAD}"))?
        .clone();
    deployment["spec"]["template"]["spec"]["containers"] = json!([container]);
    let of_driver = |object: &&Value| owner(object)["name"] == WORKLOAD;
    let mut replica_set = day.seen("replicasets").iter().find(of_driver)?.clone();
    let (old_set, old_uid) = (
        replica_set["metadata"]["name"].as_str()?.to_owned(),
        replica_set["metadata"]["uid"].clone(),
    );
    let of_set = |object: &&Value| owner(object)["uid"] == old_uid;
    let mut pods: Vec<Value> = day.seen("pods").iter().filter(of_set).cloned().collect();
    own(&mut deployment, name, &uids[0]);
    own(&mut replica_set, set, &uids[1]);
    replica_set["metadata"]["ownerReferences"][0]["name"] = json!(name);
    replica_set["metadata"]["ownerReferences"][0]["uid"] = json!(uids[0]);
    for (number, (pod, uid)) in pods.iter_mut().zip(&uids[2..]).enumerate() {
        respell(pod, &old_set, set);
        own(pod, &format!("{name}-{number}"), uid);
        pod["metadata"]["ownerReferences"][0]["uid"] = json!(uids[1]);
        pod["spec"]["containers"] = json!([container]);
        pod["status"]["containerStatuses"] =
            json!([{"name": name, "ready": true, "restartCount": 0}]);
    }
    day.objects("deployments").push(deployment);
    day.objects("replicasets").push(replica_set);
    day.objects("pods").extend(pods);
    Some(())
}

fn owner(object: &Value) -> &Value {
    &object["metadata"]["ownerReferences"][0]
}

fn own(object: &mut Value, name: &str, uid: &str) {
    let metadata = &mut object["metadata"];
    metadata["name"] = json!(name);
    metadata["namespace"] = json!(SNAPSHOT_NAMESPACE);
    metadata["uid"] = json!(uid);
    metadata["labels"] = json!({"app.kubernetes.io/name": "snapshot-controller"});
}

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::*;

    #[test]
    fn snapshot_controller_is_ready_and_its_lease_stands_still() {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        plant(&mut scene).unwrap();
        let mut renewed = Vec::new();
        for day in scene.days() {
            let key = format!("{SNAPSHOT_NAMESPACE}/snapshot-controller-leader");
            renewed.push(day.object("leases", &key).unwrap()["spec"]["renewTime"].clone());
            let key = format!("{SNAPSHOT_NAMESPACE}/snapshot-controller");
            let uid = day.object("deployments", &key).unwrap()["metadata"]["uid"].clone();
            let mut sets = day.seen("replicasets").iter();
            let set = sets.find(|set| owner(set)["uid"] == uid).unwrap();
            let set = &set["metadata"]["uid"];
            let pods = day
                .seen("pods")
                .iter()
                .filter(|pod| owner(pod)["uid"] == *set);
            let ready = pods.filter(|pod| pod["status"]["conditions"][0]["status"] == "True");
            assert_eq!(ready.count(), 2);
        }
        assert!(
            renewed
                .iter()
                .all(|time| *time == renewed[0] && time.is_string()),
            "{renewed:?}"
        );
    }
}
