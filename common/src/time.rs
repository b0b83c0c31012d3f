//! Points in time: RFC 3339 text in UTC outside, Unix seconds inside. Never reads a clock.

use std::fmt;

use jiff::Timestamp;

/// A second in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// Takes Unix seconds.
    pub fn from_unix_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Takes Unix milliseconds, as TrueNAS sends them; fractions are dropped.
    pub fn from_unix_millis(millis: i64) -> Self {
        Self(millis.div_euclid(1000))
    }

    /// Reads RFC 3339 text with any offset; fractions of a second are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>()
            .ok()
            .map(|time| Self(time.as_second()))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_secs(self) -> i64 {
        self.0
    }

    /// The form used in bundle names: `YYYYMMDDTHHMMSSZ`.
    pub fn compact(self) -> String {
        self.to_string().replace(['-', ':'], "")
    }

    /// The calendar day: `YYYY-MM-DD`.
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(time) => write!(formatter, "{}", time.strftime("%Y-%m-%dT%H:%M:%SZ")),
            Err(_) => formatter.write_str("9999-12-31T23:59:59Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_brought_to_utc_and_fractions_dropped() {
        let time = Time::parse("2026-11-23T20:40:00.900+02:00").unwrap();
        assert_eq!(time.to_string(), "2026-11-23T18:40:00Z");
        assert_eq!(time.compact(), "20261123T184000Z");
        assert_eq!(time.day(), "2026-11-23");
    }

    #[test]
    fn milliseconds_before_1970_round_down() {
        assert_eq!(Time::from_unix_millis(-1).unix_secs(), -1);
    }
}
