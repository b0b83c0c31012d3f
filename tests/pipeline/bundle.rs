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

#[test]
fn stock_tools_accept_the_bundle_and_an_unchanged_world_gives_the_same_payload() {
    let stage = Stage::new(1);
    let clock = stage.simulation.now();
    assert_eq!(stage.collect("first", &clock), Exit::Ok);
    assert_eq!(stage.collect("second", &clock), Exit::Ok);
    let first = unpacked(&stage, &stage.bundles("first")[0], "first-plain");
    let second = unpacked(&stage, &stage.bundles("second")[0], "second-plain");
    let payload = |files: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
        let is_payload = |name: &str| name.starts_with("data/") && !name.contains("collect_status");
        files
            .iter()
            .filter(|(name, _)| is_payload(name))
            .map(|(name, bytes)| (name.clone(), bytes.clone()))
            .collect()
    };
    assert!(payload(&first).len() > 15, "{:?}", first.keys());
    assert!(
        payload(&first) == payload(&second),
        "payload differs between two runs over one world"
    );
    let all: Vec<u8> = first.values().flatten().copied().collect();
    for name in ["tank", "nas01", "192.0.2"] {
        let is_there = all
            .windows(name.len())
            .any(|window| window == name.as_bytes());
        assert!(!is_there, "`{name}` left the site");
    }
}
