//! One WebSocket connection: answers are found by the ids of their requests, the line is kept alive meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::source::truenas::frame::{self, Frame, Protocol};
use crate::source::truenas::method::PING;
use crate::source::truenas::{Method, TruenasAccess};
use crate::source::{
    Budget, MAX_MESSAGE, NetworkKind, OnEnd, OnIgnored, OnRequest, SourceError, TlsKind,
    USER_AGENT, fault, sent, tls,
};

/// What the server reads before the login, in bytes.
const MAX_LOGIN: usize = 8 * 1024;

/// What the server reads after the login, in bytes.
const MAX_REQUEST: usize = 64 * 1024;

/// An open connection.
pub(super) struct Wire {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    protocol: Protocol,
    ping_every: Duration,
    budget: Arc<Budget>,
    on_request: Option<OnRequest>,
    on_end: Option<OnEnd>,
    on_ignored: Option<OnIgnored>,
    last_id: u64,
    in_flight: BTreeMap<u64, sent::InFlight>,
    pings: BTreeSet<u64>,
    max_request: usize,
    is_open: bool,
}

impl Wire {
    /// Connects: TCP, TLS, WebSocket; also gives the server's certificate.
    pub(super) async fn open(
        access: &TruenasAccess,
        config: ClientConfig,
        protocol: Protocol,
    ) -> Result<(Self, CertificateDer<'static>), SourceError> {
        let (budget, timeouts) = (&access.budget, &access.timeouts);
        let connect = tls::connect(access.host(), access.port(), Arc::new(config), timeouts);
        let stream = budget.within(timeouts.connect * 2, connect).await?;
        let leaf = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(<[_]>::first)
            .cloned();
        let leaf = leaf.ok_or(TlsKind::Handshake)?;
        let upgrade = upgrade(access, protocol, stream);
        let socket = budget.within(timeouts.login, upgrade).await?;
        let mut wire = Self {
            socket,
            protocol,
            ping_every: access.timeouts.ping,
            budget: Arc::clone(&access.budget),
            on_request: access.on_request.clone(),
            on_end: access.on_end.clone(),
            on_ignored: access.on_ignored.clone(),
            last_id: 0,
            in_flight: BTreeMap::new(),
            pings: BTreeSet::new(),
            max_request: MAX_LOGIN,
            is_open: true,
        };
        if protocol == Protocol::Legacy {
            budget.within(timeouts.login, wire.greet()).await?;
        }
        Ok((wire, leaf))
    }

    /// False after an error of the connection.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Gives the connection up, with all calls in flight.
    pub(super) fn give_up(&mut self) {
        self.is_open = false;
        self.lost(&NetworkKind::Closed.into());
    }

    /// After the login the server reads longer messages.
    pub(super) fn logged_in(&mut self) {
        self.max_request = MAX_REQUEST;
    }

    /// Calls a method and waits for its answer, at most `limit`.
    pub(super) async fn exchange<T: DeserializeOwned>(
        &mut self,
        method: &'static Method,
        params: &Value,
        limit: Duration,
    ) -> Result<T, SourceError> {
        let id = self.post(method, params, limit).await?;
        match self.answer(limit).await? {
            (found, answer) if found == id => self.result(method, &answer?),
            _ => Err(SourceError::WrongId),
        }
    }

    /// Sends a call; its answer comes out of [`Wire::answer`] under the id that is given back.
    pub(super) async fn post(
        &mut self,
        method: &'static Method,
        params: &Value,
        limit: Duration,
    ) -> Result<u64, SourceError> {
        if !self.is_open {
            return Err(NetworkKind::Closed.into());
        }
        self.budget.check()?;
        let id = self.next_id();
        let request = self.protocol.request(id, method.name(), params);
        if request.len() > self.max_request {
            return Err(SourceError::RequestTooLarge {
                limit_bytes: self.max_request,
            });
        }
        sent::tell(
            self.on_request.as_ref(),
            "truenas",
            method.verb(),
            method.name().to_owned(),
        );
        let in_flight = sent::begin(self.on_end.as_ref(), "truenas", method.name());
        self.in_flight.insert(id, in_flight);
        // Open again only when it is sent: whatever fails or gives up in the middle leaves it closed.
        self.is_open = false;
        let budget = Arc::clone(&self.budget);
        let sent = budget.within(limit, self.send(request)).await;
        sent.inspect_err(|error| self.lost(error))?;
        self.is_open = true;
        Ok(id)
    }

    /// Waits for the next answer to any call, at most `limit`. The outer error is the connection's, the inner one the
    /// server's refusal.
    pub(super) async fn answer(
        &mut self,
        limit: Duration,
    ) -> Result<(u64, Result<Utf8Bytes, SourceError>), SourceError> {
        if !self.is_open {
            return Err(NetworkKind::Closed.into());
        }
        self.is_open = false;
        let budget = Arc::clone(&self.budget);
        let answered = budget.within(limit, self.next_answer()).await;
        let (id, answer) = answered.inspect_err(|error| self.lost(error))?;
        self.is_open = true;
        if let Some(in_flight) = self.in_flight.remove(&id) {
            let n_bytes = answer.as_ref().map_or(0, |text| text.len());
            in_flight.end(n_bytes, answer.as_ref().err());
        }
        Ok((id, answer))
    }

    /// Reads the result out of the answer to a call.
    pub(super) fn result<T: DeserializeOwned>(
        &self,
        method: &'static Method,
        answer: &str,
    ) -> Result<T, SourceError> {
        frame::result(answer, method.name(), self.on_ignored.as_ref())
    }

    /// All calls in flight end with the connection.
    fn lost(&mut self, error: &SourceError) {
        for (_, in_flight) in std::mem::take(&mut self.in_flight) {
            in_flight.end(0, Some(error));
        }
    }

    /// Says goodbye; whatever fails then does not matter.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(2), self.socket.close(None)).await;
    }

    async fn next_answer(&mut self) -> Result<(u64, Result<Utf8Bytes, SourceError>), SourceError> {
        let mut next_ping = Instant::now() + self.ping_every;
        loop {
            let text = tokio::select! {
                text = self.receive() => text?,
                () = tokio::time::sleep_until(next_ping) => {
                    next_ping += self.ping_every;
                    self.ping().await?;
                    continue;
                }
            };
            match self.protocol.read(&text)? {
                Frame::Answer(id) if self.in_flight.contains_key(&id) => return Ok((id, Ok(text))),
                Frame::Refusal(id, error) if self.in_flight.contains_key(&id) => {
                    return Ok((id, Err(error)));
                }
                Frame::Answer(id) | Frame::Refusal(id, _) if self.pings.remove(&id) => {}
                Frame::Answer(_) | Frame::Refusal(..) => return Err(SourceError::WrongId),
                Frame::Notification => {}
            }
        }
    }

    async fn ping(&mut self) -> Result<(), SourceError> {
        let id = self.next_id();
        self.pings.insert(id);
        sent::tell(
            self.on_request.as_ref(),
            "truenas",
            PING.verb(),
            PING.name().to_owned(),
        );
        self.send(
            self.protocol
                .request(id, PING.name(), &Value::Array(Vec::new())),
        )
        .await
    }

    async fn send(&mut self, text: String) -> Result<(), SourceError> {
        self.socket
            .send(Message::text(text))
            .await
            .map_err(|error| from_websocket(&error))
    }

    /// The next text message; control messages are answered by the library.
    async fn receive(&mut self) -> Result<Utf8Bytes, SourceError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    self.budget.spend(text.len())?;
                    return Ok(text);
                }
                Some(Ok(Message::Close(reason))) => {
                    return Err(closed(reason.map(|reason| reason.code)));
                }
                Some(Ok(Message::Binary(_))) => {
                    return Err(SourceError::Malformed { what: "a message" });
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(from_websocket(&error)),
                None => return Err(NetworkKind::Closed.into()),
            }
        }
    }

    /// The first exchange of the older form.
    async fn greet(&mut self) -> Result<(), SourceError> {
        self.send(r#"{"msg":"connect","version":"1","support":["1"]}"#.to_owned())
            .await?;
        let malformed = SourceError::Malformed {
            what: "the greeting",
        };
        let greeting: Greeting =
            serde_json::from_str(&self.receive().await?).map_err(|_| malformed.clone())?;
        if greeting.msg == "connected" {
            Ok(())
        } else {
            Err(malformed)
        }
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

#[derive(Deserialize)]
struct Greeting {
    msg: String,
}

async fn upgrade(
    access: &TruenasAccess,
    protocol: Protocol,
    stream: TlsStream<TcpStream>,
) -> Result<WebSocketStream<TlsStream<TcpStream>>, SourceError> {
    let url = format!("wss://{}{}", access.authority(), protocol.path());
    let mut request = url
        .into_client_request()
        .map_err(|_| NetworkKind::NoAddress)?;
    request
        .headers_mut()
        .insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let connected = client_async_with_config(request, stream, Some(config)).await;
    connected
        .map(|(socket, _)| socket)
        .map_err(|error| from_websocket(&error))
}

fn from_websocket(error: &Error) -> SourceError {
    match error {
        Error::Io(error) => fault::from_io(error),
        Error::Capacity(_) => SourceError::TooLarge {
            limit_bytes: MAX_MESSAGE,
        },
        Error::Http(answer) => match answer.status().as_u16() {
            401 | 403 => SourceError::Forbidden,
            status => SourceError::Server {
                code: i32::from(status),
            },
        },
        Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_) => {
            NetworkKind::Closed.into()
        }
        _ => NetworkKind::Other.into(),
    }
}

fn closed(code: Option<CloseCode>) -> SourceError {
    match code {
        // The list of addresses that may use the interface.
        Some(CloseCode::Policy) => SourceError::Forbidden,
        Some(CloseCode::Size | CloseCode::Invalid) => SourceError::RequestTooLarge {
            limit_bytes: MAX_REQUEST,
        },
        _ => NetworkKind::Closed.into(),
    }
}
