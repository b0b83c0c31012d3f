//! F50: classes that are not as they should be.

use serde_json::{Value, json};

use super::Share;
use super::claim::metadata;
use super::scene::Scene;
use super::vendor::{DRIVER, adopt, install, is_run};

const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
const SNAPSHOT_DEFAULT: &str = "snapshot.storage.kubernetes.io/is-default-class";
const FIXED: &str = "truenas-iscsi-fixed";

/// Two default storage classes, two default snapshot classes of one driver and none of another, a class that cannot expand, block volumes of a
/// class without a file system, and production data with the policy Delete. Beside them a default snapshot class of the
/// other driver, a class of local disks that cannot expand, and a namespace for tests.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    let tested = scene.volume(Share::Nfs)?;
    let classless = scene.volume(Share::Iscsi)?;
    let parent = "tank/csi";
    install(
        scene,
        "truenas-csi",
        parent,
        json!({"protocol": "iscsi", "sparse": "true"}),
    );
    adopt(scene, &classless, "truenas-csi", parent)?;
    let (fixed, local) = (scene.uuid(), scene.uuid());
    let created = scene.days().next()?.now - 90 * 86_400;
    for day in scene.days() {
        let class = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": metadata("local-scratch", None, &local, created),
            "provisioner": "kubernetes.io/no-provisioner", "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": false,
        });
        day.objects("storageclasses").push(class);
        annotate(
            day.object("volumesnapshotclasses", "truenas-nfs-snap")?,
            SNAPSHOT_DEFAULT,
        );
        if tested.namespace != volume.namespace {
            day.object("namespaces", &tested.namespace)?["metadata"]["labels"]["environment"] =
                json!("test");
        }
    }
    for day in scene.sick_days() {
        day.remove("volumesnapshotclasses", "truenas-csi-snap");
        let class = day.object("storageclasses", Share::Iscsi.class())?;
        annotate(class, DEFAULT);
        class["parameters"].as_object_mut()?.remove("fsType");
        let mut class = class.clone();
        class["metadata"] = metadata(FIXED, None, &fixed, created);
        class["allowVolumeExpansion"] = json!(false);
        day.objects("storageclasses").push(class);
        for name in ["truenas-iscsi-snap", "truenas-iscsi-snap-detached"] {
            annotate(day.object("volumesnapshotclasses", name)?, SNAPSHOT_DEFAULT);
        }
        let driver = day.object("csidrivers", Share::Iscsi.driver())?;
        driver["spec"]["fsGroupPolicy"] = json!("ReadWriteOnceWithFSType");
        day.object("namespaces", &volume.namespace)?["metadata"]["labels"]["environment"] =
            json!("production");
    }
    scene.fact("F50", "k8s_cluster", "kube-system", "confirmed");
    scene.fact("F50", "k8s_csi_driver", Share::Iscsi.driver(), "confirmed");
    let mut classes = scene.last().seen("volumesnapshotclasses").iter();
    if classes.all(|class| class["driver"] != DRIVER) {
        // Where another mode runs the driver, its snapshotter can be seen.
        let grade = match is_run(scene.last()) {
            true => "confirmed",
            false => "probable",
        };
        scene.fact("F50", "k8s_csi_driver", DRIVER, grade);
    }
    scene.fact("F50", "k8s_storage_class", FIXED, "confirmed");
    scene.fact("F50", "k8s_storage_class", Share::Iscsi.class(), "probable");
    scene.fact("F50", "k8s_namespace", &volume.namespace, "confirmed");
    Some(())
}

fn annotate(class: &mut Value, annotation: &str) {
    class["metadata"]["annotations"][annotation] = json!("true");
}

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::super::vendor::vendor_volume;
    use super::*;

    fn grades(is_run: bool) -> Vec<String> {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        if is_run {
            vendor_volume(&mut scene).unwrap();
        }
        plant(&mut scene).unwrap();
        let facts = scene.last().facts().iter();
        let of_driver = facts.filter(|fact| fact.mode == "F50" && fact.subject == DRIVER);
        of_driver.map(|fact| fact.grade.clone()).collect()
    }

    #[test]
    fn missing_snapshot_class_is_certain_where_the_driver_runs() {
        assert_eq!(grades(false), ["probable"]);
        assert_eq!(grades(true), ["confirmed"]);
    }
}
