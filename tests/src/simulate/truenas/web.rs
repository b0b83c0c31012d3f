//! The HTTP side of an appliance: `GET /api/versions` and the WebSocket upgrades.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::connection::{self, Opening, Protocol};
use super::login::Credential;
use super::rate_limit::RateLimit;
use super::release::Release;
use crate::simulate::Request;
use crate::simulate::answer::{Body, HangUp, Reply, http_date};
use crate::simulate::place::Place;
use crate::simulate::server::Shared;
use crate::world::{FaultKind, Side};

/// Largest frame that is read at all; the appliance's own limits are far below.
const MAX_READ: usize = 4 << 20;

/// Whether others can read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// TLS.
    Secure,
    /// Nothing; a real server makes an exception of its own loopback, this one plays a server elsewhere.
    Plain,
}

/// One appliance for the whole life of a simulation.
pub(crate) struct Endpoint {
    /// Name and port.
    pub(crate) place: Place,
    /// Its API key.
    pub(crate) credential: Credential,
    /// Channel binding data of its certificate.
    pub(crate) end_point: [u8; 32],
    /// The simulation.
    pub(crate) shared: Arc<Shared>,
    /// Calls before login.
    pub(super) limit: RateLimit,
}

impl Endpoint {
    /// Makes the endpoint of one place.
    pub(crate) fn new(place: Place, shared: Arc<Shared>) -> Self {
        let credential = Credential::new(place.secret.clone());
        let end_point = shared.tls.end_point;
        Self {
            place,
            credential,
            end_point,
            shared,
            limit: RateLimit::default(),
        }
    }

    /// How long a connection may be silent now.
    pub(super) fn idle_limit(&self) -> Duration {
        self.release()
            .map_or(Duration::from_secs(60), |release| release.idle_limit)
    }

    fn release(&self) -> Option<&'static Release> {
        self.shared
            .moment()
            .appliances
            .get(&self.place.name)
            .map(|appliance| appliance.release())
    }
}

/// Answers one HTTP request.
pub(crate) async fn serve(
    endpoint: Arc<Endpoint>,
    transport: Transport,
    mut http: hyper::Request<Incoming>,
) -> Result<Response<Body>, HangUp> {
    let moment = endpoint.shared.moment();
    let release = endpoint.release().ok_or(HangUp)?;
    let path = http.uri().path().to_owned();
    let fault = moment
        .faults
        .strike(Side::Truenas, &endpoint.place.name, &path);
    let request = |status: i32, n_bytes| Request {
        source: Side::Truenas,
        place: endpoint.place.name.clone(),
        method: http.method().to_string(),
        detail: path.clone(),
        status,
        n_bytes,
        n_walked: 0,
    };
    match fault {
        Some(FaultKind::Refuse) => {
            endpoint.shared.log.push(request(-1, 0));
            return Err(HangUp);
        }
        Some(FaultKind::Hang) => {
            endpoint.shared.log.push(request(-1, 0));
            return std::future::pending().await;
        }
        _ => {}
    }
    let status = fault.and_then(status_of);
    let protocol =
        protocol(release, &path).filter(|_| status.is_none() && http.method() == Method::GET);
    let key = http.headers().get(SEC_WEBSOCKET_KEY).cloned();
    if let (Some(protocol), Some(key)) = (protocol, key.filter(|_| !is_no_upgrade(fault))) {
        endpoint.shared.log.push(request(101, 0));
        let upgrade = hyper::upgrade::on(&mut http);
        let joined = Arc::clone(&endpoint);
        drop(tokio::spawn(async move {
            let Ok(upgraded) = upgrade.await else {
                return;
            };
            if fault == Some(FaultKind::Cut) {
                return;
            }
            let config = WebSocketConfig::default()
                .max_message_size(Some(MAX_READ))
                .max_frame_size(Some(MAX_READ));
            let socket = WebSocketStream::from_raw_socket(
                TokioIo::new(upgraded),
                Role::Server,
                Some(config),
            )
            .await;
            let opening = Opening {
                protocol,
                transport,
                fault,
            };
            connection::run(socket, joined, opening).await;
        }));
        return Ok(switching(moment.now, &key, fault));
    }
    let reply = match (status, path.as_str(), http.method()) {
        (Some(429), ..) => Reply::text(429, "429: Too Many Requests").retry_after("1"),
        (Some(status), ..) => Reply::text(status, "the simulated server fails"),
        (None, "/api/versions", &Method::GET) if release.has_rpc() => match fault {
            Some(FaultKind::WrongId) => Reply::json(200, json!(["pong"]).to_string()),
            Some(FaultKind::Endless | FaultKind::EndlessFresh) => {
                Reply::json(200, json!(release.api_versions).to_string()).without_end()
            }
            _ => Reply::json(200, json!(release.api_versions).to_string()),
        },
        _ if protocol.is_some() && is_no_upgrade(fault) => match fault {
            Some(FaultKind::Giant) => Reply::text(200, ""),
            _ => Reply::text(200, "").without_end(),
        },
        _ if protocol.is_some() => Reply::text(
            400,
            "No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\".",
        ),
        _ => Reply::text(404, "404: Not Found"),
    };
    endpoint
        .shared
        .log
        .push(request(i32::from(reply.status), reply.body.len()));
    Ok(reply.into_response(moment.now, fault))
}

/// True when an upgrade is answered with a document: one that is too large, or never ends.
fn is_no_upgrade(fault: Option<FaultKind>) -> bool {
    matches!(
        fault,
        Some(FaultKind::Giant | FaultKind::Endless | FaultKind::EndlessFresh)
    )
}

fn status_of(fault: FaultKind) -> Option<u16> {
    Some(match fault {
        FaultKind::Unauthorized => 401,
        FaultKind::Forbidden => 403,
        FaultKind::NotFound => 404,
        FaultKind::Gone => 410,
        FaultKind::TooManyRequests => 429,
        FaultKind::ServerError => 500,
        _ => return None,
    })
}

fn protocol(release: &Release, path: &str) -> Option<Protocol> {
    if path == "/websocket" {
        return Some(Protocol::Legacy);
    }
    let version = path.strip_prefix("/api/")?;
    match release
        .api_versions
        .iter()
        .position(|known| *known == version)
    {
        Some(index) if index + 1 == release.api_versions.len() => Some(Protocol::Rpc),
        Some(_) => Some(Protocol::OldRpc),
        None => (version == "current" && release.has_rpc()).then_some(Protocol::Rpc),
    }
}

/// The answer to an upgrade: without its proof when it is malformed, with that of another request's key when it is the
/// wrong one.
fn switching(now: jiff::Timestamp, key: &HeaderValue, fault: Option<FaultKind>) -> Response<Body> {
    let mut response = Reply::text(101, "").into_response(now, None);
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.clear();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(hyper::header::DATE, http_date(now));
    let proved = match fault {
        Some(FaultKind::Malformed) => return response,
        Some(FaultKind::WrongId) => b"AAAAAAAAAAAAAAAAAAAAAA==",
        _ => key.as_bytes(),
    };
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(proved)) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}
