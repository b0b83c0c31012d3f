//! JSON-RPC 2.0 framing: from a text frame to a call, and from an outcome to a text frame.

use serde_json::{Value, json};

use super::failure::Failure;
use super::release::Release;

/// A call as either protocol carries it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Identifier to repeat; `None` wants no answer.
    pub(super) id: Option<Value>,
    /// Method.
    pub(super) method: String,
    /// Positional parameters.
    pub(super) params: Vec<Value>,
}

/// What a text frame leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framed {
    /// A call.
    Call(Call),
    /// An answer that needs no call.
    Reply(String),
    /// Nothing is answered.
    Silence,
}

/// Reads one text frame.
pub(super) fn read(text: &str) -> Framed {
    let message: Value = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(_) => return Framed::Reply(error(Value::Null, -32700, &parse_complaint(text))),
    };
    let Value::Object(message) = message else {
        let text = match message {
            Value::Array(_) => "Batch messages are not supported at this time",
            _ => "Invalid Message Format",
        };
        return Framed::Reply(error(Value::Null, -32700, text));
    };
    let id = message.get("id").cloned();
    let complaint = match (
        &id,
        message.get("jsonrpc"),
        message.get("method"),
        message.get("params"),
    ) {
        (_, None, ..) => "Missing 'jsonrpc' member",
        (_, Some(version), ..) if version != "2.0" => {
            "'jsonrpc' member must be of type string and must be exactly '2.0'"
        }
        (Some(id), ..) if !(id.is_null() || id.is_i64() || id.is_u64() || id.is_string()) => {
            "'id' member must be of type null, string or number"
        }
        (_, _, None, _) => "Missing 'method' member",
        (_, _, Some(method), _) if method.as_str().is_none_or(str::is_empty) => {
            "'method' member must be of type string"
        }
        (.., Some(params)) if !params.is_array() => "'params' member must be of type array",
        _ => "",
    };
    if !complaint.is_empty() {
        return id.map_or(Framed::Silence, |id| {
            Framed::Reply(error(id, -32600, complaint))
        });
    }
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

/// Writes the answer of a call.
pub(super) fn write(
    id: &Value,
    outcome: &Result<Value, Failure>,
    release: &Release,
    locals: &str,
) -> String {
    match outcome {
        // Written in place: the answer may be large, and `json!` would copy it.
        Ok(result) => format!(r#"{{"jsonrpc": "2.0", "result": {result}, "id": {id}}}"#),
        Err(failure) => {
            json!({"jsonrpc": "2.0", "error": failure.to_rpc(release, locals), "id": id})
                .to_string()
        }
    }
}

fn error(id: Value, code: i32, message: &str) -> String {
    json!({"jsonrpc": "2.0", "error": {"code": code, "message": message}, "id": id}).to_string()
}

/// The words of the server's JSON parser, for the commonest mistakes.
fn parse_complaint(text: &str) -> String {
    let start = text.len() - text.trim_start().len();
    if text.trim_start().starts_with('{') && text.trim() == "{" {
        let at = start + 1;
        return format!(
            "Expecting property name enclosed in double quotes: line 1 column {} (char {at})",
            at + 1
        );
    }
    format!(
        "Expecting value: line 1 column {} (char {start})",
        start + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_without_params_has_none_and_without_id_wants_no_answer() {
        let framed = read(r#"{"jsonrpc":"2.0","method":"core.ping"}"#);
        let call = Call {
            id: None,
            method: "core.ping".to_owned(),
            params: Vec::new(),
        };
        assert_eq!(framed, Framed::Call(call));
        assert_eq!(read(r#"{"jsonrpc":"2.0"}"#), Framed::Silence);
    }
}
