//! The limit on calls before login: 20 per method in a minute.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const MAX_CALLS: u32 = 20;
const PERIOD: Duration = Duration::from_secs(60);

/// Calls before login on one appliance; every client here has the same address.
#[derive(Default)]
pub(super) struct RateLimit {
    calls: Mutex<HashMap<String, (u32, Instant)>>,
}

impl RateLimit {
    /// Counts a call in the world of the given time and says whether it is one too many; a new world begins anew.
    pub(super) fn is_exceeded(&self, world: &str, method: &str) -> bool {
        let mut calls = self
            .calls
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        let (count, since) = calls.entry(format!("{world} {method}")).or_insert((0, now));
        if now.duration_since(*since) >= PERIOD {
            (*count, *since) = (0, now);
        }
        *count += 1;
        *count > MAX_CALLS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_call_is_one_too_many() {
        let limit = RateLimit::default();
        assert!((0..20).all(|_| !limit.is_exceeded("1", "core.ping")));
        assert!(limit.is_exceeded("1", "core.ping"));
        assert!(!limit.is_exceeded("2", "core.ping"));
        assert!(!limit.is_exceeded("1", "auth.login_ex"));
    }
}
