//! Points in time: RFC 3339 text in UTC outside, Unix seconds inside. Never reads a clock.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

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
        Self::parse_own(text).or_else(|| {
            let time = text.parse::<Timestamp>().ok()?;
            Some(Self(time.as_second()))
        })
    }

    /// The form that [`Time`] itself writes; every row of a bundle has some, and the general parser takes ten times as long.
    fn parse_own(text: &str) -> Option<Self> {
        let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
        let marks = [
            (4, b'-'),
            (7, b'-'),
            (10, b'T'),
            (13, b':'),
            (16, b':'),
            (19, b'Z'),
        ];
        if marks.iter().any(|(at, mark)| bytes[*at] != *mark) {
            return None;
        }
        let number = |from: usize, n_digits: usize| {
            let digits = &bytes[from..from + n_digits];
            digits.iter().try_fold(0_i16, |number, byte| {
                let digit = byte.is_ascii_digit().then(|| i16::from(byte - b'0'))?;
                Some(number * 10 + digit)
            })
        };
        let pair = |from: usize| number(from, 2).and_then(|number| i8::try_from(number).ok());
        let (date, time) = (
            (number(0, 4)?, pair(5)?, pair(8)?),
            (pair(11)?, pair(14)?, pair(17)?),
        );
        let civil = DateTime::new(date.0, date.1, date.2, time.0, time.1, time.2, 0).ok()?;
        let time = TimeZone::UTC.to_timestamp(civil).ok()?;
        Some(Self(time.as_second()))
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
    fn own_form_is_read_as_the_general_one() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "9999-12-30T22:00:00Z",
        ] {
            let general: Timestamp = text.parse().unwrap();
            let own = Time::parse_own(text).unwrap();
            assert_eq!(own.unix_secs(), general.as_second());
            assert_eq!(own.to_string(), text);
        }
        for text in [
            "2023-02-29T00:00:00Z",
            "2024-02-29T24:00:00Z",
            "2024-02-29 00:00:00Z",
            "2024-02-29T00:00:00z",
            "2024-02-2aT00:00:00Z",
            "2024-13-01T00:00:00Z",
            "",
        ] {
            assert_eq!(Time::parse_own(text), None, "{text}");
        }
        let leap = Time::parse("2016-12-31T23:59:60Z").unwrap();
        assert_eq!(leap.to_string(), "2016-12-31T23:59:59Z");
    }

    #[test]
    fn milliseconds_before_1970_round_down() {
        assert_eq!(Time::from_unix_millis(-1).unix_secs(), -1);
    }
}
