//! Composes `bundle.json`: what is known when the run begins.

use truenas_common::bundle::{
    BundleInfo, BundleName, Captured, Collector, Recipient, Redaction, SCHEMA, SitePublicKey,
};
use truenas_common::time::Time;

use crate::config::Config;
use crate::run::{Options, forecast, marks};
use crate::state::Place;

/// Algorithms, by the names of their formats.
const SUITE: &str = "minisign-ED+age-X25519+zstd+bagit1.0";

/// What it is composed from.
pub(super) struct Context<'a> {
    pub(super) config: &'a Config,
    pub(super) options: &'a Options,
    pub(super) place: &'a Place,
    pub(super) recipients: &'a [Recipient],
    pub(super) key: &'a SitePublicKey,
    pub(super) key_check: &'a str,
}

/// The whole of `bundle.json`.
pub(super) fn bundle_info(
    context: &Context<'_>,
    name: &BundleName,
    started_at: Time,
) -> BundleInfo {
    let config = context.config;
    let given = context.options.given_time.map(|_| "given".to_owned());
    BundleInfo {
        schema: SCHEMA.to_owned(),
        bundle: name.to_string(),
        site: config.site.to_string(),
        stream: context.place.stream.clone(),
        seq: context.place.seq,
        prev: context.place.prev.clone(),
        recipients: context
            .recipients
            .iter()
            .map(|recipient| recipient.as_str().to_owned())
            .collect(),
        prev_reason: context.place.reason,
        site_key_sha256: Some(context.key.fingerprint().to_string()),
        captured: Some(Captured {
            start: started_at.to_string(),
        }),
        clock: given,
        expected_every_secs: Some(config.expected_every_secs),
        collector: Some(Collector {
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
        redaction: Some(Redaction {
            profile: config.profile.word().to_owned(),
            key_check: context.key_check.to_owned(),
            epoch: config.epoch,
        }),
        plan: forecast::plan(config),
        marks: marks::marks(config, context.options, context.place, started_at),
        case: context.options.case.clone(),
        suite: SUITE.to_owned(),
    }
}
