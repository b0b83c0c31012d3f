//! Numbers as readers see them: `{raw, unit, text}`, rounded and worded here and nowhere else.
//!
//! Every rounding names its direction, so that a reader who trusts the text is never worse off than the truth:
//! free space and days left go [`Round::Down`], used space and ratios go [`Round::Up`].

mod scale;

use serde::{Deserialize, Serialize};

pub use scale::Scale;

/// Narrow no-break space: between a number and its unit, and between groups of three digits.
pub const THIN: char = '\u{202F}';

/// What one step of `raw` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Bytes a day.
    BytesPerDay,
    /// Things counted.
    Count,
    /// Seconds.
    Seconds,
    /// Tenths of a percent.
    PerMille,
    /// Thousandths of a ratio to one.
    MilliRatio,
    /// Points of a score between 0 and 100.
    Points,
}

/// Which way a text may differ from its raw value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Never above the raw value: free space, reclaimable space, days left.
    Down,
    /// Never below the raw value: used space, ratios, ages.
    Up,
}

/// One number: `raw` for machines, `text` for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The exact value in steps of `unit`; absent when it is not known.
    pub raw: Option<i64>,
    /// What one step of `raw` means.
    pub unit: Unit,
    /// The value with its unit, rounded and worded; never a bare `0 %` or `-`.
    pub text: String,
}

impl Number {
    fn known(raw: i64, unit: Unit, text: String) -> Self {
        Self {
            raw: Some(raw),
            unit,
            text,
        }
    }

    /// A number that was not read, with the reason: `not collected (permission denied)`.
    #[must_use]
    pub fn not_collected(unit: Unit, reason: &str) -> Self {
        Self {
            raw: None,
            unit,
            text: format!("not collected ({reason})"),
        }
    }

    /// An amount of money nobody gave a price for; never zero.
    #[must_use]
    pub fn not_priced() -> Self {
        Self {
            raw: None,
            unit: Unit::Count,
            text: "not priced".to_owned(),
        }
    }

    /// A number that has no meaning here, with the reason in words.
    #[must_use]
    pub fn not_known(unit: Unit, words: &str) -> Self {
        Self {
            raw: None,
            unit,
            text: words.to_owned(),
        }
    }

    /// An exact count, thousands grouped.
    #[must_use]
    pub fn count(n: i64) -> Self {
        Self::known(n, Unit::Count, grouped(i128::from(n)))
    }

    /// A count with its noun: `1 finding`, `12 findings`.
    #[must_use]
    pub fn count_of(n: i64, one: &str, many: &str) -> Self {
        let noun = if n == 1 { one } else { many };
        Self::known(n, Unit::Count, format!("{} {noun}", grouped(i128::from(n))))
    }

    /// A part of a whole, exactly: `18 of 21`.
    #[must_use]
    pub fn part(n: i64, whole: i64) -> Self {
        Self::known(
            n,
            Unit::Count,
            format!(
                "{} of {}",
                grouped(i128::from(n)),
                grouped(i128::from(whole))
            ),
        )
    }

    /// A count that is honest about zero: `none found (40 checked)`.
    #[must_use]
    pub fn found(n: i64, n_checked: i64) -> Self {
        if n == 0 && n_checked == 0 {
            return Self::known(0, Unit::Count, "none found (nothing to check)".to_owned());
        }
        if n == 0 {
            let text = format!("none found ({} checked)", grouped(i128::from(n_checked)));
            return Self::known(0, Unit::Count, text);
        }
        Self::part(n, n_checked)
    }

    /// Bytes with three significant digits in the unit that fits.
    #[must_use]
    pub fn bytes(raw: i64, round: Round) -> Self {
        Self::known(
            raw,
            Unit::Bytes,
            Scale::fitting(raw, round).text(raw, round),
        )
    }

    /// Bytes in the unit of their column.
    #[must_use]
    pub fn bytes_in(raw: i64, scale: Scale, round: Round) -> Self {
        Self::known(raw, Unit::Bytes, scale.text(raw, round))
    }

    /// A growth rate: `17.2 GiB/day`.
    #[must_use]
    pub fn bytes_per_day(raw: i64, round: Round) -> Self {
        Self::known(
            raw,
            Unit::BytesPerDay,
            format!("{}/day", Scale::fitting(raw, round).text(raw, round)),
        )
    }

    /// A share with one decimal, `82.4 %`, never above 999 %.
    #[must_use]
    pub fn share(part: i64, whole: i64, round: Round) -> Self {
        if whole == 0 {
            return Self::not_known(Unit::PerMille, "no whole to compare with");
        }
        let per_mille = divided(i128::from(part) * 1000, i128::from(whole), round);
        Self::per_mille(clamped(per_mille))
    }

    /// A share given in tenths of a percent.
    #[must_use]
    pub fn per_mille(raw: i64) -> Self {
        if raw > 9_990 {
            return Self::known(raw, Unit::PerMille, format!("over 999{THIN}%"));
        }
        let sign = if raw < 0 { "-" } else { "" };
        let (whole, tenth) = (raw.unsigned_abs() / 10, raw.unsigned_abs() % 10);
        Self::known(raw, Unit::PerMille, format!("{sign}{whole}.{tenth}{THIN}%"))
    }

    /// A whole percent, without a decimal that nobody measured: what was rounded before is not told as exact.
    #[must_use]
    pub fn percent(raw: i64) -> Self {
        let per_mille = raw.saturating_mul(10);
        match raw {
            1_000.. => Self::per_mille(per_mille),
            _ => Self::known(per_mille, Unit::PerMille, format!("{raw}{THIN}%")),
        }
    }

    /// A ratio to one with two decimals: `2.35:1`.
    #[must_use]
    pub fn ratio(part: i64, whole: i64, round: Round) -> Self {
        if whole == 0 {
            return Self::not_known(Unit::MilliRatio, "no whole to compare with");
        }
        let milli = divided(i128::from(part) * 1000, i128::from(whole), round);
        let hundredths = divided(milli, 10, round);
        let text = format!(
            "{}.{:02}:1",
            grouped(hundredths / 100),
            hundredths.unsigned_abs() % 100
        );
        Self::known(clamped(milli), Unit::MilliRatio, text)
    }

    /// A duration in at most two units: `8 s`, `4 min 10 s`, `12 d`.
    #[must_use]
    pub fn duration(seconds: i64, round: Round) -> Self {
        Self::known(seconds, Unit::Seconds, duration_text(seconds, round))
    }

    /// Whole days: `12 d`.
    #[must_use]
    pub fn days(seconds: i64, round: Round) -> Self {
        let days = divided(i128::from(seconds), 86_400, round);
        Self::known(seconds, Unit::Seconds, format!("{}{THIN}d", grouped(days)))
    }

    /// A score from 0 to 100.
    #[must_use]
    pub fn points(n: i64) -> Self {
        Self::known(n, Unit::Points, n.to_string())
    }

    /// The same number with other words around it, for a sentence that needs them.
    #[must_use]
    pub fn worded(mut self, words: impl FnOnce(&str) -> String) -> Self {
        self.text = words(&self.text);
        self
    }
}

/// Division towards the side `round` names, for negative numbers too.
fn divided(value: i128, by: i128, round: Round) -> i128 {
    let floor = value.div_euclid(by);
    match round {
        Round::Down => floor,
        Round::Up => floor + i128::from(value.rem_euclid(by) != 0),
    }
}

fn clamped(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// Groups thousands by a thin space.
fn grouped(n: i128) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

fn duration_text(seconds: i64, round: Round) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let s = i128::from(seconds.unsigned_abs());
    let pair = |big: i128, small: i128, big_name: &str, small_name: &str| {
        let total = divided(s, small, round);
        let (whole, rest) = (total / (big / small), total % (big / small));
        match rest {
            0 => format!("{sign}{whole}{THIN}{big_name}"),
            _ => format!("{sign}{whole}{THIN}{big_name} {rest}{THIN}{small_name}"),
        }
    };
    match s {
        0..60 => format!("{sign}{s}{THIN}s"),
        60..3_600 => pair(60, 1, "min", "s"),
        3_600..86_400 => pair(3_600, 60, "h", "min"),
        86_400..864_000 => pair(86_400, 3_600, "d", "h"),
        _ => format!("{sign}{}{THIN}d", grouped(divided(s, 86_400, round))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(number: &Number) -> String {
        number.text.replace(THIN, " ")
    }

    #[track_caller]
    fn check(number: Number, text: &str) {
        assert_eq!(plain(&number), text);
    }

    const GIB: i64 = 1 << 30;

    #[test]
    fn used_space_is_never_understated_and_free_space_never_overstated() {
        check(Number::bytes(GIB + 1, Round::Up), "1.01 GiB");
        check(Number::bytes(GIB + 1, Round::Down), "1.00 GiB");
        check(Number::bytes(1_999 * GIB / 1_000, Round::Down), "1.99 GiB");
        check(Number::bytes(214 * GIB + 1, Round::Up), "215 GiB");
        check(Number::bytes(-GIB - 1, Round::Down), "-1.01 GiB");
        check(Number::bytes(-GIB - 1, Round::Up), "-1.00 GiB");
    }

    #[test]
    fn three_digits_move_to_the_next_unit_before_a_fourth() {
        check(Number::bytes(999, Round::Up), "999 B");
        check(Number::bytes(1_000, Round::Up), "0.977 KiB");
        check(Number::bytes(1_010 * GIB, Round::Down), "0.986 TiB");
        check(Number::bytes(999 * GIB + 1, Round::Up), "0.976 TiB");
        check(Number::bytes(0, Round::Up), "0 B");
        check(Number::bytes(i64::MAX, Round::Up), "8 192 PiB");
    }

    #[test]
    fn a_column_has_one_unit() {
        let scale = Scale::for_column([3 * GIB, 5_000 * GIB]);
        check(Number::bytes_in(3 * GIB, scale, Round::Up), "0.003 TiB");
        check(
            Number::bytes_in(5_000 * GIB, scale, Round::Down),
            "4.88 TiB",
        );
        check(Number::bytes_in(0, scale, Round::Down), "0 TiB");
    }

    #[test]
    fn zero_says_how_many_were_looked_at() {
        check(Number::found(0, 40), "none found (40 checked)");
        check(Number::found(3, 1_240), "3 of 1 240");
        check(Number::found(0, 0), "none found (nothing to check)");
        check(
            Number::not_collected(Unit::Bytes, "permission denied"),
            "not collected (permission denied)",
        );
    }

    #[test]
    fn shares_and_ratios_round_to_the_side_asked_for() {
        check(Number::share(8_231, 10_000, Round::Up), "82.4 %");
        check(Number::share(8_231, 10_000, Round::Down), "82.3 %");
        check(Number::share(50_000, 1_000, Round::Up), "over 999 %");
        check(Number::percent(94), "94 %");
        check(Number::percent(1_200), "over 999 %");
        assert_eq!(
            Number::percent(94).raw,
            Number::share(94, 100, Round::Up).raw
        );
        check(Number::ratio(2_341, 1_000, Round::Up), "2.35:1");
        check(Number::ratio(2_349, 1_000, Round::Down), "2.34:1");
        assert_eq!(Number::share(1, 0, Round::Up).raw, None);
    }

    #[test]
    fn durations_have_at_most_two_units() {
        check(Number::duration(8, Round::Up), "8 s");
        check(Number::duration(250, Round::Up), "4 min 10 s");
        check(Number::duration(7_199, Round::Up), "2 h");
        check(Number::duration(12 * 86_400 + 5, Round::Down), "12 d");
        check(Number::days(12 * 86_400 + 5, Round::Up), "13 d");
    }
}
