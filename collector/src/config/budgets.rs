//! How much of a run each source may use:
//! `budgets: {run: 25m, kubernetes: {time: 10m, bytes: 1GiB}, truenas: {time: 10m, bytes: 1GiB}}`.

use std::time::Duration;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::config::{ConfigError, timeouts};

/// Time and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// The longest that one source is read.
    pub(crate) time: Duration,
    /// The most that is read of one source.
    pub(crate) bytes: u64,
}

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budgets {
    /// The whole run; the manifests of the job end it after half an hour.
    pub(crate) run: Duration,
    /// The cluster; the volumes that are read once more have a share of the same size.
    pub(crate) kubernetes: Share,
    /// Each appliance.
    pub(crate) truenas: Share,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Default for Budgets {
    fn default() -> Self {
        let share = Share {
            time: 10 * MINUTE,
            bytes: 1 << 30,
        };
        Self {
            run: 25 * MINUTE,
            kubernetes: share,
            truenas: share,
        }
    }
}

/// As it is written; what is not given keeps its default.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBudgets {
    run: Option<Spanned<String>>,
    kubernetes: Option<RawShare>,
    truenas: Option<RawShare>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShare {
    time: Option<Spanned<String>>,
    bytes: Option<Spanned<String>>,
}

impl RawBudgets {
    pub(super) fn check(self) -> Result<Budgets, ConfigError> {
        let mut budgets = Budgets::default();
        if let Some(text) = self.run {
            budgets.run = time(&text)?;
        }
        for (raw, share) in [
            (self.kubernetes, &mut budgets.kubernetes),
            (self.truenas, &mut budgets.truenas),
        ] {
            let raw = raw.unwrap_or_default();
            if let Some(text) = raw.time {
                share.time = time(&text)?;
            }
            if let Some(text) = raw.bytes {
                let what = "write a size like 64MiB or 1GiB";
                share.bytes = bytes(&text.value).ok_or_else(|| refused(&text, what))?;
            }
        }
        Ok(budgets)
    }
}

fn time(text: &Spanned<String>) -> Result<Duration, ConfigError> {
    let what = "write a time like 90s or 10m";
    timeouts::parse(&text.value).ok_or_else(|| refused(text, what))
}

fn refused(text: &Spanned<String>, what: &str) -> ConfigError {
    ConfigError::Value {
        line: text.referenced.line(),
        key: "budgets".into(),
        what: what.to_owned(),
    }
}

fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let shift = match text.strip_prefix(digits)? {
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    let bytes = digits.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    (bytes > 0).then_some(bytes)
}
