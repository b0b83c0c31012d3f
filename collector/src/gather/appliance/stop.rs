//! What ends a walk early: the list is incomplete, or the run is over.

use crate::gather::SinkError;
use crate::source::SourceError;

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
