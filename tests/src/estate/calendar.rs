//! The clock of an estate: one moment per day, the runs of the snapshot task, and transaction groups that follow time.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// Seconds of an hour.
pub(super) const HOUR: i64 = 3_600;

/// A moment that never comes.
pub(super) const NEVER: i64 = i64::MAX;

/// When the pools were made; transaction group 1.
pub(super) const POOL_BORN: i64 = 1_700_000_000;

/// Days counted from the midnight (UTC) of the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    midnight: i64,
}

impl Calendar {
    pub(super) fn new(start: Timestamp) -> Self {
        Self {
            midnight: start.as_second().div_euclid(DAY) * DAY,
        }
    }

    /// The moment of a day's world: 03:00 UTC, when the Kubernetes lists are read.
    pub(super) fn now(self, day: usize) -> i64 {
        self.midnight(day) + 3 * HOUR
    }

    /// When the appliance is read: Kubernetes first, then TrueNAS.
    pub(super) fn appliance_now(self, day: usize) -> i64 {
        self.now(day) + 30
    }

    /// When a change that a day's world shows for the first time happened.
    pub(super) fn onset(self, day: usize) -> i64 {
        self.now(day) - 5 * HOUR
    }

    /// Midnight of a day: the run of the periodic snapshot task.
    pub(super) fn midnight(self, day: usize) -> i64 {
        self.midnight + day as i64 * DAY
    }
}

/// RFC 3339 in UTC, whole seconds.
pub(super) fn rfc3339(second: i64) -> String {
    let time = civil(second);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// A name of the schema `auto-%Y-%m-%d_%H-%M`.
pub(super) fn run_name(second: i64) -> String {
    let time = civil(second);
    format!(
        "auto-{:04}-{:02}-{:02}_{:02}-{:02}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute()
    )
}

/// The date as `20260302`, for names.
pub(super) fn compact_date(second: i64) -> String {
    let time = civil(second);
    format!("{:04}{:02}{:02}", time.year(), time.month(), time.day())
}

/// The text form of `creation`, as the appliance prints it.
pub(super) fn wall_text(second: i64) -> String {
    let time = civil(second);
    let month = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ][usize::from(time.month().unsigned_abs() - 1)];
    let weekday = match time.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    };
    format!(
        "{weekday} {month} {:2} {:2}:{:02} {}",
        time.day(),
        time.hour(),
        time.minute(),
        time.year()
    )
}

/// The transaction group open at a moment: one every five seconds.
pub(super) fn txg(second: i64) -> u64 {
    u64::try_from((second - POOL_BORN) / 5).unwrap_or(0) + 4
}

fn civil(second: i64) -> DateTime {
    TimeZone::UTC.to_datetime(Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_at_noon_still_gives_worlds_at_three() {
        let calendar = Calendar::new("2026-03-02T12:34:56Z".parse().unwrap());
        assert_eq!(rfc3339(calendar.now(0)), "2026-03-02T03:00:00Z");
        assert_eq!(rfc3339(calendar.now(30)), "2026-04-01T03:00:00Z");
    }

    #[test]
    fn run_names_follow_the_schema() {
        let calendar = Calendar::new("2025-12-28T00:00:00Z".parse().unwrap());
        assert_eq!(run_name(calendar.midnight(0)), "auto-2025-12-28_00-00");
        assert_eq!(wall_text(calendar.midnight(0)), "Sun Dec 28  0:00 2025");
    }
}
