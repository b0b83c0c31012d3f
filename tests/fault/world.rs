//! A small estate with what few estates have, so that every list that the collector reads is served.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};
use testkit::estate::{EstateOptions, Fault, estate};

/// One object of each kind that the estate does not have.
const OPTIONAL: &str = include_str!("../leak/optional.json");

/// Writes the estate for a release.
pub(crate) fn write(folder: &Path, release: &str) {
    let options = EstateOptions {
        volumes: 4,
        snapshots: 20,
        days: 1,
        faults: Fault::demo(),
        ..EstateOptions::default()
    };
    estate(&options).write_day(0, folder).unwrap();
    let optional: Value = serde_json::from_str(OPTIONAL).unwrap();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": optional["kubernetes"]});
    fs::write(folder.join("kubernetes/optional.json"), list.to_string()).unwrap();
    for (method, answer) in optional["truenas"].as_object().unwrap() {
        let path = folder.join(format!("truenas/{method}.json"));
        fs::write(path, answer.to_string()).unwrap();
    }
    let settings = fs::read_to_string(folder.join("world.yaml")).unwrap();
    let settings = settings.replace("version: \"25.10\"", &format!("version: \"{release}\""));
    fs::write(folder.join("world.yaml"), with_no_denial(&settings)).unwrap();
}

/// An estate may have a day on which one list is denied; here only faults are to be seen.
fn with_no_denial(settings: &str) -> String {
    let lines = settings
        .lines()
        .map(|line| match line.split_once("denied:") {
            Some((head, _)) => format!("{head}denied: []\n"),
            None => format!("{line}\n"),
        });
    lines.collect()
}

/// The same world with a fault, its objects shared.
pub(crate) fn with_fault(plain: &Path, fault: Option<&str>, folder: &Path) {
    fs::create_dir(folder).unwrap();
    for side in ["kubernetes", "thanos", "truenas"] {
        symlink(plain.join(side), folder.join(side)).unwrap();
    }
    let settings = fs::read_to_string(plain.join("world.yaml")).unwrap();
    let faults = fault.map(|fault| format!("faults: [{fault}]\n"));
    let settings = settings + &faults.unwrap_or_default();
    fs::write(folder.join("world.yaml"), settings).unwrap();
}
