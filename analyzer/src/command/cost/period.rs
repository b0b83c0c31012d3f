//! The time that is charged: a month of 730 hours, or a calendar month as far as it was seen.

use anyhow::anyhow;
use truenas_common::time::Time;

use crate::cost::MONTH_HOURS;

const HOUR_SECS: i64 = 3_600;

/// A calendar month in UTC, Unix seconds, the end not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// What is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// 730 hours of the estate as it is.
    Rate,
    /// From the start of a month, or of the volume, to this second.
    Until(Month, i64),
}

impl Month {
    /// The month that a text such as `2026-11` names.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let first = |text: &str| Time::parse(&format!("{text}-01T00:00:00Z")).map(Time::unix_secs);
        let start = first(text).filter(|_| text.len() == 7);
        let start = start.ok_or_else(|| anyhow!("`{text}` is no month; write one like 2026-11"))?;
        // The 32nd day from its first lies in the next month.
        let next = Time::from_unix_secs(start + 32 * 24 * HOUR_SECS).day();
        let end = next.get(..7).and_then(first);
        let end = end.ok_or_else(|| anyhow!("`{text}` is too far away to be charged"))?;
        Ok(Self { start, end })
    }

    /// The month that a time lies in.
    pub(super) fn of(at: i64) -> anyhow::Result<Self> {
        Self::parse(Time::from_unix_secs(at).day().get(..7).unwrap_or_default())
    }
}

impl Period {
    /// A month of which the last bundle was made at `now`; whole when a later month was seen too.
    pub(super) fn of(month: Month, now: i64, is_over: bool) -> anyhow::Result<Self> {
        let end = if is_over {
            month.end
        } else {
            hour(now).min(month.end)
        };
        if now < month.start || end <= month.start {
            return Err(anyhow!(
                "there is no bundle of {}; the newest before its end is of {}",
                &Time::from_unix_secs(month.start).day()[..7],
                Time::from_unix_secs(now).day()
            ));
        }
        Ok(Self::Until(month, end))
    }

    /// Hours that an object is charged for; the hour of its creation is one of them.
    pub(super) fn hours(self, created_at: Option<i64>) -> i64 {
        match self {
            Self::Rate => MONTH_HOURS,
            Self::Until(_, end) => (end - self.start(created_at)).max(0) / HOUR_SECS,
        }
    }

    /// First second that an object is charged for.
    pub(super) fn start(self, created_at: Option<i64>) -> i64 {
        match self {
            Self::Rate => 0,
            Self::Until(month, _) => month.start.max(created_at.map_or(i64::MIN, hour)),
        }
    }
}

/// The start of an hour.
fn hour(at: i64) -> i64 {
    at - at.rem_euclid(HOUR_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        Time::parse(text).expect("a time").unix_secs()
    }

    #[test]
    fn a_month_has_its_own_hours() {
        for (text, hours) in [
            ("2026-02", 672),
            ("2028-02", 696),
            ("2026-11", 720),
            ("2026-12", 744),
        ] {
            let month = Month::parse(text).unwrap();
            let period = Period::of(month, month.end - 1, true).unwrap();
            assert_eq!(period.hours(None), hours, "{text}");
            assert_eq!(Month::of(month.end - 1).unwrap(), month);
        }
        assert_eq!(Period::Rate.hours(Some(5)), 730);
        for text in ["2026-13", "2026", "2026-1", "2026-11-05", "soon", ""] {
            assert!(Month::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_is_charged_before_it_was_made_or_after_it_was_last_seen() {
        let month = Month::parse("2026-03").unwrap();
        let period = Period::of(month, at("2026-03-04T03:20:00Z"), false).unwrap();
        assert_eq!(period.hours(None), 75);
        assert_eq!(period.hours(Some(at("2025-01-01T00:00:00Z"))), 75);
        assert_eq!(period.hours(Some(at("2026-03-04T01:59:59Z"))), 2);
        assert_eq!(period.hours(Some(at("2026-03-04T03:10:00Z"))), 0);
        let error = Period::of(month, at("2026-02-27T00:00:00Z"), false).unwrap_err();
        assert!(
            error.to_string().contains("no bundle of 2026-03"),
            "{error}"
        );
        assert!(Period::of(month, month.start + 60, false).is_err());
    }
}
