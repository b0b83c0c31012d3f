//! Every request that a simulation saw, in memory and as JSON lines.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::json;

use super::SimulateError;
use crate::world::Side;

/// One request that a simulated server saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which kind of server.
    pub source: Side,
    /// Name of the cluster or appliance.
    pub place: String,
    /// HTTP verb, or the TrueNAS method.
    pub method: String,
    /// Path with query, or the parameters as JSON with credentials replaced by `[secret]`.
    pub detail: String,
    /// HTTP status, or 0 for a TrueNAS result and the JSON-RPC code of a TrueNAS error; -1 when no answer was sent.
    pub status: i32,
    /// Bytes of the answer's body or frame.
    pub n_bytes: usize,
    /// Snapshots that the real server would have walked for the answer.
    pub n_walked: usize,
}

impl Request {
    fn to_line(&self) -> String {
        let (source, place, detail) = match self.source {
            Side::Kubernetes => ("k8s", "cluster", "path"),
            Side::Thanos => ("thanos", "cluster", "path"),
            Side::Truenas => ("truenas", "appliance", "params"),
        };
        let shown = match self.source {
            Side::Truenas => {
                serde_json::from_str(&self.detail).unwrap_or_else(|_| json!(self.detail))
            }
            Side::Kubernetes | Side::Thanos => json!(self.detail),
        };
        let verb = match self.source {
            Side::Kubernetes | Side::Thanos => "verb",
            Side::Truenas => "method",
        };
        json!({
            "source": source, place: self.place, verb: self.method, detail: shown,
            "status": self.status, "bytes": self.n_bytes, "walked": self.n_walked,
        })
        .to_string()
    }
}

/// Where the JSON lines go, if anywhere.
enum Sink {
    None,
    Standard,
    File(File),
}

/// The log of one simulation.
pub(super) struct RequestLog {
    requests: Mutex<Vec<Request>>,
    sink: Mutex<Sink>,
}

impl RequestLog {
    /// Opens the log; `-` writes the lines to the standard error stream.
    pub(super) fn open(path: Option<&PathBuf>) -> Result<Self, SimulateError> {
        let sink = match path {
            None => Sink::None,
            Some(path) if path.as_os_str() == "-" => Sink::Standard,
            Some(path) => {
                let file = File::create(path).map_err(|source| SimulateError::Write {
                    path: path.clone(),
                    source,
                })?;
                Sink::File(file)
            }
        };
        Ok(Self {
            requests: Mutex::new(Vec::new()),
            sink: Mutex::new(sink),
        })
    }

    /// Adds one request.
    pub(super) fn push(&self, request: Request) {
        let line = || format!("{}\n", request.to_line());
        match &mut *self
            .sink
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
        {
            Sink::None => {}
            Sink::Standard => drop(io::stderr().write_all(line().as_bytes())),
            Sink::File(file) => drop(file.write_all(line().as_bytes())),
        }
        self.requests
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(request);
    }

    /// Everything seen so far as JSON lines.
    pub(super) fn lines(&self) -> String {
        self.all()
            .iter()
            .map(|request| format!("{}\n", request.to_line()))
            .collect()
    }

    /// Copies everything seen so far.
    pub(super) fn all(&self) -> Vec<Request> {
        self.requests
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}
