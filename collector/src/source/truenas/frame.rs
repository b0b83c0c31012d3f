//! Both message forms of TrueNAS: JSON-RPC 2.0, and the older one of `/websocket`. Pure: text in, values out.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::source::{MAX_MESSAGE, OnIgnored, SourceError, ignored};

/// A rate limited server counts calls per minute.
const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(60);

/// Which message form a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// JSON-RPC 2.0 on `/api/current`.
    JsonRpc,
    /// The form of `/websocket`.
    Legacy,
}

/// What an incoming message is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The answer to the request with this id.
    Answer(u64),
    /// The refusal of the request with this id.
    Refusal(u64, SourceError),
    /// A message about something else.
    Notification,
}

impl Protocol {
    /// Path of the WebSocket.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::JsonRpc => "/api/current",
            Self::Legacy => "/websocket",
        }
    }

    /// Writes one request.
    pub(super) fn request(self, id: u64, method: &'static str, params: &Value) -> String {
        match self {
            Self::JsonRpc => {
                json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
            }
            Self::Legacy => {
                json!({"id": id.to_string(), "msg": "method", "method": method, "params": params})
            }
        }
        .to_string()
    }

    /// Finds out what a message is, without its result.
    pub(super) fn read(self, text: &str) -> Result<Frame, SourceError> {
        let malformed = SourceError::Malformed { what: "a message" };
        let head: Head = serde_json::from_str(text).map_err(|_| malformed.clone())?;
        let is_result = self == Self::JsonRpc || head.msg.as_deref() == Some("result");
        if head.method.is_some() || !is_result {
            return Ok(Frame::Notification);
        }
        let id = head.id.as_ref().and_then(number);
        match (id, head.error) {
            (Some(id), Some(error)) => Ok(Frame::Refusal(id, error.read())),
            (Some(id), None) => Ok(Frame::Answer(id)),
            // The server could not tell which request it refuses: whose it is, who waits finds out.
            (None, Some(error)) => Err(error.read()),
            (None, None) => Err(malformed),
        }
    }
}

/// Reads the result out of an answer.
pub(super) fn result<T: DeserializeOwned>(
    text: &str,
    what: &'static str,
    listener: Option<&OnIgnored>,
) -> Result<T, SourceError> {
    let body: Body<T> = ignored::decode(text.as_bytes(), what, listener)
        .map_err(|_| SourceError::Malformed { what })?;
    Ok(body.result)
}

#[derive(Deserialize)]
struct Body<T> {
    result: T,
}

/// The envelope of a message. The traceback of an error holds server memory: there is no field for it.
#[derive(Deserialize)]
struct Head {
    id: Option<Value>,
    msg: Option<String>,
    method: Option<String>,
    error: Option<ErrorBody>,
}

/// `code` and `data` are of JSON-RPC, the flat `error` and `errname` of the older form.
#[derive(Deserialize)]
struct ErrorBody {
    code: Option<i32>,
    data: Option<ErrorData>,
    error: Option<i32>,
    errname: Option<String>,
    extra: Option<Value>,
}

#[derive(Default, Deserialize)]
struct ErrorData {
    error: Option<i32>,
    errname: Option<String>,
    extra: Option<Value>,
}

impl ErrorBody {
    fn read(self) -> SourceError {
        let data = self.data.unwrap_or_default();
        let number = data.error.or(self.error);
        let name = data.errname.or(self.errname);
        let extra = data.extra.or(self.extra);
        match self.code {
            Some(-32601) => return SourceError::NotServed,
            Some(-32000) => {
                return SourceError::TooManyRequests {
                    retry_after: Duration::from_secs(1),
                };
            }
            _ => {}
        }
        match (name.as_deref(), number) {
            (Some("ENOTAUTHENTICATED"), _) | (_, Some(207)) => SourceError::Unauthorized,
            (Some("EACCES" | "EPERM"), _) | (_, Some(13)) => SourceError::Forbidden,
            (Some("ENOMETHOD"), _) | (_, Some(201)) => SourceError::NotServed,
            (Some("EBUSY"), _) | (_, Some(16)) => SourceError::TooManyRequests {
                retry_after: RATE_LIMIT_PAUSE,
            },
            (Some("ETOOMANYREFS"), _) => SourceError::TooManyRequests {
                retry_after: Duration::from_secs(1),
            },
            (Some("ENOENT"), _) | (_, Some(2)) => SourceError::NotFound,
            (Some("EFBIG" | "EMSGSIZE"), _) => SourceError::TooLarge {
                limit_bytes: MAX_MESSAGE,
            },
            _ if is_all_not_found(extra.as_ref()) => SourceError::NotFound,
            (_, number) => SourceError::Server {
                code: number.or(self.code).unwrap_or_default(),
            },
        }
    }
}

/// True when a validation error says for every parameter that the object is gone: `[[attribute, text, errno], ..]`.
fn is_all_not_found(extra: Option<&Value>) -> bool {
    let Some(errors) = extra
        .and_then(Value::as_array)
        .filter(|errors| !errors.is_empty())
    else {
        return false;
    };
    errors
        .iter()
        .all(|error| error.get(2).and_then(Value::as_i64) == Some(2))
}

fn number(id: &Value) -> Option<u64> {
    id.as_u64().or_else(|| id.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests;
