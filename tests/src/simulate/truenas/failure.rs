//! How an appliance says no, in both protocols.

use serde_json::{Value, json};

use super::release::Release;

/// One line of a validation error: attribute, message, errno.
pub(super) type Complaint = (String, String, i32);

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// There is no such method.
    NoMethod,
    /// More than 20 calls at once.
    TooManyCalls,
    /// The arguments are not valid.
    Invalid {
        /// Whole text.
        reason: String,
        /// One entry per complaint.
        complaints: Vec<Complaint>,
    },
    /// The method itself failed.
    Call {
        /// Number of the error.
        errno: i32,
        /// Its name.
        errname: &'static str,
        /// Class of the exception.
        class: &'static str,
        /// Text.
        reason: String,
    },
}

/// Number of `EINVAL`.
pub(super) const EINVAL: i32 = 22;

impl Failure {
    /// An error of the usual class, `[NAME] text`.
    pub(super) fn call(errno: i32, errname: &'static str, text: &str) -> Self {
        Self::Call {
            errno,
            errname,
            class: "CallError",
            reason: format!("[{errname}] {text}"),
        }
    }

    /// No login yet.
    pub(super) fn not_authenticated() -> Self {
        Self::call(207, "ENOTAUTHENTICATED", "Not authenticated")
    }

    /// No role for this.
    pub(super) fn not_authorized() -> Self {
        Self::call(13, "EACCES", "Not authorized")
    }

    /// Too many calls before login.
    pub(super) fn rate_limited() -> Self {
        Self::call(16, "EBUSY", "Rate Limit Exceeded")
    }

    /// An exception nobody foresaw: its text is passed on as it is.
    pub(super) fn exception(class: &'static str, reason: impl Into<String>) -> Self {
        Self::Call {
            errno: EINVAL,
            errname: "EINVAL",
            class,
            reason: reason.into(),
        }
    }

    /// `get` found nothing.
    pub(super) fn no_match() -> Self {
        Self::exception("MatchNotFound", "MatchNotFound()")
    }

    /// Arguments that the model refuses.
    pub(super) fn invalid(complaints: Vec<Complaint>) -> Self {
        let reason = complaints
            .iter()
            .map(|(attribute, text, _)| format!("[EINVAL] {attribute}: {text}\n"))
            .collect();
        Self::Invalid { reason, complaints }
    }

    /// One argument that the model refuses.
    pub(super) fn invalid_argument(attribute: &str, text: impl Into<String>) -> Self {
        Self::invalid(vec![(attribute.to_owned(), text.into(), EINVAL)])
    }

    /// A single validation error raised by the method itself.
    pub(super) fn refused(attribute: &str, text: &str, errno: i32, errname: &str) -> Self {
        Self::Invalid {
            reason: format!("[{errname}] {attribute}: {text}"),
            complaints: vec![(attribute.to_owned(), text.to_owned(), errno)],
        }
    }

    /// Code of JSON-RPC.
    pub(super) fn code(&self) -> i32 {
        match self {
            Self::NoMethod => -32601,
            Self::TooManyCalls => -32000,
            Self::Invalid { .. } => -32602,
            Self::Call { .. } => -32001,
        }
    }

    /// The `error` member of a JSON-RPC answer. `locals` is what the server's frames would show: real ones hold secrets.
    pub(super) fn to_rpc(&self, release: &Release, locals: &str) -> Value {
        match self {
            Self::NoMethod => json!({"code": self.code(), "message": "Method does not exist"}),
            Self::TooManyCalls => {
                json!({"code": self.code(), "message": "Maximum number of concurrent calls (20) has exceeded"})
            }
            Self::Invalid { reason, complaints } => json!({
                "code": self.code(), "message": "Invalid params",
                "data": {
                    "error": EINVAL, "errname": "EINVAL", "reason": reason, "extra": complaints,
                    "trace": trace("ValidationErrors", reason, release, locals),
                },
            }),
            Self::Call {
                errno,
                errname,
                class,
                reason,
            } => json!({
                "code": self.code(), "message": "Method call error",
                "data": {
                    "error": errno, "errname": errname, "reason": reason, "extra": null,
                    "trace": trace(class, reason, release, locals),
                },
            }),
        }
    }

    /// The `error` member of a legacy answer.
    pub(super) fn to_legacy(&self, method: &str, locals: &str) -> Value {
        let entry = |errno: i32,
                     errname: &str,
                     kind: Value,
                     class: &str,
                     reason: &str,
                     extra: Value| {
            json!({
                "error": errno, "errname": errname, "type": kind, "reason": reason, "extra": extra,
                "trace": {
                    "class": class, "frames": frames(class, locals), "formatted": format!("Traceback\n{class}: {reason}"),
                    "repr": format!("{class}('{reason}')"),
                },
            })
        };
        match self {
            Self::NoMethod => {
                let reason = format!("[ENOMETHOD] Method '{method}' not found");
                entry(
                    201,
                    "ENOMETHOD",
                    Value::Null,
                    "CallError",
                    &reason,
                    Value::Null,
                )
            }
            Self::TooManyCalls => entry(
                109,
                "ETOOMANYREFS",
                Value::Null,
                "CallError",
                "Maximum number of concurrent calls (20) has exceeded.",
                Value::Null,
            ),
            Self::Invalid { reason, complaints } => entry(
                EINVAL,
                "EINVAL",
                json!("VALIDATION"),
                "ValidationErrors",
                reason,
                json!(complaints),
            ),
            Self::Call {
                errno,
                errname,
                class,
                reason,
            } => entry(*errno, errname, Value::Null, class, reason, Value::Null),
        }
    }
}

fn trace(class: &str, reason: &str, release: &Release, locals: &str) -> Value {
    let mut trace = json!({
        "class": class, "formatted": format!("Traceback (most recent call last):\n{class}: {reason}"),
        "repr": format!("{class}({reason:?})"),
    });
    if release.has_frames {
        trace["frames"] = frames(class, locals);
    }
    trace
}

fn frames(class: &str, locals: &str) -> Value {
    json!([{
        "filename": "middlewared/main.py", "lineno": 925, "method": "authorize_method_call", "line": format!("raise {class}\n"),
        "argspec": ["self", "app", "method_name", "methodobj", "params"], "locals": {"app": locals, "self": "<Middleware>"},
    }])
}
