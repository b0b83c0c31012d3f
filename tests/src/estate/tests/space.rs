//! Space adds up, exactly.

use super::*;

#[test]
fn space_adds_up_at_every_level_of_every_day() {
    let estate = estate(&options(2));
    for world in worlds(&estate) {
        let datasets = world.datasets();
        let mut children: HashMap<&str, u64> = HashMap::new();
        for (path, row) in &datasets {
            let parts = [
                "usedbydataset",
                "usedbysnapshots",
                "usedbychildren",
                "usedbyrefreservation",
            ];
            assert_eq!(
                bytes(row, "used"),
                parts.iter().map(|part| bytes(row, part)).sum::<u64>(),
                "{path}"
            );
            if let Some((parent, _)) = path.rsplit_once('/') {
                *children.entry(parent).or_default() += bytes(row, "used");
            }
        }
        for (path, row) in &datasets {
            assert_eq!(
                bytes(row, "usedbychildren"),
                children.get(path.as_str()).copied().unwrap_or(0),
                "{path}"
            );
        }
        for (name, pool) in world.nas("pool", "name") {
            let number = |key: &str| pool[key].as_u64().unwrap();
            assert_eq!(number("allocated") + number("free"), number("size"));
            let parity = if name == "tank" { 1.5 } else { 1.0 };
            let used = bytes(&datasets[&name], "used") as f64 * parity;
            assert!((number("allocated") as f64 - used).abs() < 100.0, "{name}");
        }
    }
}

#[test]
fn snapshots_account_for_usedbysnapshots_exactly() {
    let estate = estate(&options(3));
    let world = World::of(&estate, DAYS - 1);
    let mut rows: HashMap<String, Vec<Value>> = HashMap::new();
    for row in world.json("truenas/pool.snapshot.query") {
        rows.entry(row["dataset"].as_str().unwrap().to_owned())
            .or_default()
            .push(row["properties"].clone());
    }
    let mut n_shared = 0;
    for (path, dataset) in world.datasets() {
        let Some(rows) = rows.get(&path) else {
            assert_eq!(bytes(&dataset, "usedbysnapshots"), 0, "{path}");
            continue;
        };
        let next = rows[1..].iter().chain([&dataset]);
        let died: u64 = rows
            .iter()
            .zip(next)
            .map(|(row, next)| {
                bytes(row, "referenced") + bytes(next, "written") - bytes(next, "referenced")
            })
            .sum();
        assert_eq!(died, bytes(&dataset, "usedbysnapshots"), "{path}");
        let own: u64 = rows.iter().map(|row| bytes(row, "used")).sum();
        assert!(own <= died, "{path}");
        n_shared += u32::from(own < died);
    }
    assert!(n_shared > 10, "sums of `used` must not be the answer");
}
