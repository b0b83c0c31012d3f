//! F35: a restore into a volume that is smaller than its data.

use serde_json::json;

use super::copy::Copy;
use super::detached::{born, marked};
use super::event::warning;
use super::scene::Scene;
use super::size::bytes;
use super::{Share, Volume};

/// A claim asks for what its snapshot calls its size, which leaves no room for the quota of the new file system: the copy
/// fails again and again. Beside it the source, which has room.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let volume = scene.volume(Share::Nfs)?;
    let copy = Copy::of(scene, &volume)?;
    let (uid, event) = (scene.uuid(), scene.uuid());
    for day in scene.days() {
        copy.add(day)?;
    }
    let begun = scene.sick_days().next()?.now - 5 * 3_600;
    let dataset = format!("{}/pvc-{uid}", Share::Nfs.parent());
    for day in scene.sick_days() {
        let size = day.restore_bytes(&volume)?;
        let mut claim = copy.pending_claim(&uid, size, &day.ago(day.now - begun));
        claim["spec"]["accessModes"] = json!(["ReadWriteMany"]);
        let like = json!(volume.dataset);
        let like = day.row("pool.dataset.query", "name", &like)?.clone();
        let mut half = born(&like, &dataset, begun + 13);
        half["refquota"] = bytes(size);
        half["comments"] = json!(null);
        half["user_properties"] = marked(&marks(&volume, &copy, &uid));
        day.rows("pool.dataset.query").push(half);
        let message = format!(
            "failed to provision volume with StorageClass \"{}\": rpc error: code = Internal desc = cannot receive \
             new filesystem stream: Disk quota exceeded",
            volume.share.class()
        );
        let reporter = format!(
            "{}_zfs-nfs-democratic-csi-controller",
            volume.share.driver()
        );
        let names = ("ProvisioningFailed", reporter.as_str());
        let event = warning(day, &event, &claim, names, &message);
        day.objects("events").push(event);
        day.objects("persistentvolumeclaims").push(claim);
    }
    scene.fact("F35", "zfs_dataset", &dataset, "confirmed");
    // The same, seen from its quota, from its marks and from its claim.
    scene.fact("CAP-010", "zfs_dataset", &dataset, "confirmed");
    scene.fact("ORP-009", "zfs_dataset", &dataset, "confirmed");
    let claim = format!("{}/restore-of-{}", copy.namespace, copy.name);
    scene.fact("PRF-002", "k8s_pvc", &claim, "probable");
    Some(())
}

/// What the driver had marked when the copy failed.
fn marks(volume: &Volume, copy: &Copy, uid: &str) -> [(&'static str, String); 5] {
    let driver = format!(
        "freenas-api-{}",
        if volume.share == Share::Nfs {
            "nfs"
        } else {
            "iscsi"
        }
    );
    [
        ("csi_volume_name", format!("pvc-{uid}")),
        ("managed_resource", "true".to_owned()),
        ("volume_context_provisioner_driver", driver),
        ("csi_volume_content_source_type", "snapshot".to_owned()),
        ("csi_volume_content_source_id", copy.handle()),
    ]
}
