//! A key that came over a plain transport is revoked, from the release on that began with it.

use std::net::TcpStream;

use serde_json::{Value, json};
use testkit::simulate::{Options, Simulation, start};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use crate::client::{API_KEY, Api, truenas_world};
use crate::release_26::login_answer;

fn served(version: &str) -> (tempfile::TempDir, Simulation) {
    let (folder, world) = truenas_world(version, "READONLY_ADMIN");
    let options = Options {
        has_plain: true,
        ..Options::default()
    };
    (folder, start(&world, &options).unwrap())
}

fn plain(simulation: &Simulation, path: &str) -> WebSocket<TcpStream> {
    let url = simulation.truenas_plain_url(None).unwrap();
    let stream = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
    let url = format!("{}{path}", url.trim_end_matches("/api/current"));
    tungstenite::client(url, stream).unwrap().0
}

fn exchange(socket: &mut WebSocket<TcpStream>, request: &Value) -> Value {
    socket.send(Message::text(request.to_string())).unwrap();
    serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap()
}

fn login_ex() -> Value {
    json!([{"mechanism": "API_KEY_PLAIN", "username": "collector", "api_key": API_KEY}])
}

#[test]
fn a_right_key_over_a_plain_transport_is_expired_from_then_on() {
    for version in ["25.04", "25.10", "26"] {
        let (_folder, simulation) = served(version);
        let mut before = Api::open(&simulation, "/api/current");
        assert_eq!(
            before.result("auth.login_ex", login_ex())["response_type"],
            "SUCCESS",
            "{version}"
        );
        let request =
            json!({"jsonrpc": "2.0", "id": 1, "method": "auth.login_ex", "params": login_ex()});
        let answer = exchange(&mut plain(&simulation, "/api/current"), &request);
        assert_eq!(answer["result"]["response_type"], "EXPIRED", "{version}");
        let mut after = Api::open(&simulation, "/api/current");
        assert_eq!(
            after.result("auth.login_ex", login_ex())["response_type"],
            "EXPIRED",
            "{version}"
        );
        let mut after = Api::open(&simulation, "/api/current");
        let answer = after.result("auth.login_with_api_key", json!([API_KEY]));
        assert_eq!(answer, false, "{version}");
    }
}

#[test]
fn a_wrong_key_over_a_plain_transport_revokes_nothing() {
    let (_folder, simulation) = served("25.10");
    let request =
        json!({"jsonrpc": "2.0", "id": 1, "method": "auth.login_with_api_key", "params": ["1-x"]});
    let answer = exchange(&mut plain(&simulation, "/api/current"), &request);
    assert_eq!(answer["result"], false);
    Api::login(&simulation);
}

#[test]
fn a_revoked_key_proves_nothing_by_scram() {
    let (_folder, simulation) = served("26");
    let mut api = Api::open(&simulation, "/api/current");
    assert_eq!(login_answer(&mut api)["response_type"], "SCRAM_RESPONSE");
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "auth.login_with_api_key", "params": [API_KEY]});
    let answer = exchange(&mut plain(&simulation, "/api/current"), &request);
    assert_eq!(answer["result"], false);
    let mut api = Api::open(&simulation, "/api/current");
    assert_eq!(login_answer(&mut api)["response_type"], "EXPIRED");
}

#[test]
fn the_24_releases_take_a_key_over_any_transport() {
    let (_folder, simulation) = served("24.10");
    for _ in 0..2 {
        let mut socket = plain(&simulation, "/websocket");
        let connect = json!({"msg": "connect", "version": "1", "support": ["1"]});
        assert_eq!(exchange(&mut socket, &connect)["msg"], "connected");
        let login = json!({"id": "1", "msg": "method", "method": "auth.login_with_api_key", "params": [API_KEY]});
        assert_eq!(exchange(&mut socket, &login)["result"], true);
    }
}
