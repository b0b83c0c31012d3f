//! Where the chain of bundles stands: `chain.json` beside the bundles.
//!
//! The writer named in it is the fingerprint of the site key. The key is the one thing that a run needs and that never
//! lies in the output folder, so it is the part kept outside; the folder's own random id is the stream, made with the
//! file. A `chain.json` that was written with another key, or that is older than a bundle beside it which this key
//! signed, does not continue: a new stream begins and says why.

pub(crate) mod found;
mod rotated;
mod sources;
#[cfg(test)]
pub(crate) mod written;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use truenas_common::bundle::{NO_DIGEST, PrevReason, SiteName, SitePublicKey};
use truenas_common::time::Time;

use crate::output;
use found::{Ahead, ahead};
pub(crate) use sources::Sources;

/// Name of the file.
const NAME: &str = "chain.json";
const MAX_BYTES: u64 = 4 << 10;

/// The folder or its state cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// Cannot read.
    #[error("cannot read `{path}`, which says where the chain of bundles stands")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Cannot write.
    #[error(
        "cannot write `{path}`, which says where the chain of bundles stands; the next run adopts this bundle"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// `chain.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chain {
    /// Chain id: 16 hexadecimal digits.
    pub(crate) stream: String,
    /// Number of the last bundle.
    pub(crate) seq: u64,
    /// SHA-256 of its encrypted file.
    pub(crate) last_sha256: String,
    /// When it was signed.
    pub(crate) last_utc: String,
    /// Fingerprint of the site key.
    pub(crate) writer: String,
    /// The public site key itself, so that a rotation statement can be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

/// What the next bundle says about its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Chain id.
    pub(crate) stream: String,
    /// Number.
    pub(crate) seq: u64,
    /// SHA-256 of the bundle before, or zeros.
    pub(crate) prev: String,
    /// Why.
    pub(crate) reason: PrevReason,
    /// When the bundle before, of whichever chain, was signed.
    pub(crate) last_at: Option<Time>,
    /// False for a run beside the schedule, which must not move the schedule's chain.
    moves_chain: bool,
}

/// Finds the place of the next bundle. `wanted` asks for a new stream; `id` is used as its name if one begins.
pub(crate) fn next(
    folder: &Path,
    site: &SiteName,
    key: &SitePublicKey,
    wanted: Option<PrevReason>,
    id: [u8; 8],
) -> Result<Place, StateError> {
    let chain = read(folder)?;
    let last_at = chain.as_ref().and_then(Chain::last_at);
    let begin = |reason, moves_chain| Place {
        stream: HEXLOWER.encode(&id),
        seq: 1,
        prev: NO_DIGEST.to_owned(),
        reason,
        last_at,
        moves_chain,
    };
    if let Some(reason) = wanted {
        let is_aside = reason == PrevReason::OnDemand && chain.is_some();
        return Ok(begin(reason, !is_aside));
    }
    let Some(chain) = chain else {
        let has_bundles = !found::bundles(folder, site)?.is_empty();
        let reason = match has_bundles || folder.join(NAME).exists() {
            true => PrevReason::StateLost,
            false => PrevReason::First,
        };
        return Ok(begin(reason, true));
    };
    let mut writers = vec![key.clone()];
    if chain.writer != key.fingerprint().to_string() {
        let Some(old) = rotated::predecessor(folder, site, key, &chain) else {
            return Ok(begin(PrevReason::StateRestored, true));
        };
        tracing::info!("site key was rotated; the chain goes on");
        writers.insert(0, old);
    }
    let mut chain = chain;
    for writer in &writers {
        chain = match ahead(folder, site, writer, &chain)? {
            Ahead::Nothing(chain) => chain,
            Ahead::Unlinked => return Ok(begin(PrevReason::StateRestored, true)),
        };
    }
    Ok(Place {
        last_at: chain.last_at(),
        stream: chain.stream,
        seq: chain.seq + 1,
        prev: chain.last_sha256,
        reason: PrevReason::Normal,
        moves_chain: true,
    })
}

/// Number of the next bundle of the folder's chain, as far as its state says.
pub(crate) fn next_seq(folder: &Path) -> Result<Option<u64>, StateError> {
    Ok(read(folder)?.map(|chain| chain.seq + 1))
}

impl Place {
    /// Records the bundle that took this place.
    pub(crate) fn taken(
        &self,
        folder: &Path,
        key: &SitePublicKey,
        sha256: &str,
        signed_at: Time,
    ) -> Result<(), StateError> {
        if !self.moves_chain {
            return Ok(());
        }
        let chain = Chain {
            stream: self.stream.clone(),
            seq: self.seq,
            last_sha256: sha256.to_owned(),
            last_utc: signed_at.to_string(),
            writer: key.fingerprint().to_string(),
            key: Some(key.to_text()),
        };
        let path = folder.join(NAME);
        let failed = |source| StateError::Write {
            path: path.clone(),
            source,
        };
        let mut json = serde_json::to_vec(&chain).map_err(|error| failed(error.into()))?;
        json.push(b'\n');
        output::replace(&path, &json).map_err(failed)
    }
}

/// Reads the file; one that is damaged is as good as lost, and the new chain says so.
fn read(folder: &Path) -> Result<Option<Chain>, StateError> {
    let path = folder.join(NAME);
    let failed = |source| StateError::Read {
        path: path.clone(),
        source,
    };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let chain: Option<Chain> = serde_json::from_slice(&bytes).ok();
    let chain = chain.filter(Chain::is_valid);
    if chain.is_none() {
        tracing::warn!("chain state is damaged; a new chain begins");
    }
    Ok(chain)
}

impl Chain {
    fn last_at(&self) -> Option<Time> {
        Time::parse(&self.last_utc)
    }

    fn is_valid(&self) -> bool {
        let is_hex = |text: &str, length| {
            text.len() == length
                && text
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        is_hex(&self.stream, 16)
            && is_hex(&self.last_sha256, 64)
            && (1..u64::MAX).contains(&self.seq)
    }
}

#[cfg(test)]
mod tests;
