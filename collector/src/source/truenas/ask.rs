//! One call, asked again where that helps, and the calls after it sent ahead.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::source::truenas::{Method, Session};
use crate::source::{NetworkKind, SourceError};

/// How often a busy appliance is asked again.
const MAX_BUSY: u32 = 3;

/// [`ask`], and the calls that are known to follow are sent before the answer is waited for. Their answers are what the
/// next calls with these very parameters give.
pub(crate) async fn ask_before<T: DeserializeOwned>(
    session: &mut Session,
    method: &'static Method,
    params: &Value,
    after: &[Value],
) -> Result<T, SourceError> {
    if session.is_open() {
        for params in std::iter::once(params).chain(after) {
            session.send_ahead(method, params);
        }
    }
    ask(session, method, params).await
}

/// Calls a method that the release has: opens a closed connection first, waits for a busy server, repeats once what was cut off.
pub(crate) async fn ask<T: DeserializeOwned>(
    session: &mut Session,
    method: &'static Method,
    params: &Value,
) -> Result<T, SourceError> {
    if !session.is_served(method) {
        return Err(SourceError::NotServed);
    }
    let mut n_busy = 0;
    let mut is_second_try = false;
    loop {
        session.budget().check()?;
        if !session.is_open() {
            session.reconnect().await?;
        }
        match session.call(method, params).await {
            Err(_) if session.is_unclear() => {}
            Err(SourceError::TooManyRequests { retry_after }) if n_busy < MAX_BUSY => {
                n_busy += 1;
                let wait = retry_after.min(session.max_pause());
                session.budget().pause(wait).await?;
            }
            Err(SourceError::Network {
                kind: NetworkKind::Closed,
            }) if !is_second_try => is_second_try = true,
            answer => return answer,
        }
    }
}
