//! A bundle of the collector, read by the stock tools.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use truenas_common::exit::Exit;

use crate::stage::{Stage, tree};

fn unpacked(stage: &Stage, bundle: &Path, name: &str) -> BTreeMap<String, Vec<u8>> {
    let out = stage.path(name);
    fs::create_dir_all(&out).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/verify.sh");
    let output = Command::new("sh")
        .arg(script)
        .arg(bundle)
        .arg(stage.path("site/site.pub"))
        .arg(stage.path("analyst/analyst.key"))
        .arg(&out)
        .output()
        .expect("sh runs");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && stdout.starts_with("OK "),
        "{stdout}{stderr}"
    );
    tree(&fs::read_dir(out).unwrap().next().unwrap().unwrap().path())
}

/// Rows of a run without the times at which they were read.
fn payload(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let mut payload = BTreeMap::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("data/")) {
        let bytes = match name.starts_with("data/collect_") {
            true => without_times(bytes),
            false => bytes.clone(),
        };
        payload.insert(name.clone(), bytes);
    }
    payload
}

fn without_times(lines: &[u8]) -> Vec<u8> {
    let rows = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let mut kept: Vec<String> = rows
        .map(|line| {
            let mut row: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(line).unwrap();
            row.retain(|column, _| !column.ends_with("_at") && !column.ends_with("_ms"));
            serde_json::Value::Object(row).to_string()
        })
        .collect();
    kept.sort();
    kept.join("\n").into_bytes()
}

fn differences<'f>(
    one: &'f BTreeMap<String, Vec<u8>>,
    other: &BTreeMap<String, Vec<u8>>,
) -> Vec<&'f String> {
    let (one_rows, other_rows) = (payload(one), payload(other));
    one.keys()
        .filter(|name| one_rows.get(*name) != other_rows.get(*name))
        .collect()
}

/// An hour after.
fn later(clock: &str) -> String {
    let time = truenas_common::time::Time::parse(clock).unwrap();
    truenas_common::time::Time::from_unix_secs(time.unix_secs() + 3_600).to_string()
}

#[test]
fn stock_tools_accept_the_bundle_and_an_unchanged_world_gives_the_same_payload() {
    let stage = Stage::new(1);
    let clock = stage.simulation.now();
    assert_eq!(stage.collect("first", &clock), Exit::Ok);
    assert_eq!(stage.collect("second", &clock), Exit::Ok);
    let first = unpacked(&stage, &stage.bundles("first")[0], "first-plain");
    let second = unpacked(&stage, &stage.bundles("second")[0], "second-plain");
    assert!(payload(&first).len() > 15, "{:?}", first.keys());
    assert!(
        payload(&first) == payload(&second),
        "payload differs between two runs over one world"
    );
    // The next run of the same site: another number, another time, the same rows.
    assert_eq!(stage.collect("first", &later(&clock)), Exit::Ok);
    let third = unpacked(&stage, &stage.bundles("first")[1], "third-plain");
    assert!(
        payload(&third) == payload(&first),
        "{:?}",
        differences(&first, &third)
    );
    let all: Vec<u8> = first.values().flatten().copied().collect();
    for name in ["tank", "nas01", "192.0.2"] {
        let is_there = all
            .windows(name.len())
            .any(|window| window == name.as_bytes());
        assert!(!is_there, "`{name}` left the site");
    }
}
