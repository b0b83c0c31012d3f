//! The simulated appliance against the recorded one, and against the published schemas.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::simulate::{Options, Simulation, start};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{API_KEY, Api, exchanges, http, schemas, truenas_world};

#[test]
fn every_recorded_truenas_exchange_is_repeated() {
    let (_folder, world) = truenas_world("25.10", "READONLY_ADMIN");
    let simulation = start(&world, &Options::default()).unwrap();
    let mut connections: BTreeMap<String, Api> = BTreeMap::new();
    for exchange in exchanges("truenas-25.10.5.jsonl") {
        if exchange.get("http").is_some() {
            let (status, _, body) = http(
                &simulation,
                &simulation.truenas_url(None),
                "GET",
                "/api/versions",
                "",
            );
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(
                (json!(status), &body),
                (exchange["status"].clone(), &exchange["body"])
            );
        } else if let Some(framing) = exchange["framing"].as_str() {
            check_framing(&simulation, framing, &exchange);
        } else {
            let connection = exchange["connection"].as_str().unwrap().to_owned();
            let api = connections
                .entry(connection)
                .or_insert_with(|| Api::open(&simulation, "/api/current"));
            let request = exchange["request"].to_string().replace("API-KEY", API_KEY);
            let request: Value = serde_json::from_str(&request).unwrap();
            check_answer(&request, &api.exchange(&request), &exchange["answer"]);
        }
    }
}

#[track_caller]
fn check_answer(request: &Value, ours: &Value, theirs: &Value) {
    assert_eq!(ours["id"], theirs["id"], "{request}");
    match request["method"].as_str().unwrap() {
        "zfs.snapshot.query" => return assert_eq!(ours["error"]["data"]["errname"], "EACCES"),
        "auth.me" => {
            for (name, value) in theirs["result"].as_object().unwrap() {
                let mut value = value.clone();
                if name == "privilege" {
                    let allowlist = &ours["result"]["privilege"]["allowlist"];
                    let entry = json!({"method": "CALL", "resource": "pool.query"});
                    assert!(allowlist.as_array().unwrap().contains(&entry));
                    value["allowlist"] = allowlist.clone();
                }
                assert_eq!(ours["result"][name], value, "{name}");
            }
            return;
        }
        _ => {}
    }
    let shape = |answer: &Value| {
        let mut answer = answer.clone();
        if let Some(trace) = answer["error"]["data"].get_mut("trace") {
            *trace = trace["class"].clone();
        }
        answer
    };
    assert_eq!(shape(ours), shape(theirs), "{request}");
}

#[track_caller]
fn check_framing(simulation: &Simulation, framing: &str, exchange: &Value) {
    let mut api = Api::open(simulation, "/api/current");
    let theirs = &exchange["answer"];
    if framing == "over 8 KiB before login" {
        let call =
            json!({"jsonrpc": "2.0", "id": 1, "method": "core.ping", "params": ["x".repeat(9000)]});
        api.send(&call.to_string());
        let Message::Close(Some(frame)) = api.read() else {
            panic!("no close frame")
        };
        assert_eq!(json!(u16::from(frame.code)), theirs["close_code"]);
        assert_eq!(json!(frame.reason.as_str()), theirs["extra"]);
        return;
    }
    api.send(exchange["sent"].as_str().unwrap());
    if framing == "no id" {
        // Nothing is answered: the next answer belongs to the next call.
        assert_eq!(api.call("core.ping", json!([]))["id"], 1);
        return;
    }
    let ours: Value = serde_json::from_str(api.read().to_text().unwrap()).unwrap();
    assert_eq!(ours, theirs["data"], "{framing}");
}

#[test]
fn dataset_rows_of_25_10_have_known_keys_only() {
    let (_folder, world) = truenas_world("25.10", "DATASET_READ");
    let simulation = start(&world, &Options::default()).unwrap();
    let known = schemas("v25_10_5");
    let known = known["pool.dataset.query"]["result"]["properties"]
        .as_object()
        .unwrap();
    let rows = Api::login(&simulation).result("pool.dataset.query", json!([]));
    for key in rows
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_object().unwrap().keys())
    {
        assert!(known.contains_key(key), "{key}");
    }
}

#[test]
fn roles_decide_and_errors_leak_the_key_as_the_real_ones_leak_locals() {
    let (_folder, world) = truenas_world("25.10", "POOL_READ");
    let simulation = start(&world, &Options::default()).unwrap();
    let mut api = Api::login(&simulation);
    assert_eq!(api.result("pool.query", json!([[], {"count": true}])), 2);
    let error = api.call("pool.dataset.query", json!([]));
    assert_eq!(error["error"]["data"]["reason"], "[EACCES] Not authorized");
    assert!(
        error["error"]["data"]["trace"]["frames"]
            .to_string()
            .contains(API_KEY)
    );
    let methods = api.result("core.get_methods", json!([]));
    assert!(methods.get("pool.query").is_some() && methods.get("pool.dataset.query").is_none());
}

#[test]
fn one_file_answers_every_name_of_its_data() {
    let (_folder, world) = truenas_world("25.10", "READONLY_ADMIN");
    let simulation = start(&world, &Options::default()).unwrap();
    let mut api = Api::login(&simulation);
    let path = "alpha/k8s/east/iscsi/v/pvc-810e2f8b-6098-8dea-dd3e-95f9593dd518";
    let rows = api.result("zfs.resource.query", json!([{"paths": [path], "properties": ["volsize", "origin"], "get_user_properties": true}]));
    assert_eq!(
        rows[0]["properties"]["volsize"]["value"],
        10_737_418_240_u64
    );
    assert_eq!(rows[0]["properties"]["origin"]["raw"], "none");
    assert!(
        rows[0]["user_properties"]["democratic-csi:csi_volume_name"].is_string(),
        "{rows}"
    );
    let missing = api.call("zfs.resource.query", json!([{"paths": ["alpha/none"]}]));
    assert_eq!(
        missing["error"]["data"]["extra"],
        json!([["zfs.resource.query", "'alpha/none': not found", 2]])
    );
    let window = json!([[], {"extra": {"properties": ["name", "createtxg"], "min_txg": 1009}}]);
    let window = api.result("pool.snapshot.query", window);
    assert_eq!(
        (window.as_array().unwrap().len(), &window[0]["createtxg"]),
        (1, &json!("1013"))
    );
    assert!(window[0].get("properties").is_none());
    let roots = api.result(
        "pool.dataset.query",
        json!([[], {"extra": {"retrieve_children": false}, "select": ["id", "children"]}]),
    );
    assert_eq!(
        roots,
        json!([{"id": "beta", "children": []}, {"id": "alpha", "children": []}])
    );
}

#[test]
fn the_24_releases_speak_the_legacy_protocol_with_true_sources() {
    let (_folder, world) = truenas_world("24.10", "DATASET_READ, SNAPSHOT_READ");
    let simulation = start(&world, &Options::default()).unwrap();
    let (status, ..) = http(
        &simulation,
        &simulation.truenas_url(None),
        "GET",
        "/api/versions",
        "",
    );
    assert_eq!(status, 404);
    let mut api = Api::open(&simulation, "/websocket");
    let connected = api.exchange(&json!({"msg": "connect", "version": "1", "support": ["1"]}));
    assert_eq!(connected["msg"], "connected");
    let mut call = |method: &str, params: Value| {
        api.exchange(&json!({"id": "7", "msg": "method", "method": method, "params": params}))
    };
    assert_eq!(
        call("auth.login_with_api_key", json!([API_KEY]))["result"],
        true
    );
    assert_eq!(
        call("system.version", json!([]))["result"],
        "TrueNAS-SCALE-24.10.2.4"
    );
    let snapshots = call("zfs.snapshot.query", json!([[], {}]));
    assert_eq!(
        snapshots["result"][0]["properties"]["democratic-csi:managed_resource"]["source"],
        "LOCAL"
    );
    assert_eq!(
        call("pool.create", json!([{}]))["error"]["errname"],
        "EACCES"
    );
    assert_eq!(
        call("pool.snapshot.query", json!([]))["error"]["errname"],
        "ENOMETHOD"
    );
}
