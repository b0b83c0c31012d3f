//! What a dry run and the tests see of the requests.

use std::sync::Arc;

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

/// Called with every request before it leaves.
pub type OnRequest = Arc<dyn Fn(&Sent) + Send + Sync>;

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
