//! Holds the simulators to what real servers answered (`recorded/`), and their answers to the published schemas.
//!
//! Skipped, because the recording itself was not real there (see `recorded/README.md`) or a world cannot say it:
//! - Kubernetes, reader `partial` inside one namespace: a world denies a resource everywhere or nowhere.
//! - Kubernetes, the `Warning` and flow-schema headers, and subresources in discovery documents.
//! - TrueNAS `zfs.snapshot.query` on 25.10: private there; only a refusal is checked.
//! - TrueNAS `auth.me`: the recorded back end knew fewer fields, so only those are compared.
//! - TrueNAS `trace`: its contents were removed from the recording; only the class is compared.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test fail it like the test itself"
)]

#[path = "conformance/client.rs"]
mod client;
#[path = "conformance/fault.rs"]
mod fault;
#[path = "conformance/kubernetes.rs"]
mod kubernetes;
#[path = "conformance/plain.rs"]
mod plain;
#[path = "conformance/release_26.rs"]
mod release_26;
#[path = "conformance/schema.rs"]
mod schema;
#[path = "conformance/trap.rs"]
mod trap;
#[path = "conformance/truenas.rs"]
mod truenas;

use std::fs;

use serde_json::json;
use testkit::simulate::{Options, start};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Api, truenas_world};

#[test]
fn a_series_moves_on_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let series = folder.path().join("days");
    for (day, now) in [
        ("000", "2026-11-01T00:00:00Z"),
        ("001", "2026-11-02T00:00:00Z"),
    ] {
        let member = series.join(day);
        fs::create_dir_all(member.join("kubernetes")).unwrap();
        fs::write(member.join("world.yaml"), format!("now: {now}")).unwrap();
    }
    let simulation = start(&series, &Options::default()).unwrap();
    assert!(simulation.kubeconfig(None).ends_with("days.kubeconfig"));
    assert_eq!(simulation.now(), "2026-11-01T00:00:00Z");
    assert!(simulation.next());
    assert_eq!(simulation.now(), "2026-11-02T00:00:00Z");
    assert!(!simulation.next());
}

#[test]
fn the_twenty_first_call_at_once_and_a_large_message_are_refused() {
    let (_folder, world) = truenas_world("25.10", "READONLY_ADMIN");
    let yaml = fs::read_to_string(world.join("world.yaml")).unwrap();
    let faults = "faults: [{at: 'truenas:pool.query', kind: hang}]\n";
    fs::write(world.join("world.yaml"), format!("{yaml}{faults}")).unwrap();
    let simulation = start(&world, &Options::default()).unwrap();
    let mut api = Api::login(&simulation);
    for id in 0..20 {
        api.send(&json!({"jsonrpc": "2.0", "id": id, "method": "pool.query"}).to_string());
    }
    let refused = api.call("core.ping", json!([]));
    assert_eq!(refused["error"]["code"], -32000);
    let large =
        json!({"jsonrpc": "2.0", "id": 1, "method": "core.ping", "params": ["x".repeat(65_536)]});
    api.send(&large.to_string());
    let Message::Close(Some(frame)) = api.read() else {
        panic!("no close frame")
    };
    assert_eq!(u16::from(frame.code), 1009);
}
