//! The requests of a collection once more, without a collector: bodies are read and dropped, at most four requests at a
//! time, the two sides in the order in which they were read.

use std::fs;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use testkit::simulate::{Request, Simulation};
use testkit::world::Side;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use crate::raw_cluster::Cluster;

/// Requests that are waited for at the same time.
pub(crate) const IN_FLIGHT: usize = 4;

pub(crate) type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Sends the requests and returns the seconds that it took, connections and login included.
pub(crate) fn read(simulation: &Simulation, requests: &[Request]) -> anyhow::Result<f64> {
    let started = Instant::now();
    let mut cluster = Cluster::connect(simulation)?;
    let mut appliance = Appliance::login(simulation)?;
    for group in requests.chunk_by(|one, next| one.source == next.source) {
        match group.first().map(|request| request.source) {
            Some(Side::Kubernetes) => cluster.read(group)?,
            Some(Side::Thanos) => Cluster::metrics(simulation)?.read(group)?,
            Some(Side::Truenas) => appliance.read(group)?,
            None => {}
        }
    }
    Ok(started.elapsed().as_secs_f64())
}

/// Opens a connection to one of the simulated servers.
pub(crate) fn connect(simulation: &Simulation, url: &str) -> anyhow::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(simulation.ca_file())?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = url.split('/').nth(2).context("no host in the URL")?;
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from("127.0.0.1")?;
    Ok(StreamOwned::new(
        ClientConnection::new(Arc::new(config), name)?,
        stream,
    ))
}

/// One session with the appliance.
struct Appliance {
    socket: WebSocket<Tls>,
    n_calls: u64,
}

impl Appliance {
    fn login(simulation: &Simulation) -> anyhow::Result<Self> {
        let url = simulation.truenas_url(None);
        let (socket, _) = tungstenite::client(url.as_str(), connect(simulation, &url)?)
            .map_err(|error| anyhow::anyhow!("no WebSocket: {error}"))?;
        let mut appliance = Self { socket, n_calls: 0 };
        let key = fs::read_to_string(simulation.api_key_file(None))?;
        appliance.send("auth.login_with_api_key", &json!([key.trim()]))?;
        let answer: Value = serde_json::from_str(&appliance.receive()?)?;
        ensure!(answer["result"] == true, "the raw login is refused");
        Ok(appliance)
    }

    fn read(&mut self, requests: &[Request]) -> anyhow::Result<()> {
        let is_call = |request: &&Request| {
            request.method != "GET" && !request.method.starts_with("auth.login")
        };
        let mut calls = requests.iter().filter(is_call);
        let mut n_waiting = 0;
        loop {
            while n_waiting < IN_FLIGHT
                && let Some(call) = calls.next()
            {
                self.send(&call.method, &serde_json::from_str(&call.detail)?)?;
                n_waiting += 1;
            }
            if n_waiting == 0 {
                return Ok(());
            }
            self.receive()?;
            n_waiting -= 1;
        }
    }

    fn send(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.n_calls += 1;
        let call =
            json!({"jsonrpc": "2.0", "id": self.n_calls, "method": method, "params": params});
        Ok(self.socket.send(Message::text(call.to_string()))?)
    }

    /// The next answer, whichever call it belongs to.
    fn receive(&mut self) -> anyhow::Result<tungstenite::Utf8Bytes> {
        loop {
            if let Message::Text(text) = self.socket.read()? {
                return Ok(text);
            }
        }
    }
}
