//! Where a run takes its time from.

use std::fmt;
use std::sync::Arc;

use truenas_common::time::Time;

/// The clock of a run: the system's, or a given moment.
#[derive(Clone)]
pub struct Clock(pub Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// The time of this moment.
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}
