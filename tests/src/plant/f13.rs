//! F13: two clusters below one parent, of which one is collected.

use serde_json::json;

use super::attachment::rename as rename_attachment;
use super::home::{cluster, declare, follow, make_parent};
use super::installation::{Installation, install};
use super::leaving::leave_cluster;
use super::property::dataset;
use super::remade::{mark, rename, respell};
use super::scene::{Day, Scene};
use super::sibling::{make, sibling};
use super::{Share, Volume};

const PARENT: &str = "tank/k8s/shared/v";
const OTHER: &str = "neighbour";
const WORKER: &str = "203.0.113.41";
const TO: Installation = Installation {
    like: Share::Iscsi,
    driver: "org.democratic-csi.shared",
    release: "zfs-shared",
    class: "truenas-shared",
};

/// The parent is declared to belong to two clusters, and only one is collected. What the other one made looks like orphans,
/// its sessions come from nowhere; and a true orphan of the first cluster cannot be told from them.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let ours = [scene.volume(Share::Iscsi)?, scene.volume(Share::Iscsi)?];
    let number = scene.number();
    let mut moved = Vec::new();
    for day in scene.days() {
        install(day, TO, number);
        let name = cluster(day)?;
        declare(day, PARENT, &[&name, OTHER])?;
        make_parent(day, PARENT, Share::Iscsi.parent(), 700_000 + number)?;
        follow(day, PARENT, Share::Iscsi.parent(), number);
        moved = ours
            .iter()
            .map(|volume| relocate(day, volume))
            .collect::<Option<Vec<_>>>()?;
    }
    let has_task = |day: &Day| {
        day.answered("pool.snapshottask.query")
            .iter()
            .any(|task| task["dataset"] == PARENT)
    };
    let is_protected = has_task(scene.last());
    let theirs: Vec<(Volume, u32)> = (0..3)
        .map(|_| (sibling(&moved[0], &scene.uuid()), scene.number()))
        .collect();
    for day in scene.sick_days() {
        let name = cluster(day)?;
        for (volume, number) in &theirs {
            make(day, &moved[0], volume, day.now - 90 * 86_400, *number)?;
            belong(day, &moved[0], volume, &name)?;
        }
        leave_cluster(day, &moved[1])?;
    }
    scene.fact("F13", "nas_iscsi_session", WORKER, "confirmed");
    scene.fact("F02", "zfs_dataset", &moved[1].dataset, "candidate");
    scene.fact("BPR-009", "zfs_dataset", PARENT, "confirmed");
    if is_protected {
        scene.fact("SNP-010", "zfs_dataset", PARENT, "confirmed");
    }
    Some(())
}

/// Makes a volume one of the second installation.
fn relocate(day: &mut Day, volume: &Volume) -> Option<Volume> {
    let path = format!("{PARENT}/{}", volume.pv);
    rename(day, &volume.dataset, &path);
    let pv = day.object("persistentvolumes", &volume.pv)?;
    respell(pv, TO.like.driver(), TO.driver);
    respell(pv, TO.like.class(), TO.class);
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    respell(claim, TO.like.driver(), TO.driver);
    respell(claim, TO.like.class(), TO.class);
    let attachment = day.object("volumeattachments", &volume.attachment)?;
    attachment["spec"]["attacher"] = json!(TO.driver);
    let attachment = rename_attachment(attachment, &volume.pv);
    Some(Volume {
        dataset: path,
        attachment,
        ..volume.clone()
    })
}

/// Makes a volume one of the other cluster, with a session of its worker.
fn belong(day: &mut Day, model: &Volume, volume: &Volume, own_cluster: &str) -> Option<()> {
    let own_end = format!("{}-{own_cluster}", volume.pv);
    let end = format!("{}-{OTHER}", volume.pv);
    let mut session = day
        .row("iscsi.global.sessions", "target_alias", &json!(model.asset))?
        .clone();
    respell(&mut session, &model.pv, &volume.pv);
    session["initiator"] = json!("iqn.1994-05.com.redhat:worker-00.neighbour.example.net");
    session["initiator_alias"] = json!("worker-00.neighbour.example.net");
    session["initiator_addr"] = json!(WORKER);
    day.rows("iscsi.global.sessions").push(session);
    for method in [
        "pool.dataset.query",
        "iscsi.target.query",
        "iscsi.extent.query",
        "iscsi.global.sessions",
    ] {
        for row in day.rows(method) {
            respell(row, &own_end, &end);
        }
    }
    let zvol = dataset(day, &volume.dataset)?;
    mark(zvol, "volume_context_provisioner_instance_id", OTHER);
    for key in ["value", "rawvalue", "parsed"] {
        zvol["managedby"][key] = json!(WORKER);
    }
    Some(())
}
