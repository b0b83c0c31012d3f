//! Plain clients of the simulators, and worlds to point them at.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::simulate::Simulation;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

pub(crate) const API_KEY: &str =
    "1-conformanceconformanceconformanceconformanceconformanceconforman";

pub(crate) type Tls = StreamOwned<ClientConnection, TcpStream>;

pub(crate) fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("recorded")
        .join(name)
}

pub(crate) fn exchanges(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(recorded(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(crate) fn schemas(version: &str) -> Value {
    let text = fs::read_to_string(recorded(&format!("schemas/truenas/{version}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn connect(simulation: &Simulation, url: &str) -> Tls {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(simulation.ca_file()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = url.split('/').nth(2).unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    StreamOwned::new(
        ClientConnection::new(Arc::new(config), name).unwrap(),
        TcpStream::connect(address).unwrap(),
    )
}

/// Sends one request on a connection of its own: status, headers as text, body.
pub(crate) fn http(
    simulation: &Simulation,
    url: &str,
    method: &str,
    path: &str,
    headers: &str,
) -> (u16, String, Vec<u8>) {
    let mut stream = connect(simulation, url);
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    (
        status,
        head,
        answer.get(end + 4..).unwrap_or_default().to_vec(),
    )
}

pub(crate) fn token(simulation: &Simulation, cluster: &str) -> String {
    let text = fs::read_to_string(simulation.kubeconfig(Some(cluster))).unwrap();
    text.lines()
        .find_map(|line| line.trim().strip_prefix("token: "))
        .unwrap()
        .to_owned()
}

/// A folder with one world in it.
pub(crate) fn world(yaml: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    fs::create_dir(&world).unwrap();
    fs::write(world.join("world.yaml"), yaml).unwrap();
    (folder, world)
}

/// A WebSocket to an appliance.
pub(crate) struct Api {
    pub(crate) socket: WebSocket<Tls>,
    pub(crate) end_point: Vec<u8>,
    n_calls: u64,
}

impl Api {
    pub(crate) fn open(simulation: &Simulation, path: &str) -> Self {
        let url = simulation.truenas_url(None);
        let mut stream = connect(simulation, &url);
        stream.conn.complete_io(&mut stream.sock).unwrap();
        let leaf = stream.conn.peer_certificates().unwrap()[0].clone();
        let url = format!("{}{path}", url.trim_end_matches("/api/current"));
        let (socket, _) = tungstenite::client(url, stream).unwrap();
        Self {
            socket,
            end_point: Sha256::digest(&leaf).to_vec(),
            n_calls: 0,
        }
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    pub(crate) fn read(&mut self) -> Message {
        loop {
            match self.socket.read().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub(crate) fn exchange(&mut self, request: &Value) -> Value {
        self.send(&request.to_string());
        serde_json::from_str(self.read().to_text().unwrap()).unwrap()
    }

    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.n_calls += 1;
        self.exchange(
            &json!({"jsonrpc": "2.0", "id": self.n_calls, "method": method, "params": params}),
        )
    }

    pub(crate) fn result(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.call(method, params);
        assert!(answer.get("result").is_some(), "{method}: {answer}");
        answer["result"].take()
    }

    pub(crate) fn login(simulation: &Simulation) -> Self {
        let mut api = Self::open(simulation, "/api/current");
        assert_eq!(
            api.result("auth.login_with_api_key", json!([API_KEY])),
            true
        );
        api
    }
}

pub(crate) fn truenas_world(version: &str, roles: &str) -> (tempfile::TempDir, PathBuf) {
    let (folder, world) = world(&format!(
        "now: 2026-11-23T20:19:00Z\n\
         appliances: [{{name: nas, version: {version}, user: collector, api_key: {API_KEY}, roles: [{roles}]}}]\n"
    ));
    fs::create_dir(world.join("truenas")).unwrap();
    for entry in fs::read_dir(recorded("truenas")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, world.join("truenas").join(path.file_name().unwrap())).unwrap();
    }
    (folder, world)
}
