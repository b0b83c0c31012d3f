//! Messages as the servers send them.

use super::*;

#[track_caller]
fn check(protocol: Protocol, message: Value, expected: Frame) {
    assert_eq!(protocol.read(&message.to_string()), Ok(expected));
}

#[track_caller]
fn check_error(error: Value, expected: SourceError) {
    check(
        Protocol::JsonRpc,
        json!({"jsonrpc": "2.0", "id": 7, "error": error}),
        Frame::Refusal(7, expected),
    );
}

fn call_error(number: i32, name: &str) -> Value {
    json!({"code": -32001, "message": "Method call error", "data": {
        "error": number, "errname": name, "reason": "hidden-value",
        "trace": {"class": "CallError", "frames": [{"locals": {"params": "hidden-value"}}]}, "extra": null}})
}

#[test]
fn requests_have_the_form_of_their_protocol() {
    let request = |protocol: Protocol| -> Value {
        serde_json::from_str(&protocol.request(3, "pool.query", &json!([[], {}]))).unwrap()
    };
    assert_eq!(
        request(Protocol::JsonRpc),
        json!({"jsonrpc": "2.0", "id": 3, "method": "pool.query", "params": [[], {}]})
    );
    assert_eq!(
        request(Protocol::Legacy),
        json!({"id": "3", "msg": "method", "method": "pool.query", "params": [[], {}]})
    );
}

#[test]
fn answers_are_found_by_their_id() {
    check(
        Protocol::JsonRpc,
        json!({"jsonrpc": "2.0", "result": "pong", "id": 2}),
        Frame::Answer(2),
    );
    check(
        Protocol::Legacy,
        json!({"id": "2", "msg": "result", "result": "pong"}),
        Frame::Answer(2),
    );
    check(
        Protocol::JsonRpc,
        json!({"jsonrpc": "2.0", "result": null, "id": 2}),
        Frame::Answer(2),
    );
}

#[test]
fn notifications_are_not_answers() {
    let event =
        json!({"jsonrpc": "2.0", "method": "collection_update", "params": {"id": 2, "fields": {}}});
    check(Protocol::JsonRpc, event, Frame::Notification);
    check(
        Protocol::Legacy,
        json!({"msg": "added", "collection": "alert.list", "id": "2"}),
        Frame::Notification,
    );
    check(
        Protocol::Legacy,
        json!({"msg": "ready", "subs": ["2"]}),
        Frame::Notification,
    );
}

#[test]
fn errors_become_ours() {
    check_error(
        json!({"code": -32601, "message": "Method does not exist"}),
        SourceError::NotServed,
    );
    let pause = |seconds| SourceError::TooManyRequests {
        retry_after: Duration::from_secs(seconds),
    };
    check_error(
        json!({"code": -32000, "message": "Maximum number of concurrent calls"}),
        pause(1),
    );
    check_error(
        call_error(207, "ENOTAUTHENTICATED"),
        SourceError::Unauthorized,
    );
    check_error(call_error(13, "EACCES"), SourceError::Forbidden);
    check_error(call_error(16, "EBUSY"), pause(60));
    check_error(call_error(201, "ENOMETHOD"), SourceError::NotServed);
    check_error(call_error(2, "ENOENT"), SourceError::NotFound);
    check_error(call_error(14, "EFAULT"), SourceError::Server { code: 14 });
    check_error(
        json!({"code": -32603, "message": "x"}),
        SourceError::Server { code: -32603 },
    );
    check_error(
        json!({"code": -32001, "message": "x", "data": null}),
        SourceError::Server { code: -32001 },
    );
}

#[test]
fn validation_error_about_a_missing_object_is_told_from_a_wrong_question() {
    let invalid = |number: i32| {
        json!({"code": -32602, "message": "Invalid params", "data": {"error": 22, "errname": "EINVAL",
            "reason": "x", "trace": null, "extra": [["paths", "tank/gone does not exist", number]]}})
    };
    check_error(invalid(2), SourceError::NotFound);
    check_error(invalid(22), SourceError::Server { code: 22 });
}

#[test]
fn errors_of_the_older_form_are_read() {
    let error = |number: i32, name: Value| {
        json!({"id": "3", "msg": "result", "error": {"error": number, "errname": name, "type": null,
            "reason": "hidden-value", "trace": {"class": "x"}, "extra": null}})
    };
    check(
        Protocol::Legacy,
        error(13, json!("EACCES")),
        Frame::Refusal(3, SourceError::Forbidden),
    );
    check(
        Protocol::Legacy,
        error(207, json!(null)),
        Frame::Refusal(3, SourceError::Unauthorized),
    );
    check(
        Protocol::Legacy,
        error(22, json!("EINVAL")),
        Frame::Refusal(3, SourceError::Server { code: 22 }),
    );
}

#[test]
fn text_of_a_server_error_is_not_kept() {
    let message = json!({"jsonrpc": "2.0", "id": 7, "error": call_error(14, "EFAULT")}).to_string();
    assert!(!format!("{:?}", Protocol::JsonRpc.read(&message)).contains("hidden"));
}

#[test]
fn refusal_without_an_id_belongs_to_the_only_request() {
    let message = json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "x"}})
        .to_string();
    assert_eq!(
        Protocol::JsonRpc.read(&message),
        Err(SourceError::Server { code: -32700 })
    );
}

#[test]
fn what_is_no_message_is_malformed() {
    for text in ["", "[]", "{}", "{\"id\": 1", "null"] {
        assert!(
            matches!(
                Protocol::JsonRpc.read(text),
                Err(SourceError::Malformed { .. })
            ),
            "{text}"
        );
    }
}

#[test]
fn result_is_typed() {
    let text = r#"{"jsonrpc": "2.0", "result": 18446744073709551615, "id": 2}"#;
    assert_eq!(result::<u64>(text, "guid", None), Ok(u64::MAX));
    assert_eq!(
        result::<String>(text, "guid", None),
        Err(SourceError::Malformed { what: "guid" })
    );
    assert_eq!(
        result::<Option<String>>(r#"{"result": null}"#, "x", None),
        Ok(None)
    );
}
