//! One call, asked again where that helps.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::gather::SinkError;
use crate::source::{Method, NetworkKind, Session, SourceError};

/// How often a busy appliance is asked again.
const MAX_BUSY: u32 = 3;

/// Why a walk ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The list is incomplete.
    Source(SourceError),
    /// The run is over.
    Sink(SinkError),
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<SinkError> for Stop {
    fn from(error: SinkError) -> Self {
        Self::Sink(error)
    }
}

/// Sorts what ended a walk: the error of the list, or of the run.
pub(super) fn settle(walked: Result<(), Stop>) -> Result<Option<SourceError>, SinkError> {
    match walked {
        Ok(()) => Ok(None),
        Err(Stop::Source(error)) => Ok(Some(error)),
        Err(Stop::Sink(error)) => Err(error),
    }
}

/// Calls a method that the release has: opens a closed connection first, waits for a busy server, repeats once what was cut off.
pub(super) async fn ask<T: DeserializeOwned>(
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
