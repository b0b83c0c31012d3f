//! What a dry run, the tests and the trace of a run see of the requests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::source::SourceError;

/// One request, told before it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// `kubernetes`, `truenas` or `thanos`.
    pub source: &'static str,
    /// `get`, `login` or `call`.
    pub verb: &'static str,
    /// Path, method or query name, all compiled in; continue tokens and parameters are left out, as they hold names.
    pub what: String,
}

/// One request that has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// `kubernetes`, `truenas` or `thanos`.
    pub source: &'static str,
    /// Path, method or query name, compiled in.
    pub list: &'static str,
    /// When it was sent.
    pub sent_at: Instant,
    /// From then to the last byte of the answer, or to the error.
    pub elapsed: Duration,
    /// Size of the answer; 0 without one.
    pub answer_bytes: usize,
    /// `ok`, or the outcome of the error.
    pub outcome: &'static str,
}

/// Called with every request before it leaves.
pub type OnRequest = Arc<dyn Fn(&Sent) + Send + Sync>;

/// Called with every request that has ended.
pub type OnEnd = Arc<dyn Fn(&Ended) + Send + Sync>;

/// A request on its way. One that is given up half-way tells nothing.
pub(super) struct InFlight {
    listener: Option<OnEnd>,
    source: &'static str,
    list: &'static str,
    sent_at: Instant,
}

/// Tells the listener, if there is one.
pub(super) fn tell(
    listener: Option<&OnRequest>,
    source: &'static str,
    verb: &'static str,
    what: String,
) {
    tracing::debug!(source, verb, what, "request");
    if let Some(listener) = listener {
        listener(&Sent { source, verb, what });
    }
}

/// Begins to measure.
pub(super) fn begin(
    listener: Option<&OnEnd>,
    source: &'static str,
    list: &'static str,
) -> InFlight {
    InFlight {
        listener: listener.cloned(),
        source,
        list,
        sent_at: Instant::now(),
    }
}

impl InFlight {
    /// Tells the listener how it ended.
    pub(super) fn end(self, answer_bytes: usize, error: Option<&SourceError>) {
        if let Some(listener) = &self.listener {
            listener(&Ended {
                source: self.source,
                list: self.list,
                sent_at: self.sent_at,
                elapsed: self.sent_at.elapsed(),
                answer_bytes,
                outcome: error.map_or("ok", SourceError::outcome),
            });
        }
    }
}
