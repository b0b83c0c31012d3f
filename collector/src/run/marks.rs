//! Marks of a bundle: unsafe options that are in force, and a clock that cannot be right. The report shows them.

use truenas_common::time::Time;

use crate::config::Config;
use crate::run::Options;
use crate::source::MinTls;
use crate::source::truenas::AuthMode;
use crate::state::Place;

/// A TrueNAS credential that can write is accepted.
const WRITE_CREDENTIAL: &str = "allow-write-credential";

/// The key is sent as it is, also to an appliance that has SCRAM.
const PLAIN_KEY: &str = "api-key-plain-on-scram";

/// The clock is behind the last bundle of this folder.
const CLOCK_BEFORE_LAST: &str = "clock-before-last";

/// An appliance may speak an older TLS.
const MIN_TLS: &str = "min-tls-1.2";

/// The marks of a run that begins at this time, sorted.
pub(super) fn marks(
    config: &Config,
    options: &Options,
    place: &Place,
    started_at: Time,
) -> Vec<String> {
    let appliances = || config.truenas.iter();
    let is_before = |last: Time| started_at.unix_secs() < last.unix_secs();
    let is_in_force = [
        (WRITE_CREDENTIAL, options.allow_write_credential),
        (
            PLAIN_KEY,
            appliances().any(|appliance| appliance.auth == AuthMode::ApiKey),
        ),
        (CLOCK_BEFORE_LAST, place.last_at.is_some_and(is_before)),
        (
            MIN_TLS,
            appliances().any(|appliance| appliance.min_tls == MinTls::Tls12),
        ),
    ];
    let marks = is_in_force.into_iter().filter(|(_, is_it)| *is_it);
    let marks: Vec<String> = marks.map(|(mark, _)| mark.to_owned()).collect();
    for mark in &marks {
        tracing::warn!(mark, "bundle is marked");
    }
    marks
}
