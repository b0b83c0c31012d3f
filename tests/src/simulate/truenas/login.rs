//! Logins with an API key: plain, legacy and SCRAM.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

use super::appliance::Appliance;
use super::failure::Failure;
use super::methods::me;
use super::query_options::expect_at_most;
use super::release::Release;
use super::scram::{ITERATIONS, Pending, Verifier};
use super::web::Transport;
use crate::simulate::secret::random_bytes;

/// The API key of an appliance.
pub(crate) struct Credential {
    api_key: String,
    verifier: OnceLock<Verifier>,
    is_revoked: AtomicBool,
}

/// What a login is checked against.
pub(super) struct Presented<'a> {
    /// The key.
    pub(super) credential: &'a Credential,
    /// Channel binding data of the certificate.
    pub(super) end_point: &'a [u8],
    /// What carries the connection.
    pub(super) transport: Transport,
}

/// How far a connection's login is.
#[derive(Default)]
pub(super) enum LoginState {
    /// Nobody tried.
    #[default]
    New,
    /// A login failed: this connection is spent.
    Failed,
    /// SCRAM waits for its second message.
    Pending(Box<Pending>),
    /// Logged in.
    Done,
}

impl Credential {
    /// Takes the key `ID-KEY`.
    pub(crate) fn new(api_key: String) -> Self {
        Self {
            api_key,
            verifier: OnceLock::new(),
            is_revoked: AtomicBool::new(false),
        }
    }

    /// The key as clients send it.
    pub(super) fn api_key(&self) -> &str {
        &self.api_key
    }

    /// True when the key may be used; one that came over a plain transport may never be used again, nor this time.
    fn is_usable(&self, release: &Release, transport: Transport) -> bool {
        if transport == Transport::Plain && release.has_rpc() {
            self.is_revoked.store(true, Ordering::Relaxed);
        }
        !self.is_revoked.load(Ordering::Relaxed)
    }

    fn parts(&self) -> (&str, &str) {
        self.api_key.split_once('-').unwrap_or(("1", &self.api_key))
    }

    fn verifier(&self) -> &Verifier {
        let (_, password) = self.parts();
        let salt = || random_bytes(16).unwrap_or_else(|_| vec![7; 16]);
        self.verifier
            .get_or_init(|| Verifier::new(password, salt(), ITERATIONS))
    }
}

/// Answers `auth.login_with_api_key`.
pub(super) fn login_with_api_key(
    appliance: &Appliance,
    presented: &Presented<'_>,
    state: &Mutex<LoginState>,
    params: &[Value],
) -> Result<Value, Failure> {
    expect_at_most(params, 1)?;
    let credential = presented.credential;
    let is_known = params.first().and_then(Value::as_str) == Some(credential.api_key());
    let is_right = is_known && credential.is_usable(appliance.release(), presented.transport);
    set(
        state,
        if is_right {
            LoginState::Done
        } else {
            LoginState::Failed
        },
    );
    Ok(json!(is_right))
}

/// Answers `auth.login_ex`.
pub(super) fn login_ex(
    appliance: &Appliance,
    presented: &Presented<'_>,
    state: &Mutex<LoginState>,
    params: &[Value],
) -> Result<Value, Failure> {
    expect_at_most(params, 1)?;
    let data = params
        .first()
        .ok_or_else(|| Failure::invalid_argument("login_data", "Field required"))?;
    if matches!(&*lock(state), LoginState::Failed) {
        return Err(Failure::exception(
            "RuntimeError",
            "AUTH: unexpected authenticator run state. Expected: START",
        ));
    }
    let credential = presented.credential;
    match data["mechanism"].as_str() {
        Some("API_KEY_PLAIN") => {
            let is_user = data["username"].as_str() == Some(&appliance.user);
            let is_right = is_user && data["api_key"].as_str() == Some(credential.api_key());
            if is_right && !credential.is_usable(appliance.release(), presented.transport) {
                return Ok(expired(state));
            }
            Ok(finish(appliance, state, data, is_right))
        }
        Some("SCRAM") if appliance.release().has_scram => {
            // The proof does not give the key away, so only something else can have revoked it.
            if credential.is_revoked.load(Ordering::Relaxed) {
                return Ok(expired(state));
            }
            scram(appliance, credential, presented.end_point, state, data)
        }
        Some("PASSWORD_PLAIN" | "TOKEN_PLAIN" | "OTP_TOKEN") => {
            Ok(finish(appliance, state, data, false))
        }
        _ => Err(Failure::invalid_argument(
            "login_data",
            "Input tag found using 'mechanism' does not match any of the expected tags",
        )),
    }
}

/// The name of one message of a login, for those that have several: `auth.login_ex/CLIENT_FINAL_MESSAGE`.
pub(super) fn step(method: &str, params: &[Value]) -> Option<String> {
    let message = params.first()?.get("scram_type")?.as_str()?;
    (method == "auth.login_ex").then(|| format!("{method}/{message}"))
}

/// What a server would answer that does not know the key: another nonce than the client's, another signature.
pub(super) fn unproven(mut answer: Value) -> Value {
    let other = answer["rfc_str"].as_str().map(|text| {
        let (name, rest) = text.split_at(text.len().min(2));
        let first = if rest.starts_with('A') { 'B' } else { 'A' };
        format!("{name}{first}{}", rest.get(1..).unwrap_or_default())
    });
    if let Some(other) = other {
        answer["rfc_str"] = json!(other);
    }
    answer
}

fn scram(
    appliance: &Appliance,
    credential: &Credential,
    end_point: &[u8],
    state: &Mutex<LoginState>,
    data: &Value,
) -> Result<Value, Failure> {
    let message = data["rfc_str"].as_str().unwrap_or_default();
    let answer = |kind: &str, text: String| json!({"response_type": "SCRAM_RESPONSE", "scram_type": kind, "rfc_str": text, "user_info": null});
    match data["scram_type"].as_str() {
        Some("CLIENT_FIRST_MESSAGE") => {
            let user = format!("{}:{}", appliance.user, credential.parts().0);
            let nonce = random_bytes(32)
                .map_err(|error| Failure::exception("OSError", error.to_string()))?;
            let nonce = data_encoding::BASE64.encode(&nonce);
            let Some((pending, text)) = credential.verifier().first(message, &user, &nonce) else {
                return Ok(refuse(state));
            };
            set(state, LoginState::Pending(Box::new(pending)));
            Ok(answer("SERVER_FIRST_RESPONSE", text))
        }
        Some("CLIENT_FINAL_MESSAGE") => {
            let LoginState::Pending(pending) = std::mem::take(&mut *lock(state)) else {
                return Err(Failure::call(
                    14,
                    "EFAULT",
                    "SCRAM authentication is not in progress",
                ));
            };
            let Some(text) = credential.verifier().last(&pending, message, end_point) else {
                return Ok(refuse(state));
            };
            if appliance.grant.is_empty() {
                set(state, LoginState::Failed);
                return Ok(json!({"response_type": "DENIED"}));
            }
            set(state, LoginState::Done);
            Ok(answer("SERVER_FINAL_RESPONSE", text))
        }
        _ => Err(Failure::invalid_argument(
            "login_data.SCRAM.scram_type",
            "Input should be a known message type",
        )),
    }
}

fn finish(appliance: &Appliance, state: &Mutex<LoginState>, data: &Value, is_right: bool) -> Value {
    if !is_right {
        return refuse(state);
    }
    if appliance.release().has_scram && appliance.grant.is_empty() {
        set(state, LoginState::Failed);
        return json!({"response_type": "DENIED"});
    }
    set(state, LoginState::Done);
    let user_info = if data["login_options"]["user_info"] == false {
        Value::Null
    } else {
        me(appliance).unwrap_or_default()
    };
    let mut answer =
        json!({"response_type": "SUCCESS", "user_info": user_info, "authenticator": "LEVEL_1"});
    if appliance.release().has_scram {
        answer["reconnect_token"] = Value::Null;
    }
    answer
}

fn expired(state: &Mutex<LoginState>) -> Value {
    set(state, LoginState::Failed);
    json!({"response_type": "EXPIRED"})
}

fn refuse(state: &Mutex<LoginState>) -> Value {
    set(state, LoginState::Failed);
    json!({"response_type": "AUTH_ERR"})
}

fn set(state: &Mutex<LoginState>, next: LoginState) {
    *lock(state) = next;
}

fn lock(state: &Mutex<LoginState>) -> std::sync::MutexGuard<'_, LoginState> {
    state
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// True when the login succeeded.
pub(super) fn is_done(state: &Mutex<LoginState>) -> bool {
    matches!(&*lock(state), LoginState::Done)
}
