//! Traps of the real servers that a client must know of: the simulated ones have them too.

use std::fs;

use serde_json::{Value, json};
use testkit::simulate::{Options, Simulation, start};
use tokio_tungstenite::tungstenite::Error;

use crate::client::{Api, recorded, truenas_world};

/// Methods of the same data under the names of each release: the old one, then the new ones.
const NAMES: [(&str, [&str; 2]); 4] = [
    ("24.10", ["zfs.snapshot.query", "pool.dataset.query"]),
    ("25.04", ["zfs.snapshot.query", "pool.dataset.query"]),
    ("25.10", ["pool.snapshot.query", "zfs.resource.query"]),
    ("26", ["pool.snapshot.query", "zfs.resource.query"]),
];

/// Serves one dataset in the other, so many deep.
fn chain(n_levels: usize) -> (tempfile::TempDir, Simulation) {
    let (folder, world) = truenas_world("25.10", "READONLY_ADMIN");
    let text = fs::read_to_string(recorded("truenas/pool.dataset.query.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let levels = (0..n_levels).map(|level| {
        let mut row = rows[0].clone();
        let name = format!("beta{}", "/b".repeat(level));
        for field in ["id", "name"] {
            row[field] = json!(name);
        }
        row
    });
    let levels: Value = levels.collect();
    fs::write(
        world.join("truenas/pool.dataset.query.json"),
        levels.to_string(),
    )
    .unwrap();
    let simulation = start(&world, &Options::default()).unwrap();
    (folder, simulation)
}

#[test]
fn a_method_is_called_by_the_name_that_its_release_gives_to_it() {
    for (version, names) in NAMES {
        let (_folder, world) = truenas_world(version, "READONLY_ADMIN");
        let simulation = start(&world, &Options::default()).unwrap();
        let legacy = version.starts_with("24");
        let mut api = Api::open(
            &simulation,
            if legacy { "/websocket" } else { "/api/current" },
        );
        if legacy {
            api.exchange(&json!({"msg": "connect", "version": "1", "support": ["1"]}));
        }
        let mut call = |method: &str, params: Value| match legacy {
            true => api
                .exchange(&json!({"id": "1", "msg": "method", "method": method, "params": params})),
            false => api.call(method, params),
        };
        let key = json!([crate::client::API_KEY]);
        assert_eq!(call("auth.login_with_api_key", key)["result"], true);
        for (_, [snapshots, datasets]) in NAMES {
            for method in [snapshots, datasets] {
                let is_own = names.contains(&method) || method == "pool.dataset.query";
                let answer = call(method, json!([]));
                assert_eq!(answer.get("result").is_some(), is_own, "{version} {method}");
            }
        }
    }
}

#[test]
fn datasets_with_their_children_grow_with_the_square_of_their_number() {
    let n_datasets = |n_levels: usize, params: Value| {
        let (_folder, simulation) = chain(n_levels);
        let answer = Api::login(&simulation).result("pool.dataset.query", params);
        answer.to_string().matches("\"id\":").count()
    };
    let nested = || json!([[["id", "^", "beta"]], {"extra": {"flat": true, "properties": []}}]);
    let alone = || json!([[["id", "^", "beta"]], {"extra": {"flat": true, "properties": [], "retrieve_children": false}}]);
    for n_levels in [10, 40] {
        assert_eq!(
            n_datasets(n_levels, nested()),
            n_levels * (n_levels + 1) / 2
        );
        assert_eq!(n_datasets(n_levels, alone()), n_levels);
    }
}

#[test]
fn an_answer_of_a_hundred_megabytes_is_sent_as_it_is() {
    let (_folder, simulation) = chain(260);
    let mut api = Api::login(&simulation);
    api.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "pool.dataset.query"}).to_string());
    assert!(matches!(api.socket.read(), Err(Error::Capacity(_))));
    let request = simulation.requests().pop().unwrap();
    assert_eq!(request.method, "pool.dataset.query");
    assert!(request.n_bytes > 100_000_000, "{}", request.n_bytes);
}
