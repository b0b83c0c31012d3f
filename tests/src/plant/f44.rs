//! F44: the vendor's driver makes thick zvols where the class says nothing.

use serde_json::json;

use super::Share;
use super::property::{bytes, dataset, grow, size};
use super::scene::Scene;
use super::vendor::{adopt, install};

/// Two volumes of a class that does not say `sparse` reserve their whole size. Beside them a volume of a class that asks for
/// it, and a thin one of a class that asks for that.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let unsaid = [scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?];
    let (thick, thin) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    let parent = "tank/csi";
    let class = |sparse: Option<&str>| {
        let mut parameters = json!({"protocol": "iscsi", "volblocksize": "16K"});
        if let Some(sparse) = sparse {
            parameters["sparse"] = json!(sparse);
        }
        parameters
    };
    install(scene, "truenas-csi-iscsi", parent, class(None));
    install(scene, "truenas-csi-thick", parent, class(Some("false")));
    install(scene, "truenas-csi-thin", parent, class(Some("true")));
    let mut reserved = Vec::new();
    for volume in &unsaid {
        let path = adopt(scene, volume, "truenas-csi-iscsi", parent)?;
        scene.fact("F44", "zfs_dataset", &path, "confirmed");
        reserved.push(path);
    }
    reserved.push(adopt(scene, &thick, "truenas-csi-thick", parent)?);
    adopt(scene, &thin, "truenas-csi-thin", parent)?;
    for day in scene.days() {
        for path in &reserved {
            let zvol = dataset(day, path)?;
            let volsize = bytes(zvol, "volsize");
            zvol["refreservation"] = size(volsize + volsize / 64, "LOCAL");
            let unwritten = (volsize + volsize / 64).saturating_sub(bytes(zvol, "usedbydataset"));
            grow(day, path, "usedbyrefreservation", unwritten);
        }
    }
    Some(())
}
