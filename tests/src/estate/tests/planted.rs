//! Faults and traps are in the files on their days.

use super::*;

/// What the files of a day say about a PV's export.
fn export_is_whole(world: &World, pv: &Value) -> bool {
    let attributes = &pv["spec"]["csi"]["volumeAttributes"];
    if let Some(share) = attributes["share"].as_str() {
        return world
            .nas("sharing.nfs", "path")
            .get(share)
            .is_some_and(|row| row["enabled"] == true);
    }
    let iqn = attributes["iqn"].as_str().unwrap();
    let targets = world.nas("iscsi.target", "name");
    let Some(target) = targets.get(iqn.split_once(':').unwrap().1) else {
        return false;
    };
    let links = world.json("truenas/iscsi.targetextent.query");
    let Some(link) = links.iter().find(|link| link["target"] == target["id"]) else {
        return false;
    };
    world
        .nas("iscsi.extent", "name")
        .values()
        .any(|row| row["id"] == link["extent"] && row["enabled"] == true)
}

/// Whether the files of a day show the planted fault.
fn shows(world: &World, truth: &Truth) -> bool {
    let subject = truth.subject.as_str();
    let pvs = world.k8s("persistentvolumes");
    let datasets = world.datasets();
    let leaf = subject.rsplit('/').next().unwrap();
    let dataset_of = |pv: &str| {
        datasets
            .keys()
            .any(|path| path.starts_with("tank/k8s/") && path.ends_with(&format!("/v/{pv}")))
    };
    match truth.fault {
        Fault::LeftoverVolume | Fault::SkippedDelete => {
            datasets.get(subject).is_some_and(|row| {
                row["user_properties"]["democratic-csi:provision_success"]["parsed"] == "true"
            }) && !pvs.contains_key(leaf)
        }
        Fault::HalfProvisioned => {
            datasets.get(subject).is_some_and(|row| {
                row["user_properties"]["democratic-csi:csi_volume_name"]["parsed"] == leaf
                    && row["user_properties"]["democratic-csi:provision_success"].is_null()
            }) && !world
                .nas("sharing.nfs", "path")
                .contains_key(&format!("/mnt/{subject}"))
        }
        Fault::ForgottenRelease | Fault::BlockedDelete => {
            let policy = if truth.fault == Fault::ForgottenRelease {
                "Retain"
            } else {
                "Delete"
            };
            let is_blocked = datasets
                .values()
                .any(|row| row["origin"]["parsed"].as_str().unwrap().contains(subject));
            pvs[subject]["status"]["phase"] == "Released"
                && pvs[subject]["spec"]["persistentVolumeReclaimPolicy"] == policy
                && is_blocked == (truth.fault == Fault::BlockedDelete)
                && export_is_whole(world, &pvs[subject]) == (truth.fault == Fault::ForgottenRelease)
        }
        Fault::DeadExtent => world
            .nas("iscsi.extent", "name")
            .get(subject)
            .is_some_and(|row| {
                !datasets.contains_key(row["disk"].as_str().unwrap().strip_prefix("zvol/").unwrap())
            }),
        Fault::MissingVolume => pvs[subject]["status"]["phase"] == "Bound" && !dataset_of(subject),
        Fault::BrokenShare | Fault::BrokenIscsiChain => {
            dataset_of(subject) && !export_is_whole(world, &pvs[subject])
        }
        Fault::LostSnapshot => {
            let content = &world.k8s("volumesnapshotcontents")[subject];
            let handle = content["status"]["snapshotHandle"].as_str().unwrap();
            let snapshots = world.nas("pool.snapshot", "id");
            content["status"]["readyToUse"] == true
                && !snapshots.keys().any(|id| id.ends_with(handle))
        }
        Fault::FullPool => {
            let pool = &world.nas("pool", "name")[subject];
            pool["allocated"].as_f64().unwrap() / pool["size"].as_f64().unwrap() > 0.9
        }
        Fault::DeniedList => fs::read_to_string(world.folder.path().join("world.yaml"))
            .unwrap()
            .contains(&format!("denied: [\"{subject}\"]")),
    }
}

#[test]
fn every_fault_is_in_the_files_on_its_days_and_on_no_other() {
    let estate = estate(&options(6));
    assert_eq!(estate.truth().len(), 15);
    for (day, world) in worlds(&estate).iter().enumerate() {
        for truth in estate.truth() {
            assert_eq!(
                shows(world, truth),
                truth.holds_on(day),
                "{truth:?} on day {day}"
            );
        }
        // Whether a small pool holds mostly zvols is known only when its datasets are.
        let mut written = world.json("truth");
        let mut expected = estate.facts_on(day);
        expected.retain(|fact| fact.mode != "BPR-007");
        written.retain(|fact| fact["mode"] != "BPR-007");
        assert_eq!(
            serde_json::to_value(expected).unwrap(),
            Value::Array(written)
        );
    }
}

#[test]
fn an_estate_without_faults_has_no_broken_join() {
    let estate = estate(&EstateOptions {
        faults: Vec::new(),
        ..options(7)
    });
    for world in worlds(&estate) {
        let datasets = world.datasets();
        let pvs = world.k8s("persistentvolumes");
        for (name, pv) in pvs.iter().filter(|(_, pv)| pv["spec"]["csi"].is_object()) {
            assert!(
                datasets
                    .keys()
                    .any(|path| path.ends_with(&format!("/v/{name}"))),
                "{name}"
            );
            assert!(export_is_whole(&world, pv), "{name}");
        }
        let claims = world.json("kubernetes/persistentvolumeclaims");
        let pending = claims
            .iter()
            .filter(|claim| claim["status"]["phase"] == "Pending")
            .count();
        assert_eq!(pending, 1, "one volume is being made");
        let unowned = datasets.iter().filter(|(path, row)| {
            let leaf = path.rsplit('/').next().unwrap();
            path.contains("/v/pvc-")
                && !row["user_properties"].as_object().unwrap().is_empty()
                && !pvs.contains_key(leaf)
        });
        let unowned: Vec<&String> = unowned.map(|(path, _)| path).collect();
        assert_eq!(
            unowned.len(),
            2,
            "the child and the one being made: {unowned:?}"
        );
        let ids: BTreeSet<String> = world.nas("pool.snapshot", "id").into_keys().collect();
        let contents = world.k8s("volumesnapshotcontents");
        for (name, content) in &contents {
            let handle = content["status"]["snapshotHandle"].as_str().unwrap();
            let is_attached = ["iscsi", "nfs"]
                .iter()
                .any(|word| ids.contains(&format!("tank/k8s/{word}/v/{handle}")));
            assert!(
                is_attached || datasets.contains_key(&format!("tank/k8s/iscsi/s/{handle}")),
                "{name}"
            );
        }
        let n_driver = ids.iter().filter(|id| id.contains("@snapshot-")).count();
        assert_eq!(n_driver + 1, contents.len(), "all but the detached one");
    }
}

#[test]
fn every_trap_is_there_on_its_days() {
    let estate = estate(&options(8));
    let worlds = worlds(&estate);
    for trap in estate.traps() {
        for world in &worlds[trap.first_day..=trap.last_day] {
            let exists = match trap.table {
                "zfs_dataset" => world.datasets().contains_key(&trap.subject),
                "k8s_pv" => world.k8s("persistentvolumes").contains_key(&trap.subject),
                _ => world
                    .nas("iscsi.extent", "name")
                    .contains_key(&trap.subject),
            };
            assert!(exists, "{trap:?}");
        }
    }
    let properties = |path: &str| {
        worlds[0].datasets()[path]["user_properties"]["democratic-csi:csi_volume_name"].clone()
    };
    let subject = |reason: &str| {
        &estate
            .traps()
            .iter()
            .find(|trap| trap.reason.starts_with(reason))
            .unwrap()
            .subject
    };
    assert_eq!(properties(subject("child"))["source"], "INHERITED");
    assert_eq!(properties(subject("read-only"))["source"], "RECEIVED");
    let flying = &worlds[0].datasets()[subject("made while")];
    assert!(
        flying["creation"]["parsed"]["$date"].as_i64().unwrap() > estate.calendar.now(0) * 1_000
    );
}
