//! Where an appliance is, whom to trust there, and which key to show.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use truenas_common::secret::Secret;

use crate::source::{AccessError, Budget, OnEnd, OnIgnored, OnRequest, Timeouts, Trust};

/// How to log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthMode {
    /// SCRAM where the server's version has it, else the key over TLS.
    #[default]
    Auto,
    /// The key over TLS, also where SCRAM would do.
    ApiKey,
    /// SCRAM, and no login at all where the server does not have it.
    Scram,
}

/// How to reach one appliance. There is no way to say anything but TLS.
#[derive(Clone)]
pub struct TruenasAccess {
    host: String,
    port: u16,
    user: Option<String>,
    key: Arc<ApiKey>,
    trust: Trust,
    /// How to log in.
    pub auth: AuthMode,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How much to read.
    pub budget: Arc<Budget>,
    /// Hears of every request before it leaves.
    pub on_request: Option<OnRequest>,
    /// Hears of every request that has ended.
    pub on_end: Option<OnEnd>,
    /// Hears of every field that has no place.
    pub on_ignored: Option<OnIgnored>,
}

/// An API key, taken apart into its number and its text.
struct ApiKey {
    id: u64,
    whole: Secret<String>,
    text: Secret<String>,
}

impl TruenasAccess {
    /// Describes an appliance. `user` is the owner of the key, needed from 25.04 on; `trust` is a CA, a pin, or both.
    pub fn new(
        host: &str,
        port: u16,
        user: Option<&str>,
        api_key: Secret<String>,
        trust: Trust,
    ) -> Result<Self, AccessError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        ServerName::try_from(host).map_err(|_| AccessError::NotAHost)?;
        if user.is_some_and(|user| user.is_empty() || user.contains([',', '='])) {
            return Err(AccessError::NotAUser);
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            user: user.map(str::to_owned),
            key: Arc::new(ApiKey::parse(api_key)?),
            trust,
            auth: AuthMode::default(),
            timeouts: Timeouts::default(),
            budget: Arc::default(),
            on_request: None,
            on_end: None,
            on_ignored: None,
        })
    }

    /// Host name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port of the web interface.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(super) fn trust(&self) -> &Trust {
        &self.trust
    }

    pub(super) fn api_key(&self) -> &Secret<String> {
        &self.key.whole
    }

    pub(super) fn key_id(&self) -> u64 {
        self.key.id
    }

    /// The part of the key after the first dash, as a copy for a thread of its own.
    pub(super) fn key_text(&self) -> Secret<String> {
        Secret::new(self.key.text.expose().clone())
    }

    /// Host and port as a URL shows them.
    pub(super) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl ApiKey {
    fn parse(whole: Secret<String>) -> Result<Self, AccessError> {
        let (id, text) = whole
            .expose()
            .split_once('-')
            .ok_or(AccessError::NotAnApiKey)?;
        let id = id.parse().map_err(|_| AccessError::NotAnApiKey)?;
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(AccessError::NotAnApiKey);
        }
        let text = Secret::new(text.to_owned());
        Ok(Self { id, text, whole })
    }
}

impl fmt::Debug for TruenasAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TruenasAccess")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(host: &str, user: Option<&str>, key: &str) -> Result<TruenasAccess, AccessError> {
        TruenasAccess::new(
            host,
            443,
            user,
            Secret::new(key.to_owned()),
            Trust::default(),
        )
    }

    #[test]
    fn names_and_addresses_are_hosts_and_urls_are_not() {
        for (host, authority) in [
            ("nas.example", "nas.example:443"),
            ("192.0.2.50", "192.0.2.50:443"),
            ("2001:db8::1", "[2001:db8::1]:443"),
            ("[2001:db8::1]", "[2001:db8::1]:443"),
        ] {
            assert_eq!(access(host, None, "1-abc").unwrap().authority(), authority);
        }
        for host in [
            "https://nas.example",
            "http://nas.example",
            "ws://nas",
            "nas:443",
            "nas/api",
            "a@b",
            "",
        ] {
            assert!(
                matches!(access(host, None, "1-abc"), Err(AccessError::NotAHost)),
                "{host}"
            );
        }
    }

    #[test]
    fn key_has_a_number_and_a_text() {
        let access = access("nas", Some("svc"), "10-ab-cd").unwrap();
        assert_eq!(
            (access.key_id(), access.key_text().expose().as_str()),
            (10, "ab-cd")
        );
        for key in ["", "10", "10-", "-abc", "x-abc", "10-a b", "10-a\n"] {
            assert!(
                matches!(
                    self::access("nas", None, key),
                    Err(AccessError::NotAnApiKey)
                ),
                "{key}"
            );
        }
    }

    #[test]
    fn user_names_that_would_break_the_login_are_refused() {
        for user in ["", "a,b", "a=b"] {
            assert!(
                matches!(
                    access("nas", Some(user), "1-abc"),
                    Err(AccessError::NotAUser)
                ),
                "{user}"
            );
        }
    }

    #[test]
    fn key_is_not_printed() {
        assert!(
            !format!("{:?}", access("nas", Some("svc"), "10-hidden").unwrap()).contains("hidden")
        );
    }
}
