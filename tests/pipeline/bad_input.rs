//! Input that must be refused, and what is left behind.

use std::fs;

use truenas_common::exit::Exit;

use crate::stage::{Stage, tree};

#[test]
fn a_bundle_that_is_cut_or_not_trusted_is_refused_and_leaves_no_history() {
    let stage = Stage::new(1);
    assert_eq!(stage.collect("out", &stage.simulation.now()), Exit::Ok);
    let bundle = &stage.bundles("out")[0];
    let bytes = fs::read(bundle).unwrap();
    fs::write(bundle, &bytes[..bytes.len() - 100]).unwrap();
    assert_eq!(
        stage.ingest(std::slice::from_ref(bundle), "cut"),
        Exit::Refused
    );
    fs::write(bundle, &bytes).unwrap();
    fs::remove_dir_all(stage.path("trust")).unwrap();
    assert_eq!(
        stage.ingest(std::slice::from_ref(bundle), "untrusted"),
        Exit::Refused
    );
    for history in ["cut", "untrusted"] {
        assert!(!stage.path(history).exists() || tree(&stage.path(history)).is_empty());
    }
}
