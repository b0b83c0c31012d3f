//! HTTP answers, whole and broken: the bodies behind the fault kinds, and the `Date` header.

use std::io;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::Response;
use hyper::body::{Bytes, Frame};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use jiff::Timestamp;

use crate::world::FaultKind;

/// A body of any shape.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the simulated server hangs up")]
pub(super) struct HangUp;

/// Size of an answer that no client should accept.
pub(super) const GIANT_BYTES: usize = 20 << 20;

/// A dripped answer: twenty bytes a second, so that even the shortest one takes longer than a client should wait.
pub(super) const DRIP_BYTES: usize = 1;

/// The pause after each piece of a dripped answer.
pub(super) const DRIP_PAUSE: Duration = Duration::from_millis(50);

/// One piece of an answer that has no end.
pub(super) const ENDLESS_PIECE: usize = 1 << 16;

/// What to send, before faults are applied.
pub(super) struct Reply {
    /// HTTP status.
    pub(super) status: u16,
    /// `Content-Type`.
    pub(super) content_type: &'static str,
    /// Whole body.
    pub(super) body: Bytes,
    /// Further headers.
    pub(super) headers: Vec<(HeaderName, &'static str)>,
    /// True when the body never ends.
    pub(super) is_endless: bool,
}

impl Reply {
    /// A JSON answer.
    pub(super) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type: "application/json",
            body: body.into(),
            headers: Vec::new(),
            is_endless: false,
        }
    }

    /// A plain text answer.
    pub(super) fn text(status: u16, body: &'static str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: body.into(),
            headers: Vec::new(),
            is_endless: false,
        }
    }

    /// The same with a body that begins in the same way and never ends.
    pub(super) fn without_end(mut self) -> Self {
        self.is_endless = true;
        self
    }

    /// Asks the client to wait.
    pub(super) fn retry_after(mut self, seconds: &'static str) -> Self {
        self.headers.push((RETRY_AFTER, seconds));
        self
    }

    /// Turns the reply into a response, broken as the fault says; `None` sends it whole.
    pub(super) fn into_response(self, now: Timestamp, fault: Option<FaultKind>) -> Response<Body> {
        let n_bytes = self.body.len();
        let body = match fault {
            _ if self.is_endless => endless(self.body),
            Some(FaultKind::Drip) => drip(self.body),
            Some(FaultKind::Cut) => cut(&self.body),
            Some(FaultKind::Giant) => giant(),
            Some(FaultKind::Malformed) => full(self.body.slice(..n_bytes / 2)),
            _ => full(self.body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = hyper::StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(DATE, http_date(now));
        for (name, value) in self.headers {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if fault == Some(FaultKind::Cut) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(n_bytes + 1));
        }
        response
    }
}

/// The time of the world in the form of an HTTP header.
pub(super) fn http_date(now: Timestamp) -> HeaderValue {
    let text = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .unwrap_or_default();
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn full(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

fn drip(bytes: Bytes) -> Body {
    let pieces = (0..bytes.len())
        .step_by(DRIP_BYTES)
        .map(move |start| bytes.slice(start..bytes.len().min(start + DRIP_BYTES)));
    let frames = stream::iter(pieces.collect::<Vec<_>>()).then(|piece| async move {
        tokio::time::sleep(DRIP_PAUSE).await;
        Ok(Frame::data(piece))
    });
    StreamBody::new(frames).boxed_unsync()
}

fn cut(bytes: &Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let frames = stream::iter([Ok(Frame::data(half))]).chain(stream::once(async {
        tokio::time::sleep(DRIP_PAUSE).await;
        Err(io::Error::other("cut"))
    }));
    StreamBody::new(frames).boxed_unsync()
}

/// The bytes but for the last, which would end a document, and then white space for ever.
fn endless(bytes: Bytes) -> Body {
    let head = bytes.slice(..bytes.len().saturating_sub(1));
    let padding = Bytes::from(vec![b' '; ENDLESS_PIECE]);
    let pieces = std::iter::once(head).chain(std::iter::repeat(padding));
    StreamBody::new(stream::iter(pieces.map(|piece| Ok(Frame::data(piece))))).boxed_unsync()
}

fn giant() -> Body {
    let head = Bytes::from_static(b"{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"");
    let padding = Bytes::from(vec![b'x'; 1 << 16]);
    let n_pieces = GIANT_BYTES / padding.len();
    let pieces = [head]
        .into_iter()
        .chain(std::iter::repeat_n(padding, n_pieces))
        .chain([Bytes::from_static(b"\"}}]}")]);
    StreamBody::new(stream::iter(pieces.map(|piece| Ok(Frame::data(piece))))).boxed_unsync()
}
