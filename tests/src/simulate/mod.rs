//! Simulated Kubernetes API servers, their metrics, and TrueNAS appliances over a world folder or a series of them.
//!
//! They answer as the real servers were recorded to answer (`tests/recorded`), on loopback only and with TLS only.

mod accept;
mod answer;
mod compact;
mod control;
mod error;
mod faults;
mod files;
mod k8s;
mod place;
mod request_log;
mod secret;
mod server;
mod thanos;
mod tls;
mod truenas;

pub use error::SimulateError;
pub use request_log::Request;
pub use server::{Options, Simulation, start};
pub use truenas::Version;
