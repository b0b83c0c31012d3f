//! F10: a share of a path that is gone.

use serde_json::{Value, json};

use super::leaving::{leave_cluster, lose_dataset};
use super::property::{DATASETS, dataset, size};
use super::remade::respell;
use super::scene::{Day, Scene};
use super::smb::{self, SHARES, smb_volumes};
use super::{Share, Volume};

/// What people kept on the appliance and destroyed, with a share that they forgot.
const SCANS: &str = "tank/media/scans";

/// Volumes were destroyed by hand and their shares stayed: one over NFS, one in the form of old releases, which list the
/// paths of a share, and one over SMB. Beside them shares whose path is no mount point and is there all the same.
pub(super) fn plant(scene: &mut Scene) -> Option<()> {
    over_nfs(scene)?;
    over_smb(scene)
}

/// Beside the faults: a share of a folder in a dataset that people manage, of a folder in a volume, of a dataset that is
/// encrypted and locked, and a share in the old form whose volume lives.
fn over_nfs(scene: &mut Scene) -> Option<()> {
    let gone = scene.volume(Share::Nfs)?;
    let whole = scene.volume(Share::Nfs)?;
    let old = scene.volume(Share::Nfs)?;
    let ids: Vec<u32> = (0..3).map(|_| 7_000 + scene.number()).collect();
    for day in scene.days() {
        let path = json!(format!("/mnt/{}", whole.dataset));
        let share = day.row("sharing.nfs.query", "path", &path)?.clone();
        let of_driver = share["comment"].clone();
        let folders = [
            (
                "/mnt/tank/media/films/children".to_owned(),
                json!("films for children"),
                false,
            ),
            (format!("/mnt/{}/public", whole.dataset), of_driver, false),
            ("/mnt/tank/secure".to_owned(), json!("paperwork"), true),
        ];
        for (id, (path, comment, is_locked)) in ids.iter().zip(folders) {
            let mut share = share.clone();
            share["id"] = json!(id);
            share["path"] = json!(path);
            share["comment"] = comment;
            share["locked"] = json!(is_locked);
            day.rows("sharing.nfs.query").push(share);
        }
        for volume in [&whole, &old] {
            list_paths(day, volume)?;
        }
    }
    for day in scene.sick_days() {
        for volume in [&gone, &old] {
            leave_cluster(day, volume)?;
            lose_dataset(day, volume);
        }
    }
    for volume in [&gone, &old] {
        scene.leftover("F10", "nas_nfs_share", &volume.dataset);
    }
    Some(())
}

/// Gives the share of a volume the form of releases in which a share had several paths.
fn list_paths(day: &mut Day, volume: &Volume) -> Option<()> {
    let path = json!(format!("/mnt/{}", volume.dataset));
    let share = day.row("sharing.nfs.query", "path", &path)?;
    let members = share.as_object_mut()?;
    for member in ["path", "aliases", "expose_snapshots"] {
        members.remove(member);
    }
    members.insert("paths".to_owned(), json!([path]));
    members.insert("alldirs".to_owned(), json!(false));
    members.insert("quiet".to_owned(), json!(false));
    Some(())
}

/// Beside the fault: the share of a volume that lives and of a folder in it, a locked one, and one of a dataset that people
/// destroyed, which no driver made.
fn over_smb(scene: &mut Scene) -> Option<()> {
    let [gone, whole] = smb_volumes(scene)?;
    let ids: Vec<u32> = (0..3).map(|_| 7_000 + scene.number()).collect();
    let number = scene.number();
    for day in scene.days() {
        let folder = format!("/mnt/{}/public", whole.dataset);
        let mut secure = smb::share(ids[1], "paperwork", "/mnt/tank/secure");
        secure["locked"] = json!(true);
        day.rows(SHARES).extend([
            smb::share(ids[0], "public", &folder),
            secure,
            smb::share(ids[2], "scans", &format!("/mnt/{SCANS}")),
        ]);
        let mut scans: Value = dataset(day, "tank/media")?.clone();
        respell(&mut scans, "tank/media", SCANS);
        super::remade::remake(&mut scans, 1_700_010_000, number);
        for part in ["used", "usedbydataset", "usedbychildren", "referenced"] {
            scans[part] = size(0, "NONE");
        }
        day.rows(DATASETS).push(scans);
    }
    for day in scene.sick_days() {
        leave_cluster(day, &gone)?;
        lose_dataset(day, &gone);
        day.remove_rows(DATASETS, "name", &json!(SCANS));
    }
    // Nothing on the share says whose it is; an earlier bundle does.
    scene.unmarked_leftover("F10", "nas_smb_share", &gone.pv);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::*;

    fn planted() -> (tempfile::TempDir, Scene) {
        let folder = series();
        let mut scene = Scene::read(folder.path()).unwrap();
        plant(&mut scene).unwrap();
        (folder, scene)
    }

    fn subjects(day: &Day, table: &str) -> Vec<String> {
        let facts = day.facts().iter();
        let mut subjects: Vec<String> = facts
            .filter(|fact| fact.mode == "F10" && fact.table == table)
            .map(|fact| fact.subject.clone())
            .collect();
        subjects.sort();
        subjects
    }

    fn has_dataset(day: &Day, path: &str) -> bool {
        let mut rows = day.answered(DATASETS).iter();
        rows.any(|row| row["name"] == path)
    }

    #[test]
    fn shares_that_are_left_have_neither_dataset_nor_pv_and_the_others_do() {
        let (_folder, scene) = planted();
        let day = scene.last();
        let nfs = subjects(day, "nas_nfs_share");
        assert_eq!(nfs.len(), 2);
        assert!(nfs.iter().all(|path| !has_dataset(day, path)), "{nfs:?}");
        let shares = day.answered("sharing.nfs.query");
        let old = |share: &&Value| share["paths"].is_array() && share["path"].is_null();
        let old: Vec<&str> = shares
            .iter()
            .filter(old)
            .filter_map(|share| share["paths"][0].as_str()?.strip_prefix("/mnt/"))
            .collect();
        assert_eq!(old.len(), 2, "{old:?}");
        let living: Vec<&&str> = old.iter().filter(|path| has_dataset(day, path)).collect();
        assert_eq!(living.len(), 1, "{old:?}");
        assert!(nfs.iter().any(|path| old.contains(&path.as_str())));
    }

    #[test]
    fn smb_share_that_is_left_was_one_of_a_volume_the_day_before() {
        let (_folder, mut scene) = planted();
        let name = subjects(scene.last(), "nas_smb_share").remove(0);
        let seen: Vec<(bool, bool, bool)> = scene
            .days()
            .map(|day| {
                let path = format!("{}/{name}", smb::PARENT);
                let mut shares = day.answered(SHARES).iter();
                let mut pvs = day.seen("persistentvolumes").iter();
                let is_pv = |pv: &Value| {
                    let csi = &pv["spec"]["csi"];
                    pv["metadata"]["name"] == name.as_str()
                        && csi["volumeAttributes"]["share"] == name.as_str()
                        && csi["driver"] == "org.democratic-csi.smb"
                };
                (
                    shares.any(|share| share["name"] == name.as_str()),
                    has_dataset(day, &path),
                    pvs.any(is_pv),
                )
            })
            .collect();
        let (before, after) = ((true, true, true), (true, false, false));
        assert_eq!(seen, [before, after, after]);
        let grades = |day: &Day| -> Vec<String> {
            let facts = day.facts().iter();
            let facts = facts.filter(|fact| fact.table == "nas_smb_share");
            facts.map(|fact| fact.grade.clone()).collect()
        };
        let grades: Vec<_> = scene.days().map(|day| grades(day)).collect();
        assert_eq!(grades, [vec![], vec!["candidate"], vec!["probable"]]);
    }

    #[test]
    fn dataset_of_people_goes_with_the_volumes() {
        let (_folder, mut scene) = planted();
        let there: Vec<bool> = scene.days().map(|day| has_dataset(day, SCANS)).collect();
        assert_eq!(there, [true, false, false]);
    }
}
