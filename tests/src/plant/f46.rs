//! F46: an NFS share that every host may mount, as root.

use serde_json::{Value, json};

use super::Share;
use super::scene::Scene;

const SHARES: &str = "sharing.nfs.query";

/// The share of a volume lost its networks; another maps everybody to root besides. Beside them a share that is limited to
/// hosts in place of networks, and a share of the site that no cluster mounts.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    let open = scene.volume(Share::Nfs)?;
    let mapped = scene.volume(Share::Nfs)?;
    let hosts = scene.volume(Share::Nfs)?;
    let id = 9_000 + scene.number();
    let path = |dataset: &str| json!(format!("/mnt/{dataset}"));
    for day in scene.days() {
        let share = day.row(SHARES, "path", &path(&hosts.dataset))?;
        share["networks"] = json!([]);
        share["hosts"] = json!(["198.51.100.21", "198.51.100.22", "198.51.100.23"]);
        let mut scratch = day.row(SHARES, "path", &path("tank/media/films"))?.clone();
        scratch["id"] = json!(id);
        scratch["path"] = path("fast/scratch");
        scratch["comment"] = json!("scratch");
        scratch["networks"] = json!([]);
        day.rows(SHARES).push(scratch);
    }
    for day in scene.sick_days() {
        day.row(SHARES, "path", &path(&open.dataset))?["networks"] = json!([]);
        let share = day.row(SHARES, "path", &path(&mapped.dataset))?;
        share["networks"] = json!([]);
        share["maproot_user"] = Value::Null;
        share["maproot_group"] = Value::Null;
        share["mapall_user"] = json!("root");
        share["mapall_group"] = json!("wheel");
    }
    for volume in [&open, &mapped] {
        let path = format!("/mnt/{}", volume.dataset);
        for check in ["CFG-014", "CFG-015"] {
            scene.fact(check, "nas_nfs_share", &path, "confirmed");
        }
        scene.fact("F46", "nas_nfs_share", &path, "confirmed");
    }
    Some(())
}
