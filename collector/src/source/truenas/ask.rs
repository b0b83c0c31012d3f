//! One call, asked again where that helps.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::source::truenas::{Method, Session};
use crate::source::{NetworkKind, SourceError};

/// How often a busy appliance is asked again.
const MAX_BUSY: u32 = 3;

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
