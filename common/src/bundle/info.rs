//! `bundle.json`: identity and context, as far as they are known when the run starts.

use serde::{Deserialize, Serialize};

/// Schema name of this format.
pub const SCHEMA: &str = "tsm.bundle/1";

/// The whole of `bundle.json`. Unknown fields are ignored: they are of a later minor version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleInfo {
    /// [`SCHEMA`].
    pub schema: String,
    /// Name of the bundle.
    pub bundle: String,
    /// Site.
    pub site: String,
    /// Chain id: 16 hexadecimal digits.
    pub stream: String,
    /// Number in the chain, from 1.
    pub seq: u64,
    /// SHA-256 of the previous encrypted file, or zeros.
    pub prev: String,
    /// Recipients the payload is encrypted to.
    pub recipients: Vec<String>,
    /// Why `prev` is what it is.
    #[serde(default)]
    pub prev_reason: PrevReason,
    /// SHA-256 of the public site key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_key_sha256: Option<String>,
    /// When reading began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Captured>,
    /// `given` when the clock was set on the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Seconds between planned runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_every_secs: Option<u64>,
    /// The program that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collector: Option<Collector>,
    /// What was done to names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<Redaction>,
    /// Lists the run set out to read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<PlannedList>,
    /// Names of unsafe options that were in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// Support case that a run on demand was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Algorithms.
    #[serde(default)]
    pub suite: String,
}

/// Why a chain begins or goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrevReason {
    /// The previous bundle is named.
    #[default]
    Normal,
    /// The first bundle of a site.
    First,
    /// The state file is gone.
    StateLost,
    /// The state file does not belong to this writer.
    StateRestored,
    /// A run outside the schedule.
    OnDemand,
    /// The operator asked for a new chain.
    OperatorReset,
}

impl PrevReason {
    /// The word in `bundle.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::First => "first",
            Self::StateLost => "state-lost",
            Self::StateRestored => "state-restored",
            Self::OnDemand => "on-demand",
            Self::OperatorReset => "operator-reset",
        }
    }
}

/// When reading began; the end is in `bag-info.txt`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// RFC 3339.
    pub start: String,
}

/// The program that wrote the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collector {
    /// Version.
    pub version: String,
}

/// What was done to names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// `standard` or `open`.
    pub profile: String,
    /// 128 bits that contradict a changed pseudonym key.
    pub key_check: String,
    /// Number of the pseudonym key, from 1.
    pub epoch: u64,
}

/// One list the run set out to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedList {
    /// `kubernetes` or `truenas`.
    pub source: String,
    /// Resource path or method.
    pub list: String,
    /// Tables it fills.
    pub tables: Vec<String>,
}

impl BundleInfo {
    /// Whether the required fields hold what they must.
    pub(super) fn is_valid(&self) -> bool {
        let is_hex = |text: &str, length| {
            text.len() == length
                && text
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        self.schema == SCHEMA && self.seq > 0 && is_hex(&self.stream, 16) && is_hex(&self.prev, 64)
    }
}
