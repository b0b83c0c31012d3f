//! Ids stay, and nothing shares one.

use super::*;

#[test]
fn ids_stay_from_day_to_day() {
    let estate = estate(&options(4));
    let mut guids: HashMap<String, Value> = HashMap::new();
    let mut uids: HashMap<String, Value> = HashMap::new();
    for world in worlds(&estate) {
        for (path, row) in world.datasets() {
            let identity = Value::from(vec![
                row["guid"].clone(),
                row["createtxg"].clone(),
                row["creation"].clone(),
            ]);
            assert_eq!(
                *guids.entry(path.clone()).or_insert(identity.clone()),
                identity,
                "{path}"
            );
        }
        for row in world.json("truenas/pool.snapshot.query") {
            let identity = Value::from(vec![
                row["properties"]["guid"].clone(),
                row["createtxg"].clone(),
            ]);
            let id = row["id"].as_str().unwrap().to_owned();
            assert_eq!(
                *guids.entry(id.clone()).or_insert(identity.clone()),
                identity,
                "{id}"
            );
        }
        for kind in [
            "persistentvolumes",
            "volumesnapshotcontents",
            "nodes",
            "namespaces",
            "volumeattachments",
        ] {
            for (name, row) in world.k8s(kind) {
                let metadata = &row["metadata"];
                let identity = Value::from(vec![
                    metadata["uid"].clone(),
                    metadata["creationTimestamp"].clone(),
                ]);
                assert_eq!(
                    *uids
                        .entry(format!("{kind}/{name}"))
                        .or_insert(identity.clone()),
                    identity,
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn no_two_objects_share_an_identity() {
    let estate = estate(&EstateOptions {
        volumes: 300,
        snapshots: 4_000,
        ..options(5)
    });
    let world = World::of(&estate, 3);
    let mut uids = BTreeSet::new();
    for entry in fs::read_dir(world.folder.path().join("kubernetes")).unwrap() {
        let name = entry
            .unwrap()
            .path()
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let mut names = BTreeSet::new();
        for row in world.json(&format!("kubernetes/{name}")) {
            let metadata = &row["metadata"];
            assert!(
                uids.insert(metadata["uid"].as_str().unwrap().to_owned()),
                "{metadata}"
            );
            assert!(
                names.insert((
                    metadata["namespace"].to_string(),
                    metadata["name"].to_string()
                )),
                "{metadata}"
            );
        }
    }
    let mut guids = BTreeSet::new();
    for (path, row) in world.datasets() {
        assert!(guids.insert(row["guid"]["rawvalue"].to_string()), "{path}");
    }
    let mut ids = BTreeSet::new();
    for row in world.json("truenas/pool.snapshot.query") {
        assert!(ids.insert(row["id"].to_string()), "{row}");
        let is_new = guids.insert(row["properties"]["guid"]["rawvalue"].to_string());
        assert_eq!(
            is_new,
            row["pool"] == "tank",
            "only a replicated snapshot repeats a guid: {row}"
        );
    }
}
