//! What must hold for a whole estate, read back from the files it writes; this file does the reading.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;

mod contract;
mod identity;
mod metrics;
mod planted;
mod series;
mod space;

const DAYS: usize = 5;

fn options(seed: u64) -> EstateOptions {
    EstateOptions {
        seed,
        volumes: 70,
        snapshots: 700,
        days: DAYS,
        churn: 0.06,
        faults: Fault::demo(),
        ..EstateOptions::default()
    }
}

/// The files of one day, parsed when asked for.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn of(estate: &Estate, day: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        estate.write_day(day, folder.path()).unwrap();
        Self { folder }
    }

    fn json(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join(format!("{name}.json"))).unwrap();
        match serde_json::from_str(&text).unwrap() {
            Value::Array(rows) => rows,
            Value::Object(mut list) => list["items"]
                .as_array_mut()
                .map(std::mem::take)
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn k8s(&self, name: &str) -> BTreeMap<String, Value> {
        let rows = self.json(&format!("kubernetes/{name}"));
        rows.into_iter()
            .map(|row| (row["metadata"]["name"].as_str().unwrap().to_owned(), row))
            .collect()
    }

    fn nas(&self, name: &str, key: &str) -> BTreeMap<String, Value> {
        let rows = self.json(&format!("truenas/{name}.query"));
        rows.into_iter()
            .map(|row| (row[key].as_str().unwrap().to_owned(), row))
            .collect()
    }

    fn datasets(&self) -> BTreeMap<String, Value> {
        self.nas("pool.dataset", "id")
    }
}

fn worlds(estate: &Estate) -> Vec<World> {
    (0..DAYS).map(|day| World::of(estate, day)).collect()
}

fn bytes(row: &Value, property: &str) -> u64 {
    row[property]["parsed"].as_u64().unwrap()
}
