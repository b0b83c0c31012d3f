//! Real bundles for tests, written without a run.

use std::path::Path;

use truenas_common::bundle::{
    BundleInfo, BundleName, BundleWriter, Capture, Identity, NO_DIGEST, PrevReason, SCHEMA,
    SiteName, SiteSecretKey,
};
use truenas_common::time::Time;

pub(crate) fn site() -> SiteName {
    SiteName::parse("k3f9").unwrap()
}

pub(crate) fn key(seed: u8) -> SiteSecretKey {
    SiteSecretKey::new(&[seed; 32], [seed; 8])
}

/// A day for each number.
pub(crate) fn time(seq: u64) -> Time {
    Time::from_unix_secs(1_795_459_200 + seq as i64 * 86_400)
}

/// Writes a bundle that begins a chain or stands in one without a neighbour.
pub(crate) fn write_at(folder: &Path, stream: &str, seq: u64, key: &SiteSecretKey) -> String {
    write(folder, (stream, seq, NO_DIGEST), PrevReason::Normal, key)
}

/// Writes a bundle and returns its digest.
pub(crate) fn write(
    folder: &Path,
    (stream, seq, prev): (&str, u64, &str),
    prev_reason: PrevReason,
    key: &SiteSecretKey,
) -> String {
    let recipient = Identity::generate().recipient();
    let name = BundleName::new(site(), seq, time(seq));
    let info = BundleInfo {
        schema: SCHEMA.to_owned(),
        bundle: name.to_string(),
        site: site().to_string(),
        stream: stream.to_owned(),
        seq,
        prev: prev.to_owned(),
        recipients: vec![recipient.as_str().to_owned()],
        prev_reason,
        site_key_sha256: None,
        captured: None,
        clock: None,
        expected_every_secs: None,
        collector: None,
        redaction: None,
        plan: Vec::new(),
        marks: Vec::new(),
        case: None,
        suite: String::new(),
    };
    let (started_at, ended_at) = (time(seq), time(seq));
    let writer = BundleWriter::create(Vec::new(), info, &[recipient], started_at).unwrap();
    let capture = Capture {
        started_at,
        ended_at,
    };
    let sealed = writer.finish(capture, key).unwrap();
    let path = folder.join(name.file_name());
    let signature = folder.join(format!("{}.minisig", name.file_name()));
    std::fs::write(path, &sealed.out).unwrap();
    std::fs::write(signature, sealed.sign(key).to_text("test")).unwrap();
    sealed.sha256
}
