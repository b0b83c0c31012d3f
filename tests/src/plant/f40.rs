//! F40: a controller that is not healthy, and one that is too old for its appliance.

use serde_json::{Value, json};

use super::Share;
use super::scene::Scene;

/// Image of the driver in an estate.
const IMAGE: &str = "docker.io/democraticcsi/democratic-csi:v1.9.5";

/// The newest release that does not know an appliance of 25.04 or newer.
const OLD_IMAGE: &str = "docker.io/democraticcsi/democratic-csi:v1.9.4";

/// A build of the site, named by its digest: its version cannot be seen.
const CUSTOM_IMAGE: &str = "registry.example.net/csi/democratic-csi@sha256:5ce7e0005ce7e0005ce7e0005ce7e0005ce7e0005ce7e0005ce7e0005ce7e000";

/// The driver of both controllers of NFS ends again and again. The driver of iSCSI runs as a release from before its
/// appliance. Beside them what cannot be told: the version of a custom image, and a node plugin that ended once.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    for day in scene.days() {
        for (share, image) in [(Share::Nfs, CUSTOM_IMAGE), (Share::Iscsi, OLD_IMAGE)] {
            let release = format!("zfs-{}-", share.class().rsplit_once('-')?.1);
            for file in ["deployments", "daemonsets", "pods"] {
                let of_driver = day.objects(file).iter_mut().filter(|object| {
                    let name = object["metadata"]["name"].as_str().unwrap_or_default();
                    name.starts_with(&release)
                });
                for object in of_driver {
                    set_image(object, image);
                }
            }
        }
    }
    for day in scene.sick_days() {
        let (ended_at, ready_at) = (day.ago(95), day.ago(4 * 3_600));
        let controllers = day.objects("pods").iter_mut().filter(|pod| {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            name.starts_with("zfs-nfs-democratic-csi-controller")
        });
        for pod in controllers {
            let condition = &mut pod["status"]["conditions"][0];
            *condition =
                json!({"type": "Ready", "status": "False", "lastTransitionTime": ready_at});
            let statuses = pod["status"]["containerStatuses"].as_array_mut()?;
            let driver = statuses
                .iter_mut()
                .find(|status| status["name"] == "csi-driver")?;
            driver["ready"] = json!(false);
            driver["restartCount"] = json!(214);
            driver["state"] = json!({"waiting": {
                "reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=csi-driver",
            }});
            driver["lastState"] = json!({"terminated": {
                "exitCode": 1, "reason": "Error", "startedAt": ended_at, "finishedAt": ended_at,
            }});
        }
        let name = "democratic-csi/zfs-nfs-democratic-csi-controller";
        day.object("deployments", name)?["status"] = json!({"replicas": 2, "readyReplicas": 0});
        let plugin = day.objects("pods").iter_mut().find(|pod| {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            name.starts_with("zfs-nfs-democratic-csi-node")
        })?;
        let status = &mut plugin["status"]["containerStatuses"][0];
        status["restartCount"] = json!(1);
        status["lastState"] = json!({"terminated": {
            "exitCode": 0, "reason": "Completed", "startedAt": ready_at, "finishedAt": ended_at,
        }});
    }
    let name = |release| format!("democratic-csi/zfs-{release}-democratic-csi-controller");
    scene.fact("F40", "k8s_workload", &name("nfs"), "confirmed");
    // Whoever builds an image may have mended it: a tag is no proof.
    scene.fact("F40", "k8s_workload", &name("iscsi"), "probable");
    Some(())
}

/// Changes the image of the driver in a pod, or in the template of a workload.
fn set_image(object: &mut Value, image: &str) {
    let spec = if object["kind"] == "Pod" {
        &mut object["spec"]
    } else {
        &mut object["spec"]["template"]["spec"]
    };
    let containers = spec["containers"].as_array_mut().into_iter().flatten();
    for container in containers.filter(|container| container["image"] == IMAGE) {
        container["image"] = json!(image);
    }
}
