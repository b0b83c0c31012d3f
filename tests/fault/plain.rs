//! Addresses without TLS are refused before anything is sent: an appliance revokes a key that comes that way.

use std::fs;
use std::path::Path;

use testkit::simulate::{Options, start};
use testkit::site::Site;
use testkit::world::World;

use crate::world;

#[test]
fn an_address_without_tls_is_refused_before_a_byte_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_truenas-collector"));
    let site = Site::new(program, folder.path());
    let world = folder.path().join("world");
    world::write(&world, "25.10");
    let options = Options {
        has_plain: true,
        ..Options::default()
    };
    let simulation = start(&world, &options).unwrap();
    let config = site.config(&simulation, &World::read(&world).unwrap());
    let secure = simulation.truenas_url(None);
    let plain = simulation.truenas_plain_url(None).unwrap();
    let kubeconfig = simulation.kubeconfig(None).display().to_string();
    let plain_kubeconfig = folder.path().join("plain.kubeconfig");
    let text = fs::read_to_string(&kubeconfig).unwrap();
    fs::copy(&kubeconfig, &plain_kubeconfig).unwrap();
    fs::write(&plain_kubeconfig, text.replace("https://", "http://")).unwrap();
    for (from, to) in [
        (secure.as_str(), plain.clone()),
        (secure.as_str(), plain.replace("ws://", "http://")),
        (&kubeconfig, plain_kubeconfig.display().to_string()),
    ] {
        let run = site.collect(&config.replace(from, &to), "refused", &["--quiet"]);
        assert_eq!(run.exit, Some(2), "{to}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{to}: {}", run.stderr);
        assert_eq!(simulation.requests(), [], "{to}");
    }
    let run = site.collect(&config, "whole", &["--quiet"]);
    assert_eq!(run.exit, Some(0), "the key is good: {}", run.stderr);
}
