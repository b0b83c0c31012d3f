//! Volumes that are set up against advice, one check each.

use serde_json::{Value, json};

use super::Share;
use super::consumer::deployed;
use super::property::{dataset, size, word};
use super::scene::Scene;

/// A zvol of the site that is no volume of a driver.
const NO_VOLUME: &str = "tank/vm/web-01";

fn set(scene: &mut Scene, check: &str, property: &str, value: &str) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    for day in scene.days() {
        dataset(day, NO_VOLUME)?[property] = word(value, "LOCAL");
    }
    for day in scene.sick_days() {
        dataset(day, &volume.dataset)?[property] = word(value, "LOCAL");
    }
    scene.fact(check, "zfs_dataset", &volume.dataset, "confirmed");
    Some(())
}

/// BPR-003: writes are acknowledged before they are safe. Beside it a disk of a virtual machine with the same setting.
pub(super) fn unsafe_writes(scene: &mut Scene) -> Option<()> {
    set(scene, "BPR-003", "sync", "disabled")
}

/// BPR-004: deduplication. Beside it a disk of a virtual machine with the same setting.
pub(super) fn deduplicated(scene: &mut Scene) -> Option<()> {
    set(scene, "BPR-004", "deduplication", "on")
}

/// BPR-005: no compression. Beside it a disk of a virtual machine with the same setting.
pub(super) fn uncompressed(scene: &mut Scene) -> Option<()> {
    set(scene, "BPR-005", "compression", "off")
}

/// CFG-012: a file system without any limit. Beside it one with a quota in place of a reference quota.
pub(super) fn unlimited(scene: &mut Scene) -> Option<()> {
    let (unlimited, limited) = (scene.volume(Share::Nfs)?, scene.volume(Share::Nfs)?);
    let none = json!({"parsed": null, "rawvalue": "0", "value": null, "source": "DEFAULT", "source_info": null});
    for day in scene.days() {
        let row = dataset(day, &limited.dataset)?;
        let limit = row["refquota"]["parsed"].as_u64()?;
        row["refquota"] = none.clone();
        row["quota"] = size(limit, "LOCAL");
    }
    for day in scene.sick_days() {
        dataset(day, &unlimited.dataset)?["refquota"] = none.clone();
    }
    scene.fact("CFG-012", "zfs_dataset", &unlimited.dataset, "confirmed");
    Some(())
}

/// CFG-010: a file system on a block volume is offered to many writers. Beside it a raw block volume that is.
pub(super) fn many_writers(scene: &mut Scene) -> Option<()> {
    let (shared, raw) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    for day in scene.days() {
        for volume in [&shared, &raw] {
            let modes = json!(["ReadWriteMany"]);
            day.object("persistentvolumes", &volume.pv)?["spec"]["accessModes"] = modes.clone();
            let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
            claim["spec"]["accessModes"] = modes.clone();
            claim["status"]["accessModes"] = modes;
        }
        day.object("persistentvolumes", &raw.pv)?["spec"]["volumeMode"] = json!("Block");
        day.object("persistentvolumeclaims", &raw.claim_key())?["spec"]["volumeMode"] =
            json!("Block");
    }
    scene.fact("CFG-010", "k8s_pv", &shared.pv, "confirmed");
    Some(())
}

/// CFG-016: a target lets every initiator in, unasked. Beside it one that lets every initiator of one network in.
pub(super) fn open_target(scene: &mut Scene) -> Option<()> {
    let (open, limited) = (scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?);
    for day in scene.days() {
        let target = day.row("iscsi.target.query", "name", &json!(limited.asset))?;
        target["groups"][0]["initiator"] = Value::Null;
        target["auth_networks"] = json!(["198.51.100.0/24"]);
    }
    for day in scene.sick_days() {
        let target = day.row("iscsi.target.query", "name", &json!(open.asset))?;
        target["groups"][0]["initiator"] = Value::Null;
    }
    scene.fact("CFG-016", "nas_iscsi_target", &open.asset, "confirmed");
    Some(())
}

/// CFG-004: a target names an initiator group that was deleted. Beside it a target of the site that no PV uses.
pub(super) fn missing_group(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Iscsi)?;
    for day in scene.sick_days() {
        let target = day.row("iscsi.target.query", "name", &json!(volume.asset))?;
        target["groups"][0]["initiator"] = json!(77);
        day.row("iscsi.target.query", "id", &json!(1))?["groups"][0]["portal"] = json!(88);
    }
    scene.fact(
        "CFG-004",
        "nas_iscsi_target_group",
        "initiator-group 77",
        "confirmed",
    );
    Some(())
}

/// BPR-013: a rolling update on a volume with one writer. Beside it a rolling update on a volume with many.
pub(super) fn rolling_update(scene: &mut Scene) -> Option<()> {
    let (one, name) = deployed(scene, Share::Nfs)?;
    let (many, other) = deployed(scene, Share::Nfs)?;
    let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
    for day in scene.days() {
        for (volume, name) in [(&one, &name), (&many, &other)] {
            let key = format!("{}/{name}", volume.namespace);
            day.object("deployments", &key)?["spec"]["strategy"] = rolling.clone();
        }
        let modes = json!(["ReadWriteOnce"]);
        day.object("persistentvolumes", &one.pv)?["spec"]["accessModes"] = modes.clone();
        let claim = day.object("persistentvolumeclaims", &one.claim_key())?;
        claim["spec"]["accessModes"] = modes.clone();
        claim["status"]["accessModes"] = modes;
    }
    scene.fact("BPR-013", "k8s_workload", &name, "probable");
    Some(())
}
