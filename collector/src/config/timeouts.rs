//! How long to wait for servers: `timeouts: {connect: 10s, idle: 30s, request: 2m, login: 60s, call: 10m, pause: 60s}`.

use std::time::Duration;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::config::ConfigError;
use crate::source::Timeouts;

/// As it is written; what is not given keeps its default.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTimeouts {
    connect: Option<Spanned<String>>,
    idle: Option<Spanned<String>>,
    request: Option<Spanned<String>>,
    login: Option<Spanned<String>>,
    call: Option<Spanned<String>>,
    pause: Option<Spanned<String>>,
}

impl RawTimeouts {
    pub(super) fn check(self) -> Result<Timeouts, ConfigError> {
        let mut timeouts = Timeouts::default();
        for (text, limit) in [
            (self.connect, &mut timeouts.connect),
            (self.idle, &mut timeouts.idle),
            (self.request, &mut timeouts.request),
            (self.login, &mut timeouts.login),
            (self.call, &mut timeouts.call),
            (self.pause, &mut timeouts.pause),
        ] {
            let Some(text) = text else { continue };
            *limit = parse(&text.value).ok_or_else(|| ConfigError::Value {
                line: text.referenced.line(),
                key: "timeouts".into(),
                what: "write a time like 500ms, 10s or 2m".to_owned(),
            })?;
        }
        Ok(timeouts)
    }
}

/// Reads a time with its unit.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let unit_millis = match text.strip_prefix(digits)? {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    let millis = digits.parse::<u64>().ok()?.checked_mul(unit_millis)?;
    (millis > 0).then(|| Duration::from_millis(millis))
}
