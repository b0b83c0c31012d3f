//! A pool that is away, or a parent that is locked, while the driver has another parent that can be seen: what lay there is
//! not known, and nothing is called missing.

use std::fs;
use std::path::Path;

use serde_json::Value;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::Overrides;

use crate::stage::{SITE, Stage};

/// Findings that say that something is gone.
const MISSING: [&str; 6] = [
    "ORP-002", "ORP-003", "ORP-006", "ORP-007", "SNP-001", "RST-001",
];

fn rows(path: &Path) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn write(path: &Path, rows: &[Value]) {
    fs::write(path, serde_json::to_string(rows).unwrap()).unwrap();
}

fn name(row: &Value) -> &str {
    row["name"].as_str().unwrap_or_default()
}

fn handles(world: &Path, parent: &str) -> Vec<String> {
    let datasets = rows(&world.join("truenas/pool.dataset.query.json"));
    let below = datasets
        .iter()
        .filter_map(|row| name(row).strip_prefix(parent)?.strip_prefix('/'));
    below.map(str::to_owned).collect()
}

/// Moves half of the volumes, on every day the same ones, to a pool of its own, `cold`, as if the driver had been told so: its parents and its pool
/// are made after those of `tank`.
fn spread(world: &Path) {
    let mut moved = Vec::new();
    for parent in ["tank/k8s/nfs/v", "tank/k8s/iscsi/v"] {
        let is_moved = |handle: &String| {
            let id = handle.strip_prefix("pvc-").unwrap_or_default();
            !handle.contains('/') && id.starts_with(|digit: char| "02468ace".contains(digit))
        };
        let handles = handles(world, parent).into_iter().filter(is_moved);
        moved.extend(handles.map(|handle| format!("{parent}/{handle}")));
    }
    assert!(moved.len() > 6, "too few volumes to move");
    for side in ["kubernetes", "truenas"] {
        for entry in fs::read_dir(world.join(side)).unwrap() {
            let path = entry.unwrap().path();
            let mut text = fs::read_to_string(&path).unwrap();
            for from in &moved {
                text = text.replace(from.as_str(), &from.replacen("tank", "cold", 1));
            }
            fs::write(&path, text).unwrap();
        }
    }
    let path = world.join("truenas/pool.dataset.query.json");
    let mut datasets = rows(&path);
    for row in &mut datasets {
        if name(row).starts_with("cold/") {
            row["pool"] = "cold".into();
        }
    }
    let parents = [
        "tank",
        "tank/k8s",
        "tank/k8s/nfs",
        "tank/k8s/nfs/v",
        "tank/k8s/iscsi",
        "tank/k8s/iscsi/v",
    ];
    let above: Vec<Value> = datasets
        .iter()
        .filter(|row| parents.contains(&name(row)))
        .map(|row| serde_json::from_str(&row.to_string().replace("tank", "cold")).unwrap())
        .collect();
    assert_eq!(above.len(), parents.len());
    datasets.extend(above);
    write(&path, &datasets);

    let path = world.join("truenas/pool.query.json");
    let mut pools = rows(&path);
    let tank = pools.iter().find(|row| name(row) == "tank").unwrap();
    let mut cold: Value = serde_json::from_str(&tank.to_string().replace("tank", "cold")).unwrap();
    cold["id"] = 99.into();
    cold["guid"] = "1234567890123456789".into();
    pools.push(cold);
    write(&path, &pools);
}

fn hide(world: &Path, list: &str, is_hidden: impl Fn(&Value) -> bool) {
    let path = world.join(list);
    let mut rows = rows(&path);
    let n_before = rows.len();
    rows.retain(|row| !is_hidden(row));
    assert!(rows.len() < n_before, "nothing of {list} was hidden");
    write(&path, &rows);
}

fn hide_below(world: &Path, top: &str) {
    let is_below = |row: &Value| name(row).starts_with(top);
    hide(world, "truenas/pool.dataset.query.json", is_below);
    hide(world, "truenas/pool.snapshot.query.json", |row| {
        row["dataset"]
            .as_str()
            .or_else(|| row["name"].as_str())
            .is_some_and(|dataset| dataset.starts_with(top))
    });
}

fn set(world: &Path, list: &str, of: &str, values: &[(&str, Value)]) {
    let path = world.join(list);
    let mut rows = rows(&path);
    let row = rows.iter_mut().find(|row| name(row) == of).unwrap();
    for (key, value) in values {
        row[*key] = value.clone();
    }
    write(&path, &rows);
}

/// Two days, with something away on the second.
#[track_caller]
fn check(away: impl Fn(&Path)) {
    let stage = Stage::edited(2, Vec::new(), |world, day| {
        spread(world);
        if day == 1 {
            away(world);
        }
    });
    let history = stage.history(2);
    let analysis = Analysis::run(&history, SITE, None, &Overrides::new()).unwrap();
    let held = analysis
        .results
        .iter()
        .filter(|result| result.check_id == "ORP-002")
        .map(|result| result.n_population.unwrap_or_default())
        .sum::<i64>();
    assert!(held > 10, "only {held} volumes were judged");
    let wrong: Vec<String> = analysis
        .findings()
        .filter(|finding| MISSING.contains(&finding.check_id.as_str()))
        .map(|finding| format!("{} {:?}", finding.check_id, finding.evidence))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn volumes_of_a_pool_that_is_offline_are_not_missing() {
    check(|world| {
        hide_below(world, "cold");
        let offline = [("status", "OFFLINE".into()), ("healthy", false.into())];
        set(world, "truenas/pool.query.json", "cold", &offline);
    });
}

#[test]
fn volumes_of_a_pool_that_was_exported_are_not_missing() {
    check(|world| {
        hide_below(world, "cold");
        hide(world, "truenas/pool.query.json", |row| name(row) == "cold");
    });
}

#[test]
fn volumes_below_a_parent_that_was_locked_are_not_missing() {
    check(|world| {
        for parent in ["cold/k8s/nfs/v", "cold/k8s/iscsi/v"] {
            hide_below(world, &format!("{parent}/"));
            let locked = [("locked", true.into()), ("encrypted", true.into())];
            set(world, "truenas/pool.dataset.query.json", parent, &locked);
        }
    });
}
