//! One WebSocket connection: size limits, login state, concurrency, faults, and the proxy's idle cut.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::appliance::Appliance;
use super::failure::Failure;
use super::legacy;
use super::login::{self, LoginState, Presented};
use super::methods;
use super::outgoing::Outgoing;
use super::rpc::{self, Call, Framed};
use super::snapshots::Walked;
use super::web::{Endpoint, Transport};
use crate::simulate::Request;
use crate::simulate::answer::GIANT_BYTES;
use crate::simulate::server::Moment;
use crate::world::{FaultKind, Side};

const MAX_ANONYMOUS: usize = 8192;
const MAX_AUTHENTICATED: usize = 65_536;
const MAX_CALLS: usize = 20;
const MAX_RUNNING: usize = 10;
const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(1);

/// Channel binding data of a certificate that no server here has.
const OTHER_END_POINT: [u8; 32] = [0; 32];

/// What walking one snapshot costs the server, before any property is read.
const WALK_NANOSECONDS: u64 = 100;

/// Which of the two protocols a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// JSON-RPC on the newest interface.
    Rpc,
    /// JSON-RPC on an older interface of the same server.
    OldRpc,
    /// `/websocket`.
    Legacy,
}

/// How a connection was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    /// What it speaks.
    pub(super) protocol: Protocol,
    /// What carries it.
    pub(super) transport: Transport,
    /// What struck the upgrade.
    pub(super) fault: Option<FaultKind>,
}

/// One connection.
struct Session {
    endpoint: Arc<Endpoint>,
    protocol: Protocol,
    transport: Transport,
    login: Mutex<LoginState>,
    n_calls: AtomicUsize,
    running: Semaphore,
    /// What is wrong with every answer.
    fault: Option<FaultKind>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
}

/// Serves a connection until either side ends it.
pub(super) async fn run<S>(
    mut socket: WebSocketStream<S>,
    endpoint: Arc<Endpoint>,
    opening: Opening,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (outgoing, mut waiting) = mpsc::unbounded_channel();
    let idle_limit = endpoint.idle_limit();
    let session = Arc::new(Session {
        endpoint,
        protocol: opening.protocol,
        transport: opening.transport,
        login: Mutex::default(),
        n_calls: AtomicUsize::new(0),
        running: Semaphore::new(MAX_RUNNING),
        fault: opening.fault.filter(|fault| *fault == FaultKind::Drip),
        outgoing,
    });
    let mut is_greeted = false;
    let mut last_sent = Instant::now();
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => session.take(&text, &mut is_greeted),
                Some(Ok(Message::Ping(_))) => last_sent = Instant::now(),
                Some(Ok(Message::Binary(_))) => session.send(Outgoing::Close(1003, "Invalid websocket message type: BINARY")),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return,
            },
            Some(next) = waiting.recv() => {
                last_sent = Instant::now();
                if !next.send(&mut socket).await {
                    return;
                }
            }
            () = sleep_until(last_sent + idle_limit) => return,
        }
    }
}

impl Session {
    fn send(&self, outgoing: Outgoing) {
        // The receiver is gone only when the connection is.
        let _ = self.outgoing.send(outgoing);
    }

    /// Takes one text frame.
    fn take(self: &Arc<Self>, text: &str, is_greeted: &mut bool) {
        let is_done = login::is_done(&self.login);
        if !is_done && text.len() > MAX_ANONYMOUS {
            return self.send(Outgoing::Close(
                1007,
                "Anonymous connection max message length is 8 kB",
            ));
        }
        if text.len() > MAX_AUTHENTICATED {
            return self.send(Outgoing::Close(1009, "Max message length is 64 kB"));
        }
        let framed = match self.protocol {
            Protocol::Legacy => legacy::read(text, is_greeted),
            Protocol::Rpc | Protocol::OldRpc => rpc::read(text),
        };
        match framed {
            Framed::Silence => {}
            Framed::Reply(reply) if self.fault.is_some() => self.send(Outgoing::Drip(reply)),
            Framed::Reply(reply) => self.send(Outgoing::Text(reply)),
            Framed::Call(call) => {
                let session = Arc::clone(self);
                let n_calls = self.n_calls.fetch_add(1, Ordering::Relaxed);
                drop(tokio::spawn(async move {
                    session.answer(call, n_calls >= MAX_CALLS).await;
                    session.n_calls.fetch_sub(1, Ordering::Relaxed);
                }));
            }
        }
    }

    async fn answer(self: &Arc<Self>, call: Call, is_too_many: bool) {
        let moment = self.endpoint.shared.moment();
        let place = &self.endpoint.place.name;
        let Some(appliance) = moment.appliances.get(place).cloned() else {
            return self.send(Outgoing::Drop);
        };
        let step = login::step(&call.method, &call.params);
        let names = [Some(call.method.as_str()), step.as_deref()];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        let struck = moment.faults.strike_any(Side::Truenas, place, &names);
        let fault = struck.or(self.fault);
        let mut request = Request {
            source: Side::Truenas,
            place: place.clone(),
            method: call.method.clone(),
            detail: shown(&call),
            status: -1,
            n_bytes: 0,
            n_walked: 0,
        };
        match fault {
            Some(FaultKind::Refuse) => {
                self.endpoint.shared.log.push(request);
                return self.send(Outgoing::Drop);
            }
            Some(FaultKind::Hang) => {
                self.endpoint.shared.log.push(request);
                return std::future::pending().await;
            }
            _ => {}
        }
        let outcome = match self.permit(&appliance, &call, is_too_many).await {
            Err(failure) => Err(failure),
            Ok(()) => self.run_call(&appliance, &moment, &call, fault).await,
        };
        let n_walked = outcome.as_ref().map_or(0, |(_, n_walked)| *n_walked);
        if n_walked > 0 {
            sleep(Duration::from_nanos(WALK_NANOSECONDS * n_walked as u64)).await;
        }
        let outcome = outcome.map(|(value, _)| value);
        request.status = outcome.as_ref().map_or_else(Failure::code, |_| 0);
        let mut call = call;
        if fault == Some(FaultKind::WrongId) {
            call.id = call.id.as_ref().map(another);
        }
        let is_endless = is_endless(fault) && limit(&call.params).is_none();
        let text = self.write(&appliance, call, outcome).await;
        request.n_bytes = text.as_ref().map_or(0, String::len);
        request.n_walked = n_walked;
        self.endpoint.shared.log.push(request);
        let Some(text) = text else {
            return;
        };
        self.send(match fault {
            _ if is_endless => Outgoing::Endless(half(&text)),
            Some(FaultKind::Drip) => Outgoing::Drip(text),
            Some(FaultKind::Cut) => Outgoing::Cut(text),
            Some(FaultKind::Malformed) => Outgoing::Text(half(&text)),
            _ => Outgoing::Text(text),
        });
    }

    /// Checks that the method exists and that this caller may call it now.
    async fn permit(
        &self,
        appliance: &Appliance,
        call: &Call,
        is_too_many: bool,
    ) -> Result<(), Failure> {
        let method = call.method.as_str();
        if self.protocol == Protocol::OldRpc && method == "auth.login_with_api_key" {
            return Err(Failure::call(
                201,
                "ENOMETHOD",
                &format!("Method '{method}' not found"),
            ));
        }
        let access = appliance.methods.access(method).ok_or(Failure::NoMethod)?;
        if is_too_many {
            return Err(Failure::TooManyCalls);
        }
        if login::is_done(&self.login) {
            return if appliance.grant.permits(method, access) {
                Ok(())
            } else {
                Err(Failure::not_authorized())
            };
        }
        if !access.is_open {
            return Err(Failure::not_authenticated());
        }
        let world = self.endpoint.shared.moment().now.to_string();
        if appliance.release().has_rate_limit && self.endpoint.limit.is_exceeded(&world, method) {
            sleep(RATE_LIMIT_PAUSE).await;
            return Err(Failure::rate_limited());
        }
        Ok(())
    }

    async fn run_call(
        self: &Arc<Self>,
        appliance: &Arc<Appliance>,
        moment: &Arc<Moment>,
        call: &Call,
        fault: Option<FaultKind>,
    ) -> Result<Walked, Failure> {
        let is_login = call.method.starts_with("auth.login");
        let api_key = self.endpoint.credential.api_key();
        let faulted = fault.and_then(|fault| faulted(fault, &call.method, is_login, api_key));
        if let Some(outcome) = faulted {
            return outcome.map(|value| (value, 0));
        }
        let limit = limit(&call.params).filter(|_| is_endless(fault));
        let _permit = self.running.acquire().await;
        let (session, appliance, _moment) =
            (Arc::clone(self), Arc::clone(appliance), Arc::clone(moment));
        let (method, mut params) = (call.method.clone(), call.params.clone());
        if let Some(filters) = params.first_mut().filter(|_| limit.is_some()) {
            *filters = json!([]);
        }
        let work = tokio::task::spawn_blocking(move || match method.as_str() {
            "auth.login_ex" => session
                .login_ex(&appliance, &params, fault)
                .map(|value| (value, 0)),
            "auth.login_with_api_key" => {
                login::login_with_api_key(&appliance, &session.presented(), &session.login, &params)
                    .map(|value| (value, 0))
            }
            method => methods::call(&appliance, method, &params),
        });
        let outcome = work
            .await
            .unwrap_or_else(|error| Err(Failure::exception("RuntimeError", error.to_string())));
        outcome.map(|(value, n_walked)| match limit {
            Some(limit) => (repeated(value, limit), n_walked),
            None => (value, n_walked),
        })
    }

    fn login_ex(
        &self,
        appliance: &Appliance,
        params: &[Value],
        fault: Option<FaultKind>,
    ) -> Result<Value, Failure> {
        let mut presented = self.presented();
        if fault == Some(FaultKind::WrongBinding) {
            presented.end_point = &OTHER_END_POINT;
        }
        let answer = login::login_ex(appliance, &presented, &self.login, params)?;
        Ok(match fault {
            Some(FaultKind::WrongProof) => login::unproven(answer),
            _ => answer,
        })
    }

    /// What a login on this connection is checked against.
    fn presented(&self) -> Presented<'_> {
        Presented {
            credential: &self.endpoint.credential,
            end_point: &self.endpoint.end_point,
            transport: self.transport,
        }
    }

    /// Writes the answer; `None` when the caller wants none.
    async fn write(
        &self,
        appliance: &Arc<Appliance>,
        call: Call,
        outcome: Result<Value, Failure>,
    ) -> Option<String> {
        let id = match (&call.id, self.protocol) {
            (Some(id), _) => id.clone(),
            (None, Protocol::Legacy) => Value::Null,
            (None, _) => return None,
        };
        let release = appliance.release();
        let locals = format!(
            "<App user='{}' api_key='{}'>",
            appliance.user,
            self.endpoint.credential.api_key()
        );
        let is_legacy = self.protocol == Protocol::Legacy;
        let work = tokio::task::spawn_blocking(move || {
            if is_legacy {
                legacy::write(&id, &call.method, &outcome, &locals)
            } else {
                rpc::write(&id, &outcome, release, &locals)
            }
        });
        work.await.ok()
    }
}

/// The outcome that a fault puts in the place of the call's own.
///
/// Middleware quotes the arguments of the call that failed, so the server's own failure names the key.
fn faulted(
    fault: FaultKind,
    method: &str,
    is_login: bool,
    api_key: &str,
) -> Option<Result<Value, Failure>> {
    Some(match (fault, is_login) {
        (FaultKind::Unauthorized | FaultKind::Forbidden | FaultKind::Gone, true)
            if method == "auth.login_with_api_key" =>
        {
            Ok(json!(false))
        }
        (FaultKind::Unauthorized, true) => Ok(json!({"response_type": "AUTH_ERR"})),
        (FaultKind::Forbidden, true) => Ok(json!({"response_type": "DENIED"})),
        (FaultKind::Gone, true) => Ok(json!({"response_type": "EXPIRED"})),
        (FaultKind::Unauthorized, false) => Err(Failure::not_authenticated()),
        (FaultKind::Forbidden, false) => Err(Failure::not_authorized()),
        (FaultKind::Gone, false) => Err(Failure::call(13, "EACCES", "Session is expired")),
        (FaultKind::NotFound, _) => Err(Failure::NoMethod),
        (FaultKind::TooManyRequests, _) => Err(Failure::rate_limited()),
        (FaultKind::ServerError, _) => {
            let text = format!("the simulated server fails for key {api_key}");
            Err(Failure::call(14, "EFAULT", &text))
        }
        (FaultKind::Giant, _) => Ok(json!("x".repeat(GIANT_BYTES))),
        _ => return None,
    })
}

fn is_endless(fault: Option<FaultKind>) -> bool {
    matches!(fault, Some(FaultKind::Endless | FaultKind::EndlessFresh))
}

/// Rows that a call asks for at once.
fn limit(params: &[Value]) -> Option<u64> {
    params.get(1)?.get("limit")?.as_u64()
}

/// The id of a request that nobody sent.
fn another(id: &Value) -> Value {
    match id {
        Value::String(text) => json!(format!("{text}000")),
        id => json!(id.as_u64().unwrap_or_default() + 1_000_000),
    }
}

/// As many rows as were asked for, again and again the same ones.
fn repeated(rows: Value, limit: u64) -> Value {
    let Value::Array(rows) = rows else {
        return rows;
    };
    let n_rows = if rows.is_empty() {
        0
    } else {
        usize::try_from(limit).unwrap_or(usize::MAX)
    };
    Value::Array(rows.into_iter().cycle().take(n_rows).collect())
}

/// Parameters as the log shows them: without credentials.
fn shown(call: &Call) -> String {
    if call.method.starts_with("auth.login") {
        let mut params = call.params.clone();
        for param in &mut params {
            if param.is_string() {
                *param = json!("[secret]");
            }
            for name in ["api_key", "password", "token", "otp_token", "rfc_str"] {
                if let Some(field) = param.get_mut(name) {
                    *field = json!("[secret]");
                }
            }
        }
        return Value::Array(params).to_string();
    }
    Value::Array(call.params.clone()).to_string()
}

fn half(text: &str) -> String {
    let mut end = text.len() / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
