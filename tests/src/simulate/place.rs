//! One simulated server: its name, port, credential and the file that holds the credential.

use std::net::TcpListener;
use std::path::PathBuf;

use crate::world::Side;

/// One cluster or appliance for the whole life of a simulation.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Which kind of server.
    pub(super) side: Side,
    /// Name in the world.
    pub(super) name: String,
    /// Port on 127.0.0.1.
    pub(super) port: u16,
    /// Port without TLS.
    pub(super) plain_port: Option<u16>,
    /// Bearer token of a cluster or of its metrics, or API key.
    pub(super) secret: String,
    /// Kubeconfig, token file, or API key file.
    pub(super) file: PathBuf,
}

/// Where a place listens.
pub(super) struct Doors {
    /// With TLS.
    pub(super) secure: TcpListener,
    /// Without.
    pub(super) plain: Option<TcpListener>,
}
