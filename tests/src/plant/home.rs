//! Parents of volumes, and what is declared about them.

use serde_json::{Value, json};

use super::property::dataset;
use super::remade::{EMPTY_BYTES, begin_anew, fill, remake, respell};
use super::scene::Day;

/// Name of the cluster of these worlds.
pub(super) fn cluster(day: &mut Day) -> Option<String> {
    let (_, clusters) = day.world().split_once("\nclusters:\n")?;
    let (_, name) = clusters.split_once("name: \"")?;
    Some(name.split_once('"')?.0.to_owned())
}

/// Makes a parent of volumes beside another one, with what is above it.
pub(super) fn make_parent(day: &mut Day, path: &str, like: &str, number: u32) -> Option<()> {
    for (row_path, number) in [
        (path.rsplit_once('/')?.0, number * 2 + 1),
        (path, number * 2),
    ] {
        if dataset(day, row_path).is_some() {
            continue;
        }
        let mut row = dataset(day, like)?.clone();
        respell(&mut row, like, row_path);
        remake(&mut row, 1_700_003_000, number);
        fill(&mut row, 0);
        day.rows("pool.dataset.query").push(row);
    }
    Some(())
}

/// Gives a parent the periodic task and the replication that another one has, with the snapshots they made of it.
pub(super) fn follow(day: &mut Day, path: &str, like: &str, number: u32) {
    for method in [
        "pool.snapshottask.query",
        "replication.query",
        "pool.snapshot.query",
    ] {
        let is_of =
            |row: &&Value| row["dataset"] == like || row["source_datasets"] == json!([like]);
        let rows: Vec<Value> = day.answered(method).iter().filter(is_of).cloned().collect();
        for mut row in rows {
            respell(&mut row, like, path);
            if row["id"].is_number() {
                row["id"] = json!(7_000 + number);
            }
            day.rows(method).push(row);
        }
    }
    begin_anew(day, path, 0, number, EMPTY_BYTES);
}

/// Declares that these clusters, and no others, keep volumes below a parent.
pub(super) fn declare(day: &mut Day, parent: &str, clusters: &[&str]) -> Option<()> {
    const HEAD: &str = "\nscope:\n  parents:\n";
    let quoted: Vec<String> = clusters.iter().map(|name| format!("\"{name}\"")).collect();
    let entry = format!(
        "    - dataset: {parent}\n      clusters: [{}]\n      complete: true\n",
        quoted.join(", ")
    );
    let world = day.world();
    let place = world.find(HEAD)? + HEAD.len();
    world.insert_str(place, &entry);
    Some(())
}
