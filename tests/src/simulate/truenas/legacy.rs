//! The legacy WebSocket protocol of `/websocket`.

use serde_json::{Value, json};

use super::failure::Failure;
use super::rpc::{Call, Framed};
use crate::simulate::secret::random_text;

/// Reads one text frame; `is_connected` is whether the greeting took place, and is set by it.
pub(super) fn read(text: &str, is_connected: &mut bool) -> Framed {
    let Ok(Value::Object(message)) = serde_json::from_str::<Value>(text) else {
        return Framed::Silence;
    };
    let id = message.get("id").cloned();
    match message.get("msg").and_then(Value::as_str) {
        Some("connect") if message.get("version").and_then(Value::as_str) == Some("1") => {
            *is_connected = true;
            let session = random_text(36).unwrap_or_default();
            Framed::Reply(json!({"msg": "connected", "session": session}).to_string())
        }
        _ if !*is_connected => Framed::Reply(json!({"msg": "failed", "version": "1"}).to_string()),
        Some("method") => {
            let method = message
                .get("method")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let params = message
                .get("params")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            Framed::Call(Call { id, method, params })
        }
        Some("ping") => {
            let mut pong = json!({"msg": "pong"});
            if let Some(id) = id {
                pong["id"] = id;
            }
            Framed::Reply(pong.to_string())
        }
        Some("sub") => {
            let error = json!({"error": 13, "errname": "EACCES", "type": null, "reason": "Not authorized", "extra": null});
            Framed::Reply(json!({"msg": "nosub", "id": id, "error": error}).to_string())
        }
        _ => Framed::Silence,
    }
}

/// Writes the answer of a call.
pub(super) fn write(
    id: &Value,
    method: &str,
    outcome: &Result<Value, Failure>,
    locals: &str,
) -> String {
    match outcome {
        Ok(result) => json!({"id": id, "msg": "result", "result": result}).to_string(),
        Err(failure) => {
            json!({"id": id, "msg": "result", "error": failure.to_legacy(method, locals)})
                .to_string()
        }
    }
}
