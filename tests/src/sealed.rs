//! Real bundles without a run: a chain with any numbers, neighbours, times and recipients.

use std::fs;
use std::path::{Path, PathBuf};

use truenas_common::bundle::{
    BundleInfo, BundleName, BundleWriter, Capture, NO_DIGEST, PrevReason, Recipient, SCHEMA,
    SiteName, SiteSecretKey,
};
use truenas_common::time::Time;

/// First second of the day before the first bundle.
const START: i64 = 1_795_459_200;

const DAY: i64 = 86_400;

/// A writer of bundles of one site.
#[derive(Debug)]
pub struct Sealer {
    folder: PathBuf,
    site: String,
    key: SiteSecretKey,
    recipient: Recipient,
}

/// Place of a bundle in a chain.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// Chain id, 16 hexadecimal digits.
    pub stream: &'a str,
    /// Number; the bundle is made on the day of this number.
    pub seq: u64,
    /// SHA-256 of the bundle before, or nothing.
    pub prev: Option<&'a str>,
    /// Why the chain begins or goes on.
    pub reason: PrevReason,
    /// Seconds after the time that the number gives.
    pub delay_secs: i64,
}

impl<'a> Place<'a> {
    /// A place in the usual order.
    #[must_use]
    pub fn new(stream: &'a str, seq: u64, prev: Option<&'a str>) -> Self {
        Self {
            stream,
            seq,
            prev,
            reason: PrevReason::Normal,
            delay_secs: 0,
        }
    }
}

impl Sealer {
    /// Writes into `folder`, made when missing, for one recipient.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn new(folder: &Path, site: &str, key: SiteSecretKey, recipient: Recipient) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        Self {
            folder: folder.to_owned(),
            site: site.to_owned(),
            key,
            recipient,
        }
    }

    /// Writes a bundle without rows and its signature; gives back its path and digest.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn write(&self, place: &Place<'_>) -> (PathBuf, String) {
        let day = i64::try_from(place.seq).expect("a small number");
        let time = Time::from_unix_secs(START + day * DAY + place.delay_secs);
        let site = SiteName::parse(&self.site).expect("a site name");
        let name = BundleName::new(site, place.seq, time);
        let info = BundleInfo {
            schema: SCHEMA.to_owned(),
            bundle: name.to_string(),
            site: self.site.clone(),
            stream: place.stream.to_owned(),
            seq: place.seq,
            prev: place.prev.unwrap_or(NO_DIGEST).to_owned(),
            recipients: vec![self.recipient.as_str().to_owned()],
            prev_reason: place.reason,
            site_key_sha256: None,
            captured: None,
            clock: None,
            expected_every_secs: Some(86_400),
            collector: None,
            redaction: None,
            plan: Vec::new(),
            marks: Vec::new(),
            case: None,
            suite: String::new(),
        };
        let recipients = [self.recipient.clone()];
        let writer = BundleWriter::create(Vec::new(), info, &recipients, time).expect("a bundle");
        let capture = Capture {
            started_at: time,
            ended_at: time,
        };
        let sealed = writer.finish(capture, &self.key).expect("a bundle");
        let path = self.folder.join(name.file_name());
        let signature = self.folder.join(format!("{}.minisig", name.file_name()));
        let text = sealed.sign(&self.key).to_text("test");
        fs::write(&path, &sealed.out).expect("the folder can be written");
        fs::write(signature, text).expect("the folder can be written");
        (path, sealed.sha256)
    }
}
