//! A logged-in session: the only way to call a method.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::source::truenas::frame::Protocol;
use crate::source::truenas::offer::{self, Offer};
use crate::source::truenas::wire::Wire;
use crate::source::truenas::{Method, SYSTEM_VERSION, TruenasAccess, Version, guard, login};
use crate::source::{Budget, NetworkKind, SourceError, TlsKind};

/// How often a session that was lost is opened again. A proxy that cuts every long call, or an appliance that goes
/// down, must not cost the lists that follow their time.
const MAX_LOST: u32 = 5;

/// A session with one appliance; one call at a time.
pub struct Session {
    access: TruenasAccess,
    wire: Wire,
    n_lost: u32,
    /// The connection was given up by this program, because of an answer that it does not read.
    is_left: bool,
    version: Version,
    version_text: String,
    date: Option<i64>,
}

/// What a server says that does not know a method.
pub(crate) const NO_METHOD: i32 = -32601;

/// Connects and logs in once: asks for the transports, opens the WebSocket, logs in, asks for the version.
pub async fn connect(access: &TruenasAccess) -> Result<Session, SourceError> {
    // No appliance is without a login: one that says so is out of order, or no appliance.
    let opened = open(access).await;
    opened.map_err(|error| error.though_promised(NO_METHOD))
}

async fn open(access: &TruenasAccess) -> Result<Session, SourceError> {
    let config = access
        .trust()
        .client_config(None)
        .map_err(|_| TlsKind::UntrustedCertificate)?;
    let (offer, date) = offer::ask(access, config.clone()).await?;
    let protocol = match offer {
        Offer::Legacy => Protocol::Legacy,
        Offer::JsonRpc(_) => Protocol::JsonRpc,
    };
    let (mut wire, leaf) = Wire::open(access, config, protocol).await?;
    login::log_in(&mut wire, access, offer, &leaf).await?;
    let text: String = wire
        .exchange(
            &SYSTEM_VERSION,
            &Value::Array(Vec::new()),
            access.timeouts.login,
        )
        .await?;
    let version = Version::parse(&text).ok_or(SourceError::Malformed {
        what: SYSTEM_VERSION.name(),
    })?;
    let version_text = if is_version_text(&text) {
        text
    } else {
        version.to_string()
    };
    Ok(Session {
        access: access.clone(),
        wire,
        n_lost: 0,
        is_left: false,
        version,
        version_text,
        date,
    })
}

impl Session {
    /// The appliance's version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The version as the appliance names itself, like `TrueNAS-SCALE-24.04.2.5`.
    pub fn version_text(&self) -> &str {
        &self.version_text
    }

    /// The appliance's clock when the session was opened, Unix seconds.
    pub fn date(&self) -> Option<i64> {
        self.date
    }

    /// The longest pause that a busy appliance can ask for.
    pub fn max_pause(&self) -> Duration {
        self.access.timeouts.pause
    }

    /// What is left to read of this appliance.
    pub fn budget(&self) -> &Budget {
        &self.access.budget
    }

    /// True when this appliance has the method.
    pub fn is_served(&self, method: &'static Method) -> bool {
        method.is_served(self.version)
    }

    /// Calls a method; `params` is the list of its parameters. A name is no method:
    ///
    /// ```compile_fail,E0308
    /// async fn create(session: &mut truenas_collector::source::Session) {
    ///     let _ = session.call::<bool>("pool.create", &serde_json::json!([])).await;
    /// }
    /// ```
    ///
    /// Parameters that would let the server send a secret are refused before anything leaves. After an error of the
    /// connection, a time-out or an answer that is too large every further call fails until [`Session::reconnect`];
    /// [`Session::is_open`] tells.
    pub async fn call<T: DeserializeOwned>(
        &mut self,
        method: &'static Method,
        params: &Value,
    ) -> Result<T, SourceError> {
        guard::check(method, params)?;
        let limit = self.access.timeouts.call;
        let answer = self.wire.exchange(method, params, limit).await;
        self.note(method, answer)
    }

    /// Sends a call, as [`Session::call`], and does not wait: [`Session::answer`] gives its answer under this id.
    pub(super) async fn post(
        &mut self,
        method: &'static Method,
        params: &Value,
    ) -> Result<u64, SourceError> {
        guard::check(method, params)?;
        let limit = self.access.timeouts.call;
        self.wire.post(method, params, limit).await
    }

    /// The next answer to a call that was posted. The outer error is the connection's, and with it all calls that wait
    /// are lost; the inner one is that of the call.
    pub(super) async fn answer(
        &mut self,
        method: &'static Method,
    ) -> Result<(u64, Result<Utf8Bytes, SourceError>), SourceError> {
        let answer = self.wire.answer(self.access.timeouts.call).await;
        self.is_left = matches!(answer, Err(SourceError::TooLarge { .. }));
        let (id, answer) = answer?;
        Ok((id, self.note(method, answer)))
    }

    /// Reads the result out of an answer.
    pub(super) fn result<T: DeserializeOwned>(
        &self,
        method: &'static Method,
        answer: &str,
    ) -> Result<T, SourceError> {
        self.wire.result(method, answer)
    }

    fn note<T>(
        &mut self,
        method: &'static Method,
        answer: Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        self.is_left = matches!(answer, Err(SourceError::TooLarge { .. }));
        match answer {
            Err(error) if self.is_served(method) && !method.is_optional() => {
                Err(error.though_promised(NO_METHOD))
            }
            answer => answer,
        }
    }

    /// False when the last error ended the connection.
    pub fn is_open(&self) -> bool {
        self.wire.is_open()
    }

    /// Gives the connection up although it works: what is still to come on it must not reach the next list.
    pub(super) fn leave(&mut self) {
        self.wire.give_up();
        self.is_left = true;
    }

    /// Opens the connection again, with a new login; a connection that was lost, a few times only.
    pub async fn reconnect(&mut self) -> Result<(), SourceError> {
        if !self.is_left {
            if self.n_lost == MAX_LOST {
                return Err(NetworkKind::Unstable.into());
            }
            self.n_lost += 1;
        }
        // Until it is open again every further failure counts.
        self.is_left = false;
        let n_lost = self.n_lost;
        *self = connect(&self.access).await?;
        self.n_lost = n_lost;
        Ok(())
    }

    /// Closes the connection politely.
    pub async fn close(self) {
        self.wire.close().await;
    }
}

/// A name that can be kept: the words, digits and dots that releases are made of.
fn is_version_text(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
}
