//! A point in time, for machines and for people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A time in UTC, given by a bundle; never by this machine's clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Seconds since 1970.
    pub unix_s: i64,
    /// `2026-11-20 03:00 UTC`.
    pub text: String,
}

impl Moment {
    /// A time to the minute.
    #[must_use]
    pub fn at(unix_s: i64) -> Self {
        Self {
            unix_s,
            text: formatted(unix_s, "%Y-%m-%d %H:%M UTC"),
        }
    }

    /// A day.
    #[must_use]
    pub fn day(unix_s: i64) -> Self {
        Self {
            unix_s,
            text: formatted(unix_s, "%Y-%m-%d"),
        }
    }
}

fn formatted(unix_s: i64, format: &str) -> String {
    match Timestamp::from_second(unix_s) {
        Ok(timestamp) => timestamp.strftime(format).to_string(),
        Err(_) => format!("outside the calendar ({unix_s}\u{202F}s)"),
    }
}
