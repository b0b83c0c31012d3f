//! Worlds in which every name is a canary, made of a generated estate and of what few estates have.

use std::fs;
use std::path::Path;

use serde_json::Value;
use testkit::estate::{EstateOptions, Fault, estate};

use crate::canary;
use crate::rewrite::Rewriter;

/// One object of each kind that the estate does not have.
const OPTIONAL: &str = include_str!("optional.json");

/// Writes the estate as it is, with the optional objects.
pub(crate) fn write_plain(folder: &Path) {
    let options = EstateOptions {
        volumes: 12,
        snapshots: 40,
        days: 1,
        faults: Fault::demo(),
        cluster: canary::label(1),
        appliance: canary::label(2),
        ..EstateOptions::default()
    };
    estate(&options).write_day(0, folder).unwrap();
    let optional: Value = serde_json::from_str(OPTIONAL).unwrap();
    let list =
        serde_json::json!({"apiVersion": "v1", "kind": "List", "items": optional["kubernetes"]});
    fs::write(folder.join("kubernetes/optional.json"), list.to_string()).unwrap();
    for (method, answer) in optional["truenas"].as_object().unwrap() {
        let path = folder.join(format!("truenas/{method}.json"));
        fs::write(path, answer.to_string()).unwrap();
    }
}

/// Writes a world anew with canaries, for a version of the appliance; `more` is added to `world.yaml`.
pub(crate) fn rewrite(plain: &Path, rewriter: &mut Rewriter, version: &str, more: &str, to: &Path) {
    for side in ["kubernetes", "thanos", "truenas"] {
        fs::create_dir_all(to.join(side)).unwrap();
        let mut entries: Vec<_> = fs::read_dir(plain.join(side))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            let value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let value = rewriter.value("", &value);
            let name = path.file_name().unwrap();
            fs::write(to.join(side).join(name), value.to_string()).unwrap();
        }
    }
    fs::write(
        to.join("world.yaml"),
        settings(plain, rewriter, version) + more,
    )
    .unwrap();
}

/// The settings of a world with the names of the configuration, a canary as key, and canaries as datasets.
pub(crate) fn settings(plain: &Path, rewriter: &mut Rewriter, version: &str) -> String {
    let text = fs::read_to_string(plain.join("world.yaml")).unwrap();
    let line = |line: &str| {
        let Some((key, value)) = line.split_once(": ") else {
            return line.to_owned();
        };
        let value = match key.trim_start_matches([' ', '-']) {
            "version" => format!("\"{version}\""),
            "user" => canary::label(3),
            "api_key" => canary::api_key(),
            // Quoted when the settings were rewritten before.
            "dataset" => Value::from(rewriter.text(value.trim_matches('"'))).to_string(),
            "denied" => "[]".to_owned(),
            _ => value.to_owned(),
        };
        format!("{key}: {value}")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}
