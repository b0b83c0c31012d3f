//! What stands in `samples/` is what the programs make.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use testkit::golden;
use truenas_common::exit::Exit;

use crate::stage::{analyzer, collector};

#[test]
fn the_sample_report_is_made_of_the_sample_bundles() {
    // Paths stand in the report, so they must be those of the command that wrote it.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::env::set_current_dir(root).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let identity = folder.path().join("analyst.key");
    fs::copy("samples/keys/analyst.key", &identity).unwrap();
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o600)).unwrap();
    let report = folder.path().join("report.html");
    let exit = analyzer(&[
        "report",
        "samples/bundles",
        "--output",
        report.to_str().unwrap(),
        "--trust",
        "samples/trust",
        "--identity",
        identity.to_str().unwrap(),
    ]);
    assert_eq!(exit, Exit::Ok);
    golden::check(
        Path::new("samples/report.html"),
        &fs::read_to_string(report).unwrap(),
    );
    assert_eq!(
        collector(&["plan", "--config", "samples/config.yaml"]),
        Exit::Ok
    );
}
