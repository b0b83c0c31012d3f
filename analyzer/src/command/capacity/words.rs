//! How spaces, paces and dates are said, to people and to machines.

use serde_json::{Value as Json, json};
use truenas_common::time::Time;

use crate::growth::Growth;
use crate::report::number::{Number, Round, THIN};
use crate::trend::{Band, Forecast, Quality, Trend};

const DAY_SECS: f64 = 86_400.0;

/// A number without thin spaces.
pub(crate) fn plain(number: &Number) -> String {
    number.text.replace(THIN, " ")
}

pub(crate) fn bytes(value: f64, round: Round) -> String {
    plain(&Number::bytes(value as i64, round))
}

/// A change, with its sign.
pub(crate) fn change(value: i64) -> String {
    let sign = if value > 0 { "+" } else { "" };
    format!("{sign}{}", plain(&Number::bytes(value, Round::Up)))
}

pub(crate) fn day(at: i64) -> String {
    Time::from_unix_secs(at).day()
}

pub(crate) fn time(at: i64) -> String {
    Time::from_unix_secs(at).to_string()
}

/// What is said of a level.
pub(crate) struct Said {
    pub(crate) state: &'static str,
    /// Early, median and late day.
    pub(crate) dates: [Option<String>; 3],
    pub(crate) reason: Option<String>,
}

/// Days are counted from a reading; early dates are rounded down and late ones up.
pub(crate) fn said(read_at: i64, forecast: Option<&Forecast>) -> Said {
    let none = |state, reason| Said {
        state,
        dates: [None, None, None],
        reason,
    };
    match forecast {
        Some(Forecast::Reached) => none("reached", None),
        Some(Forecast::Within(
            Band {
                early,
                median,
                late,
            },
            quality,
        )) => Said {
            state: match quality {
                Quality::Good => "good",
                Quality::Weak => "weak",
            },
            dates: [early.floor(), *median, (late + 1.0).floor()].map(|days| date(read_at, days)),
            reason: None,
        },
        Some(Forecast::Refused(refusal)) => none("no-date", Some(refusal.to_string())),
        None => none("no-date", None),
    }
}

fn date(read_at: i64, days: f64) -> Option<String> {
    days.is_finite().then(|| {
        let secs = (days * DAY_SECS).round() as i64;
        day(read_at.saturating_add(secs))
    })
}

impl Said {
    pub(crate) fn text(self) -> String {
        match (self.state, self.dates) {
            ("reached", _) => "reached".to_owned(),
            (state, [Some(early), median, late]) => {
                let median = median.unwrap_or_default();
                let late = late.unwrap_or_else(|| "later".to_owned());
                format!("{early} .. {late}, median {median} ({state})")
            }
            _ => format!("no date: {}", self.reason.unwrap_or_default()),
        }
    }

    pub(crate) fn json(self) -> Json {
        let [early, median, late] = self.dates;
        json!({
            "state": self.state, "early": early, "median": median, "late": late,
            "reason": self.reason,
        })
    }
}

/// Bytes a day with the band, where it is more than a point.
pub(crate) fn pace(slope: f64, (low, high): (f64, f64)) -> String {
    let band = if low < high {
        format!(
            " ({} to {})",
            bytes(low, Round::Down),
            bytes(high, Round::Up)
        )
    } else {
        String::new()
    };
    format!("{}/day{band}", bytes(slope, Round::Up))
}

/// The error of past forecasts, where there were some.
pub(crate) fn missed(trend: &Trend, amount: impl Fn(f64, Round) -> String) -> Option<String> {
    let backtest = trend.backtest.as_ref()?;
    let median = amount(backtest.median, Round::Up);
    let max = amount(backtest.max, Round::Up);
    let ahead = trend.span / 3.0;
    Some(format!(
        "by {median} (most {max}) when asked {ahead:.0} days before"
    ))
}

/// The growth of a sum in words.
pub(crate) fn growth(growth: Option<&Growth>) -> String {
    let Some(growth) = growth else {
        return "not told: it was not read".to_owned();
    };
    match (growth.pace(), growth.refusal) {
        (Some((slope, band)), _) => pace(slope, band),
        (None, Some(refusal)) => format!("not told: {refusal}"),
        (None, None) => "not told".to_owned(),
    }
}

/// The growth of a sum for machines.
pub(crate) fn growth_json(growth: Option<&Growth>) -> Json {
    let Some(growth) = growth else {
        return Json::Null;
    };
    let reading = |(at, bytes): (i64, i64)| json!({"at": time(at), "bytes": bytes});
    let pace = growth.pace();
    json!({
        "first": reading(growth.first),
        "last": reading(growth.last),
        "change_bytes": growth.delta(),
        "slope_bytes_per_day": pace.map(|(slope, _)| slope.round()),
        "slope_low": pace.map(|(_, (low, _))| low.round()),
        "slope_high": pace.map(|(_, (_, high))| high.round()),
        "reason": growth.refusal.map(|refusal| refusal.to_string()),
        "n_readings": growth.trend.n_readings,
        "since": time(growth.trend.since),
        "is_after_step": growth.trend.is_after_step,
        "outliers": growth.trend.outliers.iter().map(|at| time(*at)).collect::<Vec<_>>(),
        "p": growth.trend.significance.map(|significance| significance.p),
        "backtest_median": growth.trend.backtest.map(|backtest| backtest.median.round()),
    })
}

/// Change, slope, its band and the reason in cells of a CSV line.
pub(crate) fn growth_cells(growth: Option<&Growth>) -> [String; 5] {
    let Some(growth) = growth else {
        return [const { String::new() }; 5];
    };
    let cell = |value: Option<f64>| value.map(|value| format!("{value:.0}")).unwrap_or_default();
    let pace = growth.pace();
    [
        growth.delta().to_string(),
        cell(pace.map(|(slope, _)| slope)),
        cell(pace.map(|(_, (low, _))| low)),
        cell(pace.map(|(_, (_, high))| high)),
        growth
            .refusal
            .map(|refusal| refusal.to_string())
            .unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trend::Refusal;

    #[test]
    fn early_days_are_rounded_down_and_late_ones_up() {
        let band = Band {
            early: 1.9,
            median: 3.0,
            late: 4.1,
        };
        let within = Forecast::Within(band, Quality::Weak);
        assert_eq!(
            said(0, Some(&within)).text(),
            "1970-01-02 .. 1970-01-06, median 1970-01-04 (weak)"
        );
        let open = Forecast::Within(
            Band {
                late: f64::INFINITY,
                ..band
            },
            Quality::Good,
        );
        assert!(said(0, Some(&open)).text().contains(".. later,"));
        let refused = Forecast::Refused(Refusal::NoGrowth);
        assert_eq!(
            said(0, Some(&refused)).text(),
            "no date: no growth detected"
        );
        assert_eq!(said(0, Some(&Forecast::Reached)).text(), "reached");
    }

    #[test]
    fn a_pace_without_a_band_is_one_number() {
        let gib = f64::from(1 << 30);
        assert_eq!(pace(gib, (gib, gib)), "1.00 GiB/day");
        assert_eq!(
            pace(gib, (gib / 2.0, 2.0 * gib)),
            "1.00 GiB/day (512 MiB to 2.00 GiB)"
        );
        assert_eq!(change(-1 << 30), "-1.00 GiB");
        assert_eq!(change(1 << 30), "+1.00 GiB");
    }
}
