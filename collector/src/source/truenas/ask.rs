//! One call, asked again where that helps.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::source::truenas::{Method, Session};
use crate::source::{NetworkKind, SourceError};

/// How often a busy appliance is asked again.
const MAX_BUSY: u32 = 3;

/// How often a call is sent whose connection is cut off.
pub(super) const MAX_TRIES: u32 = 2;

/// Calls a method that the release has: opens a closed connection first, waits for a busy server, repeats once what was cut off.
pub(crate) async fn ask<T: DeserializeOwned>(
    session: &mut Session,
    method: &'static Method,
    params: &Value,
) -> Result<T, SourceError> {
    ask_within(session, method, params, MAX_TRIES).await
}

/// As [`ask`], with another number of tries through connections that are cut off.
pub(super) async fn ask_within<T: DeserializeOwned>(
    session: &mut Session,
    method: &'static Method,
    params: &Value,
    mut n_tries: u32,
) -> Result<T, SourceError> {
    if !session.is_served(method) {
        return Err(SourceError::NotServed);
    }
    let mut n_busy = 0;
    loop {
        session.budget().check()?;
        if !session.is_open() {
            session.reconnect().await?;
        }
        match session.call(method, params).await {
            Err(SourceError::TooManyRequests { retry_after }) if n_busy < MAX_BUSY => {
                n_busy += 1;
                let wait = retry_after.min(session.max_pause());
                session.budget().pause(wait).await?;
            }
            Err(SourceError::Network {
                kind: NetworkKind::Closed,
            }) if n_tries > 1 => n_tries -= 1,
            answer => return answer,
        }
    }
}
