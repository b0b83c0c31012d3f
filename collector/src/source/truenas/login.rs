//! The login, once per connection; what is configured is never quietly replaced by something weaker.

use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroize as _;

use crate::source::truenas::method::{LOGIN_EX, LOGIN_WITH_API_KEY};
use crate::source::truenas::offer::Offer;
use crate::source::truenas::scram::Client;
use crate::source::truenas::wire::Wire;
use crate::source::truenas::{AuthMode, Method, TruenasAccess, Version};
use crate::source::{LoginRefusal, SourceError, tls};

/// How the login goes on one appliance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    LegacyKey,
    Key,
    Scram,
}

/// Logs in, or says why not.
pub(super) async fn log_in(
    wire: &mut Wire,
    access: &TruenasAccess,
    offer: Offer,
    leaf: &CertificateDer<'_>,
) -> Result<(), SourceError> {
    let login = match way(access.auth, offer)? {
        Way::LegacyKey => with_legacy_key(wire, access).await,
        Way::Key => with_key(wire, access).await,
        Way::Scram => with_scram(wire, access, leaf).await,
    };
    match login {
        // EOPNOTSUPP: the security level of the server does not know this way.
        Err(SourceError::Server { code: 95 }) => Err(LoginRefusal::MechanismRefused.into()),
        Ok(()) => {
            wire.logged_in();
            Ok(())
        }
        refused => refused,
    }
}

fn way(auth: AuthMode, offer: Offer) -> Result<Way, SourceError> {
    match (auth, offer) {
        (AuthMode::Scram, Offer::Legacy) => Err(LoginRefusal::NoScram.into()),
        (AuthMode::Scram, Offer::JsonRpc(version)) if version < Version::SCRAM => {
            Err(LoginRefusal::NoScram.into())
        }
        (AuthMode::Auto | AuthMode::ApiKey, Offer::Legacy) => Ok(Way::LegacyKey),
        (AuthMode::Auto, Offer::JsonRpc(version)) if version < Version::SCRAM => Ok(Way::Key),
        (AuthMode::ApiKey, Offer::JsonRpc(_)) => Ok(Way::Key),
        (AuthMode::Auto | AuthMode::Scram, Offer::JsonRpc(_)) => Ok(Way::Scram),
    }
}

async fn with_legacy_key(wire: &mut Wire, access: &TruenasAccess) -> Result<(), SourceError> {
    let mut params = json!([access.api_key().expose()]);
    let is_accepted = ask::<bool>(wire, access, &LOGIN_WITH_API_KEY, &params).await;
    wipe(&mut params);
    if is_accepted? {
        Ok(())
    } else {
        Err(LoginRefusal::BadCredential.into())
    }
}

async fn with_key(wire: &mut Wire, access: &TruenasAccess) -> Result<(), SourceError> {
    let mut params = json!([{
        "mechanism": "API_KEY_PLAIN",
        "username": user(access)?,
        "api_key": access.api_key().expose(),
        "login_options": {"user_info": false},
    }]);
    let answer = ask::<LoginAnswer>(wire, access, &LOGIN_EX, &params).await;
    wipe(&mut params);
    answer?.success()
}

/// Overwrites every text of parameters that held the key. The copies in the buffers of TLS are out of reach.
fn wipe(params: &mut Value) {
    match params {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(map) => map.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

async fn with_scram(
    wire: &mut Wire,
    access: &TruenasAccess,
    leaf: &CertificateDer<'_>,
) -> Result<(), SourceError> {
    let client = Client::new(user(access)?, access.key_id(), tls::channel_binding(leaf))?;
    let first = scram_message("CLIENT_FIRST_MESSAGE", &client.first_message());
    let answer: LoginAnswer = ask(wire, access, &LOGIN_EX, &first).await?;
    let server_first = answer.scram("SERVER_FIRST_RESPONSE")?;

    // Half a million hashes: not on the thread that serves the other connections.
    let key = access.key_text();
    let work = tokio::task::spawn_blocking(move || client.answer(&server_first, &key));
    let (message, unproven) = work
        .await
        .map_err(|_| SourceError::Malformed { what: "the login" })??;
    let answer: LoginAnswer = ask(
        wire,
        access,
        &LOGIN_EX,
        &scram_message("CLIENT_FINAL_MESSAGE", &message),
    )
    .await?;
    unproven.verify(&answer.scram("SERVER_FINAL_RESPONSE")?)
}

fn scram_message(scram_type: &str, text: &str) -> Value {
    json!([{"mechanism": "SCRAM", "scram_type": scram_type, "rfc_str": text}])
}

fn user(access: &TruenasAccess) -> Result<&str, SourceError> {
    access
        .user()
        .ok_or_else(|| LoginRefusal::UserMissing.into())
}

async fn ask<T: serde::de::DeserializeOwned>(
    wire: &mut Wire,
    access: &TruenasAccess,
    method: &'static Method,
    params: &Value,
) -> Result<T, SourceError> {
    wire.exchange(method, params, access.timeouts.login).await
}

#[derive(Deserialize)]
struct LoginAnswer {
    response_type: String,
    scram_type: Option<String>,
    rfc_str: Option<String>,
}

impl LoginAnswer {
    fn success(self) -> Result<(), SourceError> {
        if self.response_type == "SUCCESS" {
            Ok(())
        } else {
            Err(self.refusal())
        }
    }

    fn scram(self, scram_type: &str) -> Result<String, SourceError> {
        if self.response_type != "SCRAM_RESPONSE" || self.scram_type.as_deref() != Some(scram_type)
        {
            return Err(self.refusal());
        }
        self.rfc_str
            .ok_or(SourceError::Malformed { what: "the login" })
    }

    fn refusal(&self) -> SourceError {
        let refusal = match self.response_type.as_str() {
            "AUTH_ERR" => LoginRefusal::BadCredential,
            "EXPIRED" => LoginRefusal::Expired,
            "OTP_REQUIRED" => LoginRefusal::OtpRequired,
            "DENIED" => LoginRefusal::Denied,
            "REDIRECT" => LoginRefusal::Redirect,
            _ => return SourceError::Malformed { what: "the login" },
        };
        refusal.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_hold_no_key_after_the_login() {
        let mut params =
            json!([{"api_key": "7-hidden", "login_options": {"user_info": false}}, ["hidden"]]);
        wipe(&mut params);
        assert!(!params.to_string().contains("hidden"));
        assert_eq!(params[0]["login_options"]["user_info"], false);
    }

    const R25: Offer = Offer::JsonRpc(Version::new(25, 10));
    const R26: Offer = Offer::JsonRpc(Version::new(26, 0));

    #[test]
    fn version_decides_unless_configured() {
        assert_eq!(way(AuthMode::Auto, Offer::Legacy), Ok(Way::LegacyKey));
        assert_eq!(way(AuthMode::Auto, R25), Ok(Way::Key));
        assert_eq!(way(AuthMode::Auto, R26), Ok(Way::Scram));
        assert_eq!(way(AuthMode::ApiKey, R26), Ok(Way::Key));
    }

    #[test]
    fn scram_is_never_replaced_by_the_key() {
        assert_eq!(
            way(AuthMode::Scram, Offer::Legacy),
            Err(LoginRefusal::NoScram.into())
        );
        assert_eq!(way(AuthMode::Scram, R25), Err(LoginRefusal::NoScram.into()));
        assert_eq!(way(AuthMode::Scram, R26), Ok(Way::Scram));
    }

    fn answer(text: &str) -> LoginAnswer {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_refusal_is_told_apart() {
        for (word, refusal) in [
            ("AUTH_ERR", LoginRefusal::BadCredential),
            ("EXPIRED", LoginRefusal::Expired),
            ("OTP_REQUIRED", LoginRefusal::OtpRequired),
            ("DENIED", LoginRefusal::Denied),
            ("REDIRECT", LoginRefusal::Redirect),
        ] {
            let text = format!(
                r#"{{"response_type": "{word}", "urls": ["192.0.2.10"], "username": "x"}}"#
            );
            assert_eq!(answer(&text).success(), Err(refusal.into()));
            assert_eq!(
                answer(&text).scram("SERVER_FIRST_RESPONSE"),
                Err(refusal.into())
            );
        }
        assert_eq!(
            answer(r#"{"response_type": "SUCCESS", "authenticator": "LEVEL_1"}"#).success(),
            Ok(())
        );
    }

    #[test]
    fn scram_steps_cannot_be_skipped() {
        let final_message = r#"{"response_type": "SCRAM_RESPONSE", "scram_type": "SERVER_FINAL_RESPONSE", "rfc_str": "v="}"#;
        assert!(
            answer(final_message)
                .scram("SERVER_FIRST_RESPONSE")
                .is_err()
        );
        assert!(
            answer(r#"{"response_type": "SUCCESS"}"#)
                .scram("SERVER_FINAL_RESPONSE")
                .is_err()
        );
    }
}
