//! F37: PVs that name what was before a migration.

use serde_json::{Value, json};

use super::remade::PREFIX;
use super::scene::Scene;
use super::{Day, Share, Volume};

/// The second address of the portal, which has been moved to another portal since.
const MOVED: &str = "192.0.2.11";

/// The address of an appliance that was replaced.
const REPLACED: &str = "192.0.2.99";

/// A name of the appliance.
const ALIAS: &str = "nas.example.net";

/// The address of a portal was given to another portal, the address of the server was given up, and shares were made
/// anew with other ids. Beside them volumes that name the appliance by an alias.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let moved = scene.volume(Share::Iscsi)?;
    let aliased = scene.volume(Share::Iscsi)?;
    let replaced = scene.volume(Share::Nfs)?;
    let renumbered = scene.volume(Share::Nfs)?;
    let named = scene.volume(Share::Nfs)?;
    let listen = json!({"ip": MOVED, "port": 3_260});
    for day in scene.days() {
        readdress(day, &moved, "portal", &format!("{MOVED}:3260"))?;
        readdress(day, &aliased, "portal", &format!("{ALIAS}:3260"))?;
        readdress(day, &named, "server", ALIAS)?;
        readdress(day, &replaced, "server", REPLACED)?;
    }
    let healthy_days = scene.days().count() - scene.sick_days().count();
    for day in scene.days().take(healthy_days) {
        let portal = day.rows("iscsi.portal.query").first_mut()?;
        portal["listen"].as_array_mut()?.push(listen.clone());
    }
    for day in scene.sick_days() {
        let portal = json!({"id": 2, "tag": 2, "comment": "backup", "listen": [listen]});
        day.rows("iscsi.portal.query").push(portal);
        let alias = json!(moved.asset);
        day.remove_rows("iscsi.global.sessions", "target_alias", &alias);
        let path = json!(format!("/mnt/{}", renumbered.dataset));
        day.row("sharing.nfs.query", "path", &path)?["id"] = json!(90_001);
    }
    scene.fact("F37", "k8s_pv_portal", MOVED, "confirmed");
    scene.fact("F37", "zfs_dataset", &renumbered.dataset, "confirmed");
    // Nobody knows the address any more: it may be one that was not collected.
    scene.fact("F37", "k8s_pv", &replaced.pv, "probable");
    Some(())
}

/// Changes what the PV names, and what the driver stored when it made the volume.
fn readdress(day: &mut Day, volume: &Volume, key: &str, address: &str) -> Option<()> {
    let pv = day.object("persistentvolumes", &volume.pv)?;
    pv["spec"]["csi"]["volumeAttributes"][key] = json!(address);
    let name = json!(volume.dataset);
    let dataset = day.row("pool.dataset.query", "name", &name)?;
    let property = &mut dataset["user_properties"][format!("{PREFIX}csi_share_volume_context")];
    let mut context: Value = serde_json::from_str(property["rawvalue"].as_str()?).ok()?;
    context[key] = json!(address);
    for form in ["parsed", "rawvalue", "value"] {
        property[form] = json!(context.to_string());
    }
    Some(())
}
