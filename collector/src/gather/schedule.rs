//! Schedules of tasks, as far as checks need them: how long it can take from one run to the next.

use serde::Deserialize;

/// Minutes of a day.
const DAY_MINUTES: i64 = 24 * 60;

/// Days looked at: every weekday and every length of a year occur.
const DAYS: i64 = 4 * 365 + 1;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The five fields of cron, and the part of the day in which runs may begin. The text itself never leaves.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Schedule {
    minute: Option<String>,
    hour: Option<String>,
    dom: Option<String>,
    month: Option<String>,
    dow: Option<String>,
    begin: Option<String>,
    end: Option<String>,
}

impl Schedule {
    /// Reads the five fields of cron in one text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut fields = text
            .split_ascii_whitespace()
            .map(|field| Some(field.to_owned()));
        let schedule = Self {
            minute: fields.next()?,
            hour: fields.next()?,
            dom: fields.next()?,
            month: fields.next()?,
            dow: fields.next()?,
            begin: None,
            end: None,
        };
        fields.next().is_none().then_some(schedule)
    }

    /// Seconds between the two runs that are furthest apart; nothing when a field cannot be read or runs are rarer
    /// than every second year.
    pub(super) fn longest_gap_secs(&self) -> Option<i64> {
        let times = self.times_of_day()?;
        let (first, last) = (*times.first()?, *times.last()?);
        let inside = times.windows(2).map(|pair| pair[1] - pair[0]).max();
        let days = self.days()?;
        let between = days
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) * DAY_MINUTES - last + first)
            .max()?;
        Some(inside.map_or(between, |inside| inside.max(between)) * 60)
    }

    /// Minutes of the day at which runs begin.
    fn times_of_day(&self) -> Option<Vec<i64>> {
        let minutes = parse(self.minute.as_deref().unwrap_or("0"), 0, 59, &[])?;
        let hours = parse(self.hour.as_deref().unwrap_or("*"), 0, 23, &[])?;
        let begin = clock(self.begin.as_deref()).unwrap_or(0);
        let end = clock(self.end.as_deref()).unwrap_or(DAY_MINUTES - 1);
        let times = (0..DAY_MINUTES)
            .filter(|time| has(hours, time / 60) && has(minutes, time % 60))
            .filter(|time| (begin..=end).contains(time));
        Some(times.collect())
    }

    /// Days with runs, counted from a first of January that is a Monday of a leap year.
    fn days(&self) -> Option<Vec<i64>> {
        let (dom, dow) = (text(&self.dom), text(&self.dow));
        let days_of_month = parse(dom, 1, 31, &[])?;
        let months = parse(text(&self.month), 1, 12, &MONTHS)?;
        let weekdays = parse(dow, 0, 7, &WEEKDAYS)?;
        // Both 0 and 7 are Sunday.
        let weekdays = weekdays | (weekdays >> 7 & 1);
        let is_either = dom != "*" && dow != "*";
        let is_run = |day: &i64| {
            let (month, day_of_month) = date(*day);
            let is_dom = has(days_of_month, day_of_month);
            let is_dow = has(weekdays, (day + 1) % 7);
            let is_day = if is_either {
                is_dom || is_dow
            } else {
                is_dom && is_dow
            };
            has(months, month) && is_day
        };
        Some((0..DAYS).filter(is_run).collect())
    }
}

fn text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or("*")
}

fn has(set: u64, number: i64) -> bool {
    set >> number & 1 == 1
}

/// Month and day of the month.
fn date(day: i64) -> (i64, i64) {
    let is_leap = day < 366;
    let mut rest = if is_leap { day } else { (day - 366) % 365 };
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, length) in (1..).zip(lengths) {
        let length = length + i64::from(is_leap && month == 2);
        if rest < length {
            return (month, rest + 1);
        }
        rest -= length;
    }
    (12, 31)
}

/// Minutes since midnight.
fn clock(text: Option<&str>) -> Option<i64> {
    let mut parts = text?.split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    Some(hours * 60 + minutes)
}

/// The numbers of one field as bits.
fn parse(field: &str, lowest: i64, highest: i64, names: &[&str]) -> Option<u64> {
    let number = |text: &str| {
        let name = text.to_lowercase();
        let named = names.iter().position(|known| *known == name);
        let number = match named {
            // Months count from 1, weekdays from 0.
            Some(place) => i64::try_from(place).ok()? + lowest,
            None => text.parse().ok()?,
        };
        (lowest..=highest).contains(&number).then_some(number)
    };
    let mut set = 0;
    for item in field.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<usize>().ok()?)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None if range == "*" => (lowest, highest),
            None if step.is_some() => (number(range)?, highest),
            None => (number(range)?, number(range)?),
        };
        let step = step.unwrap_or(1);
        if step == 0 || first > last {
            return None;
        }
        for number in (first..=last).step_by(step) {
            set |= 1 << number;
        }
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;

    #[track_caller]
    fn check(json: &str, expected: Option<i64>) {
        let schedule: Schedule = serde_json::from_str(json).unwrap();
        assert_eq!(schedule.longest_gap_secs(), expected, "{json}");
    }

    #[test]
    fn gap_is_the_longest_of_nights_weekends_and_months() {
        check(r#"{"minute": "0", "hour": "0"}"#, Some(DAY));
        check(r#"{"minute": "*/15", "hour": "*"}"#, Some(HOUR / 4));
        check(r#"{"minute": "00", "hour": "8-18/2"}"#, Some(14 * HOUR));
        check(
            r#"{"minute": "0", "hour": "0", "dow": "1-5"}"#,
            Some(3 * DAY),
        );
        check(
            r#"{"minute": "0", "hour": "0", "dom": "1"}"#,
            Some(31 * DAY),
        );
        check(
            r#"{"minute": "0", "hour": "0", "dom": "1", "month": "jan"}"#,
            Some(366 * DAY),
        );
    }

    #[test]
    fn sunday_has_two_numbers_and_a_name() {
        for dow in ["0", "7", "sun"] {
            let json = format!(r#"{{"minute": "0", "hour": "0", "dow": "{dow}"}}"#);
            check(&json, Some(7 * DAY));
        }
    }

    #[test]
    fn either_kind_of_day_is_enough_when_both_are_given() {
        check(
            r#"{"minute": "0", "hour": "0", "dom": "1", "dow": "7"}"#,
            Some(7 * DAY),
        );
    }

    #[test]
    fn part_of_the_day_limits_the_runs() {
        check(
            r#"{"minute": "0", "hour": "*", "begin": "09:00", "end": "17:00"}"#,
            Some(16 * HOUR),
        );
    }

    #[test]
    fn field_that_cannot_be_read_gives_nothing() {
        for minute in ["60", "x", "5-1", "*/0", ""] {
            check(&format!(r#"{{"minute": "{minute}"}}"#), None);
        }
        check(
            r#"{"minute": "0", "hour": "0", "dom": "30", "month": "2"}"#,
            None,
        );
    }
}
