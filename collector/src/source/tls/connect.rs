//! Connects with TLS, each step in bounded time.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::source::{NetworkKind, SourceError, Timeouts, fault};

/// Opens a TCP connection and shakes hands.
pub(in crate::source) async fn connect(
    host: &str,
    port: u16,
    config: Arc<ClientConfig>,
    timeouts: &Timeouts,
) -> Result<TlsStream<TcpStream>, SourceError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| NetworkKind::NoAddress)?;
    let stream = within(timeouts, open(host, port)).await?;
    let shake_hands = TlsConnector::from(config).connect(name, stream);
    within(timeouts, async {
        shake_hands.await.map_err(|error| fault::from_io(&error))
    })
    .await
}

async fn open(host: &str, port: u16) -> Result<TcpStream, SourceError> {
    let addresses = tokio::net::lookup_host((host, port))
        .await
        .map_err(|_| NetworkKind::NoAddress)?;
    let mut failed = NetworkKind::NoAddress.into();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream
                    .set_nodelay(true)
                    .map_err(|error| fault::from_io(&error))?;
                return Ok(stream);
            }
            Err(error) => failed = fault::from_io(&error),
        }
    }
    Err(failed)
}

async fn within<T>(
    timeouts: &Timeouts,
    work: impl Future<Output = Result<T, SourceError>>,
) -> Result<T, SourceError> {
    tokio::time::timeout(timeouts.connect, work)
        .await
        .map_err(|_| SourceError::TimedOut)?
}
