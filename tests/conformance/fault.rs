//! What each kind of fault does to an answer of either simulator.

use std::fs;

use serde_json::{Value, json};
use testkit::simulate::{Options, Simulation, start};
use tokio_tungstenite::tungstenite::handshake::HandshakeError;
use tokio_tungstenite::tungstenite::{self, Error};

use crate::client::{Api, connect, http, token, truenas_world};

/// Serves the recorded appliance and one cluster with these faults.
fn served(faults: &str) -> (tempfile::TempDir, Simulation) {
    let (folder, world) = truenas_world("25.10", "READONLY_ADMIN");
    let yaml = fs::read_to_string(world.join("world.yaml")).unwrap();
    let yaml = format!("{yaml}clusters: [{{name: c}}]\nfaults: [{faults}]\n");
    fs::write(world.join("world.yaml"), yaml).unwrap();
    let simulation = start(&world, &Options::default()).unwrap();
    (folder, simulation)
}

/// Status, headers and body.
fn get(simulation: &Simulation, path: &str) -> (u16, String, Vec<u8>) {
    let bearer = token(simulation, "c");
    let headers = format!("Authorization: Bearer {bearer}\r\n");
    http(simulation, &simulation.k8s_url(None), "GET", path, &headers)
}

#[test]
fn answers_of_a_cluster_break() {
    let (_folder, simulation) = served(
        "{at: 'k8s:/version', kind: cut, nth: 1}, {at: 'k8s:/version', kind: 429, nth: 2}, \
         {at: 'k8s:/version', kind: malformed, nth: 3}, {at: 'k8s:/version', kind: giant, nth: 4}, \
         {at: 'k8s:/livez', kind: drip}, {at: 'k8s:/version', kind: refuse, nth: 5}",
    );
    let get = |path| get(&simulation, path);
    let is_json = |body: &[u8]| serde_json::from_slice::<Value>(body).is_ok();
    let (status, _, body) = get("/version");
    assert!(status == 200 && body.len() < 300 && !is_json(&body));
    let (status, head, _) = get("/version");
    assert!(status == 429 && head.contains("retry-after: 1"));
    assert!(!is_json(&get("/version").2));
    assert!(get("/version").2.len() > 16 << 20);
    assert_eq!(get("/livez").0, 200);
    assert_eq!(get("/version").0, 0);
    assert_eq!(get("/version").0, 200);
}

#[test]
fn pages_of_a_cluster_do_not_end_and_lists_are_of_another_kind() {
    let (_folder, simulation) = served(
        "{at: 'k8s:/api/v1/nodes', kind: endless}, {at: 'k8s:/api/v1/pods', kind: endless-fresh}, \
         {at: 'k8s:/api/v1/events', kind: wrong-id}",
    );
    let page = |path: &str| -> Value { serde_json::from_slice(&get(&simulation, path).2).unwrap() };
    let tokens = |path: &str| {
        let mut tokens = Vec::new();
        for _ in 0..3 {
            let next = tokens.last().map(|token| format!("&continue={token}"));
            let page = page(&format!("{path}?limit=500{}", next.unwrap_or_default()));
            tokens.push(page["metadata"]["continue"].as_str().unwrap().to_owned());
        }
        tokens.dedup();
        tokens.len()
    };
    assert_eq!(tokens("/api/v1/nodes"), 1);
    assert_eq!(tokens("/api/v1/pods"), 3);
    let events = page("/api/v1/events");
    assert!(events["kind"] != "EventList" && events["items"].is_array());
}

#[test]
fn answers_of_an_appliance_break() {
    let (_folder, simulation) = served(
        "{at: 'truenas:pool.query', kind: 500, nth: 1}, {at: 'truenas:core.ping', kind: drip}, \
         {at: 'truenas:alert.list', kind: malformed}, {at: 'truenas:service.query', kind: cut}, \
         {at: 'truenas:disk.query', kind: wrong-id}",
    );
    let mut api = Api::login(&simulation);
    assert_eq!(
        api.call("pool.query", json!([]))["error"]["data"]["errname"],
        "EFAULT"
    );
    let pools = api.result("pool.query", json!([[], {"select": ["name"]}]));
    assert_eq!(pools.as_array().unwrap().len(), 2);
    assert_eq!(api.result("core.ping", json!([])), "pong");
    let other = api.exchange(&json!({"jsonrpc": "2.0", "id": 1, "method": "disk.query"}));
    assert!(other["id"] != 1 && other["result"].is_array());
    api.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "alert.list"}).to_string());
    assert!(serde_json::from_str::<Value>(api.read().to_text().unwrap()).is_err());
    api.send(&json!({"jsonrpc": "2.0", "id": 2, "method": "service.query"}).to_string());
    assert!(api.socket.read().is_err());
}

#[test]
fn an_answer_without_pages_is_one_message_without_end() {
    let (_folder, simulation) = served("{at: 'truenas:pool.query', kind: endless}");
    let mut api = Api::login(&simulation);
    let call = |params: Value| json!({"jsonrpc": "2.0", "id": 1, "method": "pool.query", "params": params});
    let page = api.exchange(&call(json!([[["name", "=", "none"]], {"limit": 7}])));
    assert_eq!(page["result"].as_array().unwrap().len(), 7);
    api.send(&call(json!([])).to_string());
    assert!(matches!(api.socket.read(), Err(Error::Capacity(_))));
}

#[test]
fn an_upgrade_breaks() {
    for kind in [
        "cut",
        "giant",
        "malformed",
        "wrong-id",
        "endless",
        "refuse",
        "429",
    ] {
        let (_folder, simulation) =
            served(&format!("{{at: 'truenas:/api/current', kind: {kind}}}"));
        let url = simulation.truenas_url(None);
        let opened = tungstenite::client(url.as_str(), connect(&simulation, &url));
        let failed = match (kind, opened) {
            ("cut", Ok((mut socket, _))) => socket.read().err(),
            (_, Err(HandshakeError::Failure(error))) => Some(error),
            (_, other) => panic!("{kind}: {:?}", other.map(|_| ())),
        };
        match kind {
            "giant" | "endless" => {
                assert!(matches!(&failed, Some(Error::Http(answer)) if answer.status() == 200));
            }
            "429" => {
                assert!(matches!(&failed, Some(Error::Http(answer)) if answer.status() == 429));
            }
            "malformed" | "wrong-id" => assert!(matches!(failed, Some(Error::Protocol(_)))),
            _ => assert!(failed.is_some(), "{kind}"),
        }
    }
}

#[test]
fn a_connection_drips_when_its_upgrade_does() {
    let (_folder, simulation) = served("{at: 'truenas:/api/current', kind: drip}");
    let mut api = Api::open(&simulation, "/api/current");
    let begun = std::time::Instant::now();
    assert_eq!(api.result("core.ping", json!([])), "pong");
    assert!(begun.elapsed().as_millis() > 1_500);
}
