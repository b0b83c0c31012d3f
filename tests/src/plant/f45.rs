//! F45: credentials stand in a class and in its volumes, in clear text.

use serde_json::json;

use super::Share;
use super::scene::Scene;
use super::vendor::{adopt, install};

/// A class of the vendor's driver holds a CHAP secret, and its volume a copy. Beside it a class that names the user alone
/// and leaves the secret empty, and the classes of the estate, which refer to Secrets by name.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let (told, untold) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let parent = "tank/csi";
    let parameters = |secret: &str| json!({"protocol": "iscsi", "sparse": "true", "iscsi.chapUser": "chapuser", "iscsi.chapSecret": secret});
    install(
        scene,
        "truenas-csi-secure",
        parent,
        parameters("Planted-CHAP-secret-1"),
    );
    install(scene, "truenas-csi-empty", parent, parameters(""));
    adopt(scene, &told, "truenas-csi-secure", parent)?;
    adopt(scene, &untold, "truenas-csi-empty", parent)?;
    for day in scene.days() {
        let pv = day.object("persistentvolumes", &told.pv)?;
        let attributes = &mut pv["spec"]["csi"]["volumeAttributes"];
        attributes["iscsi.chapUsername"] = json!("chapuser");
        attributes["iscsi.chapPassword"] = json!("Planted-CHAP-secret-1");
    }
    scene.fact(
        "F45",
        "k8s_storage_class",
        "truenas-csi-secure",
        "confirmed",
    );
    Some(())
}
